# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make one audit of many, or of spools, write its outputs and print the summary."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..plugin_utils._merge_arguments import merge_argument_spec, merge_failure
from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import shown_at_the_end, tell
from ..plugin_utils.audit.merge import merge_audits
from ..plugin_utils.audit.merge_inputs import Judging, found_paths, read_inputs
from ..plugin_utils.audit.result import run_result
from ..plugin_utils.model.version import VERSION
from ..plugin_utils.outputs.file_modes import Modes
from ..plugin_utils.outputs.tidy import Tidying
from ..plugin_utils.outputs.write import Written, check_outputs, write_outputs
from ..plugin_utils.policy.source import policy_from
from ..plugin_utils.run import run as _run
from ..plugin_utils.run.inventory import groups_by_host
from ..plugin_utils.screen.audience import QUIET, SUMMARY
from ..plugin_utils.screen.messages import messages
from ..plugin_utils.screen.of_audit import content_of


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Merge audits."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(merge_argument_spec())
        try:
            report = self._report(to_plain(arguments), groups_by_host(to_plain(variables.get("groups") or {})))
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **report}

    def _report(self, arguments: dict[str, Any], groups: dict[str, list[str]]) -> dict[str, Any]:
        check_outputs(arguments["outputs"], arguments["output_names"])
        modes = Modes.of(arguments["report_mode"])
        tidying = Tidying(arguments["latest"], arguments["keep_reports"], arguments["output_names"], modes)
        policy = policy_from(arguments["policy"], os.getcwd())
        judging = Judging(policy, VERSION, groups, arguments["spool_run_id"])
        inputs = read_inputs(found_paths(arguments["inputs"], os.getcwd()), judging)
        audit = merge_audits(
            inputs.read,
            tool_version=VERSION,
            run_id=_run.check_run_id(arguments["run_id"]) if arguments["run_id"] else None,
            missing=inputs.missing,
            expected_slices=arguments["expected_slices"],
            expected_hosts={name: groups.get(name, []) for name in arguments["expected_hosts"]},
            policy=policy,
        )
        written = Written({}, [])
        if not self._task.check_mode:
            directory = _run.report_directory(arguments["report_dir"], os.getcwd(), datetime.now(timezone.utc))
            written = write_outputs(
                audit,
                directory,
                arguments["outputs"],
                arguments["output_names"],
                junit_warnings=arguments["junit_warnings"],
                modes=modes,
            )
        paths = written.paths
        for problem in tidying.around(directory) if paths else ():
            Display().warning(problem)
        content = content_of(audit, paths)
        summary = shown_at_the_end(content)
        tell("\n".join(("", *summary, "")), unless=(QUIET, SUMMARY))
        report = {
            "run_id": audit.run_id,
            "decision": audit.decision.as_plain(),
            "verdict_counts": audit.counts.as_plain(),
            "merged": audit.merged.as_plain() if audit.merged is not None else None,
            "report_dir": directory if paths else None,
            "written": paths,
            "summary": summary,
            "screen": content.as_plain(),
            "messages": messages(content),
            "result": run_result(audit, directory if paths else None, paths),
        }
        failure = " ".join(written.problems) or merge_failure(audit, arguments["fail_on"])
        return report if not failure else {**report, "failed": True, "msg": failure}
