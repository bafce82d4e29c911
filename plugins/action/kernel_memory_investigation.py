# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choose the hosts of an investigation, and report what they answered. Opens no connection."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import style_of_people, tell
from ..plugin_utils.audit.merge_inputs import read_report
from ..plugin_utils.audit.newest import newest_report
from ..plugin_utils.investigate.arguments import Arguments, argument_spec, check, choose, plain_choice, planned
from ..plugin_utils.investigate.show.terminal import terminal_lines
from ..plugin_utils.investigate.show.writing import write_investigation
from ..plugin_utils.investigate.whole import host_of_results, investigation
from ..plugin_utils.model.times import utc_text
from ..plugin_utils.run.run import check_writable, report_directory


class ActionModule(ActionBase):
    """Adapter: runs on the controller, once for all hosts."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, object] | None = None) -> dict[str, object]:
        """Run one phase."""
        result: dict[str, object] = super().run(tmp, task_vars)
        _validated, given = self.validate_argument_spec(argument_spec())
        arguments: Arguments = to_plain(given)
        variables = task_vars or {}
        try:
            check(arguments)
            phase = self._plan if arguments["phase"] == "plan" else self._report
            return {**result, "changed": False, **phase(arguments, variables)}
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None

    @staticmethod
    def _plan(arguments: Arguments, variables: dict[str, object]) -> dict[str, object]:
        targets = [str(name) for name in to_plain(variables.get("ansible_play_hosts_all") or [])]
        if arguments["hosts_pattern"] is not None:
            wanted = arguments["hosts_pattern"]
            targets = [name for name in targets if name in wanted]
        choice, run_id = choose(arguments, targets, os.getcwd())
        folder = report_directory(arguments["dest"], os.getcwd(), datetime.now(timezone.utc))
        check_writable(folder)
        for note in choice.notes:
            tell(note)
        given = arguments["audit"]
        # The newest of now: by the time of the report there may be a newer one.
        audit = None if given is None else newest_report(os.path.abspath(os.path.expanduser(given)))
        return {**plain_choice(choice, run_id, audit), "dest": folder}

    def _report(self, arguments: Arguments, variables: dict[str, object]) -> dict[str, object]:
        plan = planned(arguments["plan"])
        hosts = []
        for name, role in plan.roles.items():
            known = _raw_variables(variables.get("hostvars"), name)
            results = [to_plain(known[result]) for result in arguments["results"] if result in known]
            hosts.append(host_of_results(name, role, results))
        document = investigation(
            hosts, at=utc_text(datetime.now(timezone.utc).timestamp()), audit_run_id=plan.audit_run_id, notes=plan.notes
        )
        written: dict[str, str] = {}
        if not self._task.check_mode:
            audit = (
                read_report(plan.audit, os.getcwd()) if plan.audit and "report.html" in arguments["outputs"] else None
            )
            written = write_investigation(document, arguments["dest"] or plan.dest, arguments, audit)
        summary = terminal_lines(document, written)
        tell("\n".join(("", *terminal_lines(document, written, style_of_people()))))
        answer: dict[str, object] = {
            "sentence": document["sentence"],
            "shared": document["shared"],
            "counts": document["counts"],
            "written": written,
            "summary": summary,
        }
        if document["counts"]["investigated"]:
            return answer
        return {**answer, "failed": True, "msg": document["sentence"]}


def _raw_variables(hostvars: object, name: str) -> Mapping[str, object]:
    variables = hostvars.raw_get(name) if hasattr(hostvars, "raw_get") else None
    return variables if isinstance(variables, Mapping) else {}
