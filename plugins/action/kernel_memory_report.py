# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make one audit of what the run's hosts left in the spool, write its outputs, print the summary, decide."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _run, _spool
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._audit import RunInfo, build_audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._audit_arguments import report_argument_spec
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._gathering import one_line
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._plain import to_plain
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy_source import policy_from
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._version import VERSION
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.terminal import summary_lines
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.write import check_outputs, write_outputs


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Report a run."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(report_argument_spec())
        try:
            report = self._report(to_plain(arguments), variables)
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **report}

    def _report(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        targets = [str(name) for name in variables.get("ansible_play_hosts_all") or ()]
        _run.check_number_of_hosts(len(targets), arguments["minimum_hosts"], "of this play")
        check_outputs(arguments["outputs"])
        policy, source = policy_from(arguments["policy"], os.getcwd())
        spool = _spool.read(arguments["spool"], arguments["run_id"])
        hostvars = variables.get("hostvars")
        overrides = {name: entry.get("environment") for name, entry in spool.records.items()}
        for name in targets:
            if name not in spool.records:
                overrides[name] = self._host_environment(hostvars, name)
                self._add_from_result(spool, hostvars, name, arguments)
        now = _run.timestamp(datetime.now(timezone.utc))
        run = RunInfo(
            run_id=arguments["run_id"],
            started_at=arguments["started_at"] or now,
            generated_at=now,
            tool_version=VERSION,
            targets=tuple(targets),
            groups=_groups_by_host(to_plain(variables.get("groups") or {})),
            environments=overrides,
            policy_source=source,
        )
        return self._finish(build_audit(run, spool.records, policy, notes=spool.notes), arguments)

    def _finish(self, audit: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
        paths: dict[str, str] = {}
        if not self._task.check_mode:
            paths = write_outputs(audit, arguments["report_dir"], arguments["outputs"])
        summary = summary_lines(audit, paths)
        Display().display("\n".join(("", *summary, "")))
        report = {
            "run_id": audit["run_id"],
            "decision": audit["decision"],
            "verdict_counts": audit["counts"],
            "report_dir": arguments["report_dir"] if paths else None,
            "written": paths,
            "summary": summary,
        }
        failure = _run.failure(audit, arguments["fail_on"])
        return report if failure is None else {**report, "failed": True, "msg": failure}

    @staticmethod
    def _host_environment(hostvars: Any, name: str) -> str | None:
        value = _raw_variables(hostvars, name).get("kernel_mem_audit_environment")
        return str(value) if isinstance(value, str) and "{{" not in value else None

    @staticmethod
    def _add_from_result(spool: _spool.Spool, hostvars: Any, name: str, arguments: dict[str, Any]) -> None:
        """A host whose task failed before the gathering began (an undefined variable, say) has a result but no spool line."""
        outcome = _raw_variables(hostvars, name).get(arguments["results"])
        if not isinstance(outcome, Mapping) or not (outcome.get("unreachable") or outcome.get("failed")):
            return
        spool.records[name] = _spool.record(
            run_id=arguments["run_id"],
            host=name,
            written_at=_run.timestamp(datetime.now(timezone.utc)),
            outcome="unreachable" if outcome.get("unreachable") else "failed",
            message=one_line(str(outcome.get("msg") or "The task failed without a message.")),
            groups=(),
            environment=None,
            facts=None,
        )


def _raw_variables(hostvars: Any, name: str) -> Mapping[str, Any]:
    variables = hostvars.raw_get(name) if hasattr(hostvars, "raw_get") else None
    return variables if isinstance(variables, Mapping) else {}


def _groups_by_host(groups: Mapping[str, list[str]]) -> dict[str, list[str]]:
    by_host: dict[str, list[str]] = {}
    for group in sorted(groups):
        if group not in ("all", "ungrouped"):
            for host in groups[group]:
                by_host.setdefault(str(host), []).append(group)
    return by_host
