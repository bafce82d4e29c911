# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather one host's kernel memory: choose a transport, bring a reading, turn it into facts, spool or return them."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ..module_utils.account.facts import build_facts
from ..module_utils.collect.arguments import check_facts_arguments, facts_argument_spec
from ..module_utils.collect.subsets import DEFAULT, is_saved, resolve_subsets
from ..plugin_utils._plain import to_plain
from ..plugin_utils.fanout.options import names_a_jump_host
from ..plugin_utils.run.outcome import (
    INTERRUPTED,
    NOT_IN_TIME,
    GatheringError,
    Origin,
    failure,
    module_failure,
    row,
    with_origin,
)
from ..plugin_utils.run.spool import SpoolFile
from ..plugin_utils.transport import lean, shell
from ..plugin_utils.transport.children import end_children
from ..plugin_utils.transport.choice import LEAN, MODULE, SHELL, first_transport, next_transport

_MODULE = "fleetaudit.kernel_memory.kernel_memory_facts"
# Reads what is gathered by default, and understands nothing: each KiB that a host need not have costs it half a
# millisecond, since Python is slow to read a program that comes on its standard input.
_READING_MODULE = "fleetaudit.kernel_memory.kernel_memory_reading"

_SSH_ARGUMENTS = ("ssh_args", "ssh_common_args", "ssh_extra_args")

# Built here, in the process that forks the workers, so that no worker has to build it again.
lean.program("", "/proc", "/sys", 1, DEFAULT)


