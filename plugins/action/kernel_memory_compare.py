# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare two audits, print what changed, write it where it is wanted."""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..plugin_utils._merge_arguments import compare_argument_spec, compare_failure
from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import tell
from ..plugin_utils.audit.compare import compare_audits
from ..plugin_utils.audit.merge_inputs import read_report
from ..plugin_utils.outputs.compare import comparison_lines, write_comparison


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Compare audits."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validated, arguments = self.validate_argument_spec(compare_argument_spec())
        try:
            answer = self._compare(to_plain(arguments))
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **answer}

    def _compare(self, arguments: dict[str, Any]) -> dict[str, Any]:
        before, after = (read_report(arguments[name], os.getcwd()) for name in ("before", "after"))
        comparison = compare_audits(before, after)
        written: dict[str, str] = {}
        if arguments["dest"] and not self._task.check_mode:
            written = write_comparison(comparison, os.path.abspath(os.path.expanduser(arguments["dest"])))
        summary = comparison_lines(comparison)
        tell("\n".join(("", *summary, "")))
        answer = {
            "sentence": comparison.sentence,
            "numbers": comparison.numbers(),
            "written": written,
            "summary": summary,
        }
        failure = compare_failure(comparison, arguments["fail_on"])
        return answer if failure is None else {**answer, "failed": True, "msg": failure}
