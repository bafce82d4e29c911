# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check everything that can be checked before a host is touched, and give the run its name and places."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ansible import constants as C
from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ..plugin_utils._arguments import plan_argument_spec
from ..plugin_utils._plain import to_plain
from ..plugin_utils.audit import slices as _slices
from ..plugin_utils.fanout.choice import check_at_once, way_of
from ..plugin_utils.history.location import history_location
from ..plugin_utils.model.times import utc_text
from ..plugin_utils.outputs.file_modes import Modes
from ..plugin_utils.outputs.write import check_outputs, make_folder
from ..plugin_utils.policy.source import policy_from
from ..plugin_utils.run import run as _run
from ..plugin_utils.run.host_patterns import patterns_of
from ..plugin_utils.run.leftovers import clean
from ..plugin_utils.run.resume import REPORT, CommandLine, run_to_resume
from ..plugin_utils.run.spool_head import Holder, SpoolHead, chosen_path

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
        _run.check_number_of_hosts(len(hosts), arguments["minimum_hosts"], pattern)
        policy_from(arguments["policy"], os.getcwd())
        check_outputs(arguments["outputs"], arguments["output_names"])
        Modes.of(arguments["report_mode"])
        history_location(arguments["history"], os.environ, os.getcwd())
        check_at_once(arguments["at_once"])
        planned = self._resumed(arguments, hosts) if arguments["resume"] else self._new(arguments, variables, pattern)
        way = way_of(arguments["gather"], len(hosts), variables)
        return {
            "run_id": planned.head.run_id,
            "started_at": planned.head.started_at,
            "report_dir": planned.head.report_dir,
            "spool": planned.spool,
            "hosts": len(hosts),
            "gather": way,
            "to_ask": (pattern or "all") if planned.to_ask is None else patterns_of(planned.to_ask),
            "controller": str(self._task.get_variable_manager()._inventory.get_host("localhost").name),
        }

    def _new(self, arguments: dict[str, Any], variables: dict[str, Any], pattern: str) -> _Planned:
        """Give a new run its name and places, and begin its spool."""
        now = datetime.now(timezone.utc)
        report_dir = self._writable(_run.report_directory(arguments["report_dir"], os.getcwd(), now))
        run_id = _run.check_run_id(
            arguments["run_id"] or self._workflow_run_id(variables) or _run.new_run_id(now, secrets.token_hex(3))
        )
        chosen = chosen_path(report_dir, run_id)
        if self._task.check_mode:
            chosen = os.path.join(C.DEFAULT_LOCAL_TMP, os.path.basename(chosen))
        else:
            for note in clean(os.path.dirname(chosen), chosen).notes:
                Display().warning(note)
        given = None if self._task.check_mode else arguments["spool"]
        spool = os.path.abspath(os.path.expanduser(given)) if given else chosen
        command = self._command(spool, pattern, variables)
        head = SpoolHead(run_id, utc_text(now.timestamp()), report_dir, bool(given), command, Holder.of(os.getppid()))
        if arguments["gathers"]:
            self._begin(spool, head, arguments["report_mode"])
        return _Planned(head, spool, None)

    def _resumed(self, arguments: dict[str, Any], hosts: list[str]) -> _Planned:
        """Take up a run that ended early: its name, its places and what it has gathered."""
        spool = os.path.abspath(os.path.expanduser(arguments["resume"]))
        head, gathered = run_to_resume(spool)
        if arguments["run_id"] not in (None, "", head.run_id):
            raise ValueError(
                f"kernel_mem_audit_resume is of the run {head.run_id}, and kernel_mem_audit_run_id is "
                f"{arguments['run_id']}; leave kernel_mem_audit_run_id out."
            )
        given = arguments["report_dir"]
        report_dir = _run.report_directory(given, os.getcwd(), datetime.now(timezone.utc)) if given else head.report_dir
        head = replace(head, report_dir=self._writable(report_dir), holder=Holder.of(os.getppid()))
        if self._task.check_mode:
            return _Planned(head, spool, [])
        self._begin(spool, head, arguments["report_mode"])
        have = {host for host, entry in gathered.records.items() if entry["outcome"] == "facts"}
        return _Planned(head, spool, [name for name in hosts if name not in have])

    def _writable(self, report_dir: str) -> str:
        if not self._task.check_mode:
            _run.check_writable(report_dir)
        return report_dir

    @staticmethod
    def _begin(spool: str, head: SpoolHead, mode: str | None) -> None:
        make_folder(os.path.dirname(spool), Modes.of(mode))
        head.write(spool, utc_text(time.time()))

    def _command(self, spool: str, pattern: str, variables: dict[str, Any]) -> str:
        """Return the command that makes the report of this run if it ends early."""
        cli = context.CLIARGS
        vault = [word for given in cli.get("vault_ids") or () for word in ("--vault-id", given)]
        vault += [word for given in cli.get("vault_password_files") or () for word in ("--vault-password-file", given)]
        inventories = cli.get("inventory") or ()
        line = CommandLine(
            inventories=() if list(inventories) == list(C.DEFAULT_HOST_LIST) else [str(one) for one in inventories],
            limit=cli.get("subset"),
            extra_variables=[str(one) for one in cli.get("extra_vars") or ()],
            vault=[*vault, *(["--ask-vault-pass"] if cli.get("ask_vault_pass") else [])],
            hosts_pattern=pattern or _pattern(to_plain(self._task.get_play().hosts)),
            folder=os.getcwd(),
        )
        # Saved trees are hosts of that playbook alone.
        saved = "kernel_mem_audit_saved" in variables
        return line.resuming(spool, "fleetaudit.kernel_memory.audit_saved" if saved else REPORT)

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

    def _targets(self, pattern: str, variables: dict[str, Any]) -> list[str]:
        in_play = [str(name) for name in variables.get("ansible_play_hosts_all") or ()]
        if not pattern:
            return in_play
        lookup = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar)
        wanted = {str(name) for name in lookup.run([pattern], variables=variables)}
        return [name for name in in_play if name in wanted]


@dataclass(frozen=True, slots=True)
class _Planned:
    """A run before its hosts are asked; *to_ask* are those that a run that ended early has no facts of."""

    head: SpoolHead
    spool: str
    to_ask: list[str] | None


def _pattern(given: Any) -> str:
    return ":".join(str(part) for part in given) if isinstance(given, list) else str(given or "")