class ActionModule(ActionBase):
    """Adapter between a task and the pure code; holds what needs a connection."""

    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task for one host."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(facts_argument_spec())
        arguments = to_plain(arguments)
        try:
            check_facts_arguments(arguments)
            self._check_spool(arguments)
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        if arguments["spool"] is None:
            return {**result, **self._without_spool(arguments, variables)}
        return {**result, **self._with_spool(arguments, variables)}

    def _check_spool(self, arguments: dict[str, Any]) -> None:
        if arguments["spool"] is None:
            return
        if not arguments["run_id"]:
            raise ValueError("spool needs run_id, too; take both from kernel_memory_plan.")
        for keyword, used in (
            ("async", self._task.async_val),
            ("loop", self._task.loop),
            ("delegate_to", self._task.delegate_to),
        ):
            if used:
                raise ValueError(
                    f"spool can't be combined with {keyword}, since the report could not tell whose facts the line "
                    "holds; "
                    f"take {keyword} off the task, or leave out spool and use the returned facts."
                )

    def _without_spool(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        if self._task.async_val:
            return self._in_background(arguments, variables)
        try:
            reading, facts = self._gather(arguments, variables)
        except GatheringError as exc:
            raise AnsibleActionFail(str(exc)) from None
        result: dict[str, Any] = {"changed": False, "ansible_facts": {"kernel_memory": facts}}
        return {**result, "reading": reading} if arguments["return_reading"] else result

    def _with_spool(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        try:
            _reading, facts = self._gather(arguments, variables)
        except BaseException as exc:  # also the task timeout, which is no Exception, so that the host has its line
            problem = self._problem(exc)
            if not isinstance(exc, Exception):
                end_children()
            self._append(arguments, variables, problem)
            if isinstance(exc, GatheringError):
                raise AnsibleActionFail(str(problem)) from None
            raise
        self._append(arguments, variables, facts)
        return {"changed": False, "kernel_memory_row": row(facts)}

    def _problem(self, exc: BaseException) -> GatheringError:
        """Return what an exception comes to: an outcome, its cause where the words tell it, and a sentence."""
        if isinstance(exc, (KeyboardInterrupt, SystemExit)):
            return GatheringError("failed", INTERRUPTED, "interrupted")
        if not isinstance(exc, Exception):
            return GatheringError("timed_out", NOT_IN_TIME)
        outcome = "unreachable" if isinstance(exc, AnsibleConnectionFailure) else "failed"
        if isinstance(exc, GatheringError):
            outcome = exc.outcome
        arguments = " ".join(str(self._option(name) or "") for name in _SSH_ARGUMENTS)
        return failure(
            outcome, str(exc), password_sent=bool(self._option("password")), through_jump=names_a_jump_host(arguments)
        )

    def _option(self, name: str) -> Any:
        """Return an option of the connection; not every connection has those of ssh."""
        try:
            return self._connection.get_option(name)
        except (AttributeError, KeyError):
            return None

    @staticmethod
    def _append(arguments: dict[str, Any], variables: dict[str, Any], given: dict[str, Any] | GatheringError) -> None:
        origin = Origin(
            run_id=arguments["run_id"],
            host=str(variables["inventory_hostname"]),
            groups=[str(name) for name in variables.get("group_names") or ()],
            environment=arguments["audit_environment"],
        )
        try:
            SpoolFile(arguments["spool"]).append(origin.record(given))
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None

    def _gather(self, arguments: dict[str, Any], variables: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the host's reading and the facts made of it. Raises GatheringError, and whatever the connection
        raises.
        """
        if getattr(self._connection._shell, "_IS_WINDOWS", False):
            raise GatheringError(
                "not_linux", "The host is reached by a Windows shell; only Linux hosts can be audited."
            )
        transport, why, reading = self._bring(arguments, variables)
        try:
            return reading, with_origin(build_facts(reading), transport, why, arguments["run_id"])
        except ValueError as exc:
            raise GatheringError(
                "failed" if reading.get("system") in ("Linux", None) else "not_linux", str(exc)
            ) from None

    def _bring(self, arguments: dict[str, Any], variables: dict[str, Any]) -> tuple[str, str | None, dict[str, Any]]:
        """Return the transport that brought a reading, why it was not the first choice, and the reading."""
        wanted = arguments["transport"]
        by = first_transport(wanted)
        ways = {
            LEAN: partial(self._lean, arguments, variables),
            MODULE: partial(self._by_module, arguments, variables),
            SHELL: partial(self._by_shell, arguments),
        }
        try:
            return by, None, ways[by]()
        except GatheringError as exc:
            other = next_transport(wanted, by, exc.outcome)
            if other is None:
                raise
            return other, str(exc), ways[other]()

    def _in_background(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Start the whole module on the host: async_status fetches what it returns, and no controller code makes
        facts of that.
        """
        names = ("proc_root", "sys_root", "gather_subset", "deadline", "run_id", "return_reading")
        wanted = {name: arguments[name] for name in names if arguments[name] is not None}
        result: dict[str, Any] = self._execute_module(
            module_name=_MODULE, module_args=wanted, task_vars=variables, wrap_async=True
        )
        return result

    def _by_module(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        wanted = {name: arguments[name] for name in ("proc_root", "sys_root", "deadline")}
        subsets = self._subsets(arguments)
        if set(subsets) <= set(DEFAULT):
            module = _READING_MODULE
            for name, when in subsets.items():
                wanted.setdefault(when, []).append(name)
        else:
            module, wanted = _MODULE, {**wanted, "gather_subset": arguments["gather_subset"], "return_reading": True}
        result = self._execute_module(module_name=module, module_args=wanted, task_vars=variables)
        reading = result.get("reading")
        if result.get("failed") or not isinstance(reading, dict):
            raise module_failure(str(result.get("msg") or ""), str(result.get("module_stderr") or ""), result.get("rc"))
        return dict(to_plain(reading))

    @staticmethod
    def _subsets(arguments: dict[str, Any]) -> dict[str, str]:
        """Return what is wanted beyond the counters, by name."""
        saved = is_saved(arguments["proc_root"], arguments["sys_root"])
        return dict(resolve_subsets(arguments["gather_subset"], saved))

    def _lean(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        """Bring a reading by the host's Python in one round trip."""
        candidates = self._candidates(variables)
        subsets = self._subsets(arguments)

        def ask(by_input: bool, nonce: str) -> lean.Answer:
            text = lean.program(nonce, arguments["proc_root"], arguments["sys_root"], arguments["deadline"], subsets)
            command = (
                lean.command_for_input(candidates, nonce)
                if by_input
                else lean.command_with_program(candidates, nonce, text)
            )
            return lean.read_answer(nonce, *self._execute(command, text if by_input else None), candidates)

        return self._ask(ask)

    def _by_shell(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Bring a reading by the host's shell, which takes longer and needs no Python."""
        subsets = self._subsets(arguments)

        def ask(by_input: bool, nonce: str) -> lean.Answer:
            text = shell.shell_program(
                nonce, arguments["proc_root"], arguments["sys_root"], arguments["deadline"], subsets
            )
            command = shell.COMMAND if by_input else shell.shell_command(text)
            return shell.read_answer(nonce, *self._execute(command, text if by_input else None))

        return self._ask(ask)

    def _ask(self, ask: Callable[[bool, str], lean.Answer]) -> dict[str, Any]:
        """Ask on standard input where the connection has one to give, and once more by the command where the host
        demands a terminal.
        """
        answer = lean.Answer("no_answer", None, "")
        try:
            for by_input in (True, False) if self._takes_input() else (False,):
                answer = ask(by_input, secrets.token_hex(8))
                if answer.outcome != "needs_tty":
                    break
        except ValueError as exc:
            raise GatheringError("failed", str(exc)) from None
        if answer.reading is None:
            raise GatheringError("failed" if answer.outcome == "needs_tty" else answer.outcome, answer.message)
        return answer.reading

    def _execute(self, command: str, text: str | None) -> tuple[str, str, int]:
        said = self._low_level_execute_command(command, in_data=None if text is None else text.encode("utf-8"))
        return str(said["stdout"]), str(said["stderr"]), int(said["rc"])

    def _takes_input(self) -> bool:
        """Whether the connection can carry the program on standard input.

        The local connection can't where become asks for a password and pipelining is off: it gives the command a
        terminal that nobody closes.
        """
        connection = self._connection
        if not getattr(connection, "has_pipelining", False):
            return False
        if connection.transport == "local" and connection.become and connection.become.expect_prompt():
            return bool(connection.get_option("pipelining"))
        return True

    def _candidates(self, variables: dict[str, Any]) -> tuple[str, ...]:
        """Return the Pythons to try; on the controller itself also the one that runs this."""
        host_variables = variables
        if self._task.delegate_to:
            host_variables = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        configured = host_variables.get("ansible_python_interpreter")
        found = lean.interpreters(str(self._templar.template(configured)) if configured else "")
        if found == lean.CANDIDATES and self._connection.transport == "local":
            return (sys.executable, *found)
        return found
