# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask one host what makes its kernel memory grow: question by question, until it is answered."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from datetime import datetime, timezone

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..plugin_utils._plain import to_plain
from ..plugin_utils.investigate.asking import ask_all
from ..plugin_utils.investigate.document import failed_document, host_document
from ..plugin_utils.investigate.program import program
from ..plugin_utils.investigate.settings import Arguments, argument_spec, settings
from ..plugin_utils.investigate.whole import earlier_answer
from ..plugin_utils.model.times import utc_text
from ..plugin_utils.run.outcome import GatheringError, module_failure
from ..plugin_utils.transport.lean import Answer, command_for_input, command_with_program, read_answer
from .kernel_memory_facts import ActionModule as _FactsAction

_MODULE = "fleetaudit.kernel_memory.kernel_memory_question"
_NO_PYTHON = " An investigation needs one: the readings of a host without Python are those of its audit."


class ActionModule(_FactsAction):
    """Adapter between a task and the pure code. How a program comes to a host it has from the gathering of facts."""

    _supports_async = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, object] | None = None) -> dict[str, object]:
        """Run the task for one host."""
        result: dict[str, object] = ActionBase.run(self, tmp, task_vars)
        variables = task_vars or {}
        _validated, given = self.validate_argument_spec(argument_spec())
        arguments: Arguments = to_plain(given)
        try:
            answer = self._investigate(arguments, variables)
        except GatheringError as exc:
            document = failed_document(str(variables["inventory_hostname"]), exc.outcome, str(exc))
            return {**result, "failed": True, "msg": str(exc), "investigation": document}
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **answer}

    def _investigate(self, arguments: Arguments, variables: dict[str, object]) -> dict[str, object]:
        wanted = settings(arguments)
        earlier = earlier_answer(arguments["continue_from"])
        if getattr(self._connection._shell, "_IS_WINDOWS", False):
            raise GatheringError("not_linux", "The host is reached by a Windows shell; only Linux hosts have answers.")
        used = "module" if arguments["transport"] == "module" else "lean"
        began, at = time.monotonic(), utc_text(datetime.now(timezone.utc).timestamp())

        def ask(request: Mapping[str, object]) -> dict[str, object]:
            return self._by_question(request, variables) if used == "module" else self._by_program(request, variables)

        readings = earlier["readings"] if earlier else None
        asked = ask_all(ask, wanted, readings, check_mode=bool(self._task.check_mode))
        document = host_document(
            str(variables["inventory_hostname"]),
            asked,
            wanted,
            transport=used,
            at=earlier["asked_at"] if earlier else at,
            seconds=time.monotonic() - began + (earlier["seconds"] if earlier else 0.0),
        )
        return {
            "sentence": document["sentence"],
            "confidence": document["confidence"],
            "answered": document["answered"],
            "wants_trace": asked.wants_trace,
            "can_trace": asked.can_trace,
            "investigation": document,
        }

    def _by_program(self, request: Mapping[str, object], variables: dict[str, object]) -> dict[str, object]:
        candidates = self._candidates(variables)

        def send(by_input: bool, nonce: str) -> Answer:
            text = program(nonce, request)
            if by_input:
                said = self._execute(command_for_input(candidates, nonce), text)
            else:
                said = self._execute(command_with_program(candidates, nonce, text), None)
            return read_answer(nonce, *said, candidates)

        try:
            return self._ask(send)
        except GatheringError as exc:
            if exc.outcome == "no_python":
                raise GatheringError("no_python", str(exc) + _NO_PYTHON) from None
            if "not Linux" in str(exc):
                raise GatheringError("not_linux", "The host is not Linux; only Linux hosts have answers.") from None
            raise

    def _by_question(self, request: Mapping[str, object], variables: dict[str, object]) -> dict[str, object]:
        said = self._execute_module(
            module_name=_MODULE, module_args={"request": json.dumps(request)}, task_vars=variables
        )
        answer = said.get("answer")
        if said.get("failed") or not isinstance(answer, dict):
            raise module_failure(str(said.get("msg") or ""), str(said.get("module_stderr") or ""), said.get("rc"))
        return dict(to_plain(answer))
