# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check everything that can be checked before a host is touched, and give the run its name and places."""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timezone
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader
from ansible.utils.vars import load_extra_vars

from ..plugin_utils._arguments import plan_argument_spec
from ..plugin_utils._plain import to_plain
from ..plugin_utils.audit import slices as _slices
from ..plugin_utils.history.location import history_location
from ..plugin_utils.outputs.write import check_outputs
from ..plugin_utils.policy.source import policy_from
from ..plugin_utils.run import run as _run

_HOSTS_VARIABLE = "kernel_mem_audit_hosts"


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Plan a run."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(plan_argument_spec())
        try:
            plan = self._plan(to_plain(arguments), variables)
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **plan}

    def _plan(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        self._check_where_hosts_is_set(variables)
        pattern = _pattern(arguments["hosts_pattern"])
        hosts = self._targets(pattern, variables)
        _run.check_number_of_hosts(hosts, arguments["minimum_hosts"], pattern)
        policy_from(arguments["policy"], os.getcwd())
        check_outputs(arguments["outputs"], arguments["output_names"])
        history_location(arguments["history"], os.environ, os.getcwd())
        now = datetime.now(timezone.utc)
        report_dir = _run.report_directory(arguments["report_dir"], os.getcwd(), now)
        if not self._task.check_mode:
            _run.check_writable(report_dir)
        run_id = _run.check_run_id(
            arguments["run_id"] or self._workflow_run_id(variables) or _run.new_run_id(now, secrets.token_hex(3))
        )
        default_spool = os.path.join(C.DEFAULT_LOCAL_TMP, f"kernel-memory-{run_id}-audit.jsonl")
        return {
            "run_id": run_id,
            "started_at": _run.timestamp(now),
            "report_dir": report_dir,
            "spool": os.path.abspath(os.path.expanduser(arguments["spool"])) if arguments["spool"] else default_spool,
            "hosts": hosts,
        }

    def _workflow_run_id(self, variables: dict[str, Any]) -> str | None:
        """Return the run id that the slices of this audit share, inside an AWX workflow."""
        job = _slices.workflow_job(variables)
        earlier = self._templar.template(variables.get(_slices.RESULT))
        return None if job is None else _slices.run_id_of_workflow(job, to_plain(earlier))

    def _check_where_hosts_is_set(self, variables: dict[str, Any]) -> None:
        """Refuse the pattern from the inventory: `hosts:` of a play is read before any inventory variable."""
        if _HOSTS_VARIABLE not in variables:
            return
        seen = self._templar.template(variables[_HOSTS_VARIABLE])
        in_time = {**self._task.get_play().vars, **load_extra_vars(self._loader)}
        if seen != in_time.get(_HOSTS_VARIABLE):
            raise ValueError(
                f"{_HOSTS_VARIABLE} is set in the inventory, in group_vars or in host_vars, where Ansible reads it "
                "too late to choose hosts; "
                f"take it from there and give it on the command line: -e {_HOSTS_VARIABLE}=PATTERN."
            )

    def _targets(self, pattern: str, variables: dict[str, Any]) -> int:
        in_play = {str(name) for name in variables.get("ansible_play_hosts_all") or ()}
        if not pattern:
            return len(in_play)
        lookup = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar)
        return len(in_play.intersection(str(name) for name in lookup.run([pattern], variables=variables)))


def _pattern(given: Any) -> str:
    return ":".join(str(part) for part in given) if isinstance(given, list) else str(given or "")
