# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gate a rollout: look at a host before and after it is changed, and decide, once a batch, whether the rollout may
go on.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader

from ..plugin_utils._gate_arguments import JUDGING, LOOKING, gate_argument_spec
from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import style_of_people, tell
from ..plugin_utils.gate import output as _gate_output
from ..plugin_utils.gate.answer import look
from ..plugin_utils.gate.host_record import Look
from ..plugin_utils.gate.json_files import Plain
from ..plugin_utils.gate.keeping import Keeping, Place, keeping_of
from ..plugin_utils.gate.leases import holder_of
from ..plugin_utils.gate.phases.after import keep_after, old_boot_of
from ..plugin_utils.gate.phases.before import is_done, keep_before
from ..plugin_utils.gate.phases.changed import keep_changed
from ..plugin_utils.gate.phases.deciding import begun, decided
from ..plugin_utils.gate.phases.drained import keep_drained
from ..plugin_utils.gate.phases.free import freed
from ..plugin_utils.gate.phases.look import keep_look
from ..plugin_utils.gate.phases.plan import plan
from ..plugin_utils.gate.phases.reset import reset
from ..plugin_utils.gate.phases.served import keep_service
from ..plugin_utils.gate.phases.step_failed import keep_failed_step
from ..plugin_utils.gate.phases.touch import keep_touch
from ..plugin_utils.gate.run import GateRun
from ..plugin_utils.gate.settle import why_not_settled
from ..plugin_utils.history.location import VARIABLE
from ..plugin_utils.history.of_a_run import past_of
from ..plugin_utils.model.owners import OwnersHistory
from ..plugin_utils.model.sample import Series
from ..plugin_utils.model.times import utc_text
from ..plugin_utils.model.version import VERSION
from ..plugin_utils.policy.source import policy_from
from ..plugin_utils.run import run as _run
from ..plugin_utils.run.inventory import groups_by_host
from ..plugin_utils.run.outcome import ending
from ..plugin_utils.screen.of_gate import decision_lines
from ..plugin_utils.text.safe import one_line

# Not by the loader: it would read and compile all that gathers in the worker of each host: more than asking costs.
from .kernel_memory_facts import ActionModule as GatherAction

_LOCKSTEP = ("linear", "debug")
_ACTOR = ("awx_job_id", "awx_job_template_name", "awx_workflow_job_id", "awx_schedule_name", "awx_user_name")


class ActionModule(ActionBase):
    """Adapter between tasks and the pure code; holds what needs a connection, the clock and Ansible's own
    variables.
    """

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run one phase."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(gate_argument_spec())
        arguments = to_plain(arguments)
        try:
            self._check_strategy()
            with closing(self._opened(arguments)) as keeping:
                made = self._phase(keeping, arguments, variables)
        except ValueError as exc:
            raise AnsibleActionFail(str(exc)) from None
        return {**result, "changed": False, **made}

    def _phase(self, keeping: Keeping, arguments: dict[str, Any], variables: dict[str, Any]) -> Plain:
        if arguments["phase"] == "reset":
            kept = self._reset(keeping, arguments)
            return {} if kept is None else {"kept": kept}
        if arguments["phase"] == "free":
            actor = self._actor(variables)
            return dict(freed(keeping, arguments["message"], self._run_id(arguments), utc_text(time.time()), actor))
        run = self._gate_run(keeping, arguments, variables)
        if arguments["phase"] in LOOKING:
            return self._on_host(run, arguments, variables)
        return self._once(keeping, run, arguments, variables)

    def _reset(self, keeping: Keeping, arguments: dict[str, Any]) -> str | None:
        return reset(keeping, self._run_id(arguments), VERSION, utc_text(time.time()))

    def _check_strategy(self) -> None:
        strategy = str(self._task.get_play().strategy)
        if strategy.rpartition(".")[2].rpartition("_")[2] not in _LOCKSTEP:
            raise ValueError(
                f"The play has the strategy {strategy}, under which hosts do not wait for each other, so no task can "
                "decide for a batch; "
                "write strategy: linear into the play."
            )

    @staticmethod
    def _actor(variables: Mapping[str, object]) -> dict[str, str]:
        """Return who does this, as far as Ansible and AWX know."""
        actor = {name: str(variables[name]) for name in _ACTOR if variables.get(name) is not None}
        with contextlib.suppress(KeyError, OSError):
            actor["user"] = getpass.getuser()
        return actor

    def _gate_run(self, keeping: Keeping, arguments: dict[str, Any], variables: dict[str, Any]) -> GateRun:
        policy = policy_from(arguments["policy"], os.getcwd())
        targets = [str(name) for name in variables.get("ansible_play_hosts_all") or ()]
        left = {str(name) for name in variables.get("ansible_play_hosts") or ()}
        series, owners, note = self._past(arguments, targets)
        return GateRun(
            series=series,
            owners=owners,
            history_note=note,
            folder=keeping.folder,
            run_id=self._run_id(arguments),
            now=utc_text(time.time()),
            policy=policy,
            tool_version=VERSION,
            targets=targets,
            batch=[str(name) for name in variables.get("ansible_play_batch") or ()],
            lost=[name for name in targets if name not in left],
            groups=groups_by_host(self._groups(arguments, variables)),
            expected_kernel=arguments["expected_kernel"] or None,
            override=arguments["override"],
            actor=self._actor(variables),
        )

    @staticmethod
    def _past(
        arguments: dict[str, Any], hosts: list[str]
    ) -> tuple[dict[str, Series] | None, dict[str, OwnersHistory], str | None]:
        """Return what the history knows of the hosts and of who held their memory, for a phase that judges, and why it
        could not be asked.
        """
        if arguments["phase"] not in JUDGING:
            return None, {}, None
        past = past_of(arguments["history"], os.environ, os.getcwd(), "", hosts, create=False)
        try:
            series = None if past.series is None else {one.host: one for one in past.series}
            owners = past.owners_of(list(series or ()))
        finally:
            past.close()
        wanted = bool(arguments["history"] or os.environ.get(VARIABLE))
        problem = past.message if past.state == "unavailable" and wanted else None
        return series, owners, None if problem is None else f"Hosts are judged without their history: {problem}"

    @staticmethod
    def _groups(arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, list[str]]:
        """Return the hosts of each group; on a host only its own, since the whole inventory for each host would be
        its square.
        """
        if arguments["phase"] in LOOKING:
            return {str(name): [str(variables["inventory_hostname"])] for name in variables.get("group_names") or ()}
        return dict(to_plain(variables.get("groups") or {}))

    @staticmethod
    def _run_id(arguments: dict[str, Any]) -> str:
        # Ansible's own temporary folder is new for each run, and the same for all of its workers.
        return _run.check_run_id(arguments["run_id"] or os.path.basename(C.DEFAULT_LOCAL_TMP.rstrip("/")))

    def _opened(self, arguments: dict[str, Any]) -> Keeping:
        """Open the rollout where it is kept. Check mode works on a copy that is gone with the run."""
        copy = os.path.join(C.DEFAULT_LOCAL_TMP, "gate") if self._task.check_mode else None
        place = Place(
            arguments["gate_dir"],
            arguments["rollout"],
            arguments["history"],
            os.environ,
            os.getcwd(),
            getpass.getuser(),
            copy,
        )
        holder = holder_of(socket.gethostname(), os.getppid(), self._run_id(arguments))
        return keeping_of(
            place, holder, begins=arguments["phase"] in ("reset", "plan", "begin"), looks=arguments["phase"] == "look"
        )

    def _on_host(self, run: GateRun, arguments: dict[str, Any], variables: dict[str, Any]) -> Plain:
        host, phase = str(variables["inventory_hostname"]), arguments["phase"]
        environment = run.policy.environment_of(
            [str(name) for name in variables.get("group_names") or ()], arguments["audit_environment"]
        )[0]
        if phase == "touch":
            return dict(keep_touch(run, host))
        if phase == "drained":
            return dict(keep_drained(run, host))
        if phase == "changed":
            return dict(keep_changed(run, host))
        if phase == "served":
            return dict(keep_service(run, host, one_line(arguments["message"]) if arguments["message"] else None))
        if phase == "before" and is_done(run, host):
            return {"host": host, "done": True, "outcome": "done"}
        if phase == "after":
            if self._task.check_mode:
                return {"skipped": True, "host": host, "reason": "Check mode: nothing was changed."}
            return self._settle(run, arguments, variables, host, environment)
        one = self._look(arguments, variables)
        if phase == "look":
            return dict(keep_look(run, host, environment, one))
        if phase == "before":
            return dict(keep_before(run, host, environment, one))
        return dict(keep_failed_step(run, host, one, ending(arguments["message"] or "no message")))

    def _settle(
        self, run: GateRun, arguments: dict[str, Any], variables: dict[str, Any], host: str, environment: str
    ) -> dict[str, Any]:
        """Look until the host is quiet, or until the time is over."""
        settings = run.settings(environment)
        old_boot = old_boot_of(run.folder.read_host(host))
        first = time.monotonic()
        looks: list[Look] = []
        while True:
            looks = [*looks[-2:], self._look(arguments, variables)]
            why = why_not_settled(looks, settings, old_boot)
            waited = int(time.monotonic() - first)
            if why is None or waited + settings["settle"]["interval_seconds"] > settings["settle"]["at_most_seconds"]:
                return dict(keep_after(run, host, looks, why, waited))
            time.sleep(settings["settle"]["interval_seconds"])

    def _look(self, arguments: dict[str, Any], variables: dict[str, Any]) -> Look:
        """Gather the facts of the host once. Whatever goes wrong is an answer: no host may leave the play here."""
        task = self._task.copy()
        task.args = {name: arguments[name] for name in ("transport", "proc_root", "sys_root", "deadline")}
        action = GatherAction(
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        facts, outcome, message = None, "facts", None
        try:
            made = action.run(task_vars=variables)
            facts = to_plain((made.get("ansible_facts") or {}).get("kernel_memory"))
            if not isinstance(facts, dict):
                outcome, message = "failed", ending(str(made.get("msg") or "The gathering gave no facts."))
        except AnsibleConnectionFailure as exc:
            outcome, message = "unreachable", ending(str(exc))
            # A connection that is kept open does not survive the host's reboot.
            with contextlib.suppress(Exception):
                self._connection.reset()
        except (AnsibleError, ValueError) as exc:
            outcome, message = "failed", ending(str(exc))
        return look(outcome, message, facts, utc_text(time.time()))

    def _once(self, keeping: Keeping, run: GateRun, arguments: dict[str, Any], variables: dict[str, Any]) -> Plain:
        phase = arguments["phase"]
        if phase == "plan":
            return self._planned(keeping, run, arguments, variables)
        self._check_number(keeping, run, arguments)
        if phase == "begin":
            return self._begun(keeping, run, arguments)
        return self._shown(run, decided(phase, keeping, run, arguments["within_days"]), arguments)

    def _begun(self, keeping: Keeping, run: GateRun, arguments: dict[str, Any]) -> Plain:
        """Begin a batch. One that may begin is not decided, and so has nothing to show yet."""
        made = begun(keeping, run)
        shown: Plain = {"may_begin": made.may_begin, "todo": list(made.todo), "serve": list(made.serve)}
        if not made.may_begin:
            return {**self._shown(run, made.decision, arguments), **shown}
        if made.decision["decision"] == "pass":
            tell(_gate_output.last_line(made.decision))
        stats = _gate_output.stats(made.decision, os.path.join(run.folder.path, "decision.json"))
        return {**shown, "decision": made.decision["decision"], "last_line": "", "accepted": [], "stats": stats}

    def _planned(self, keeping: Keeping, run: GateRun, arguments: dict[str, Any], variables: dict[str, Any]) -> Plain:
        """Save the plan of a rollout, unless another run is at work on it."""
        targets = self._chosen(arguments["hosts_pattern"], run.targets, variables)
        pattern = str(arguments["hosts_pattern"] or "of this play")
        _run.check_number_of_hosts(len(targets), arguments["minimum_hosts"], pattern)
        keeping.take()
        steps = {name: arguments[name] for name in ("drains", "serves")}
        made = {**plan(replace(run, targets=targets), **steps), "folder": os.getcwd()}
        return {"ansible_facts": {"kernel_mem_audit_gate_plan": made}, **made}

    def _check_number(self, keeping: Keeping, run: GateRun, arguments: dict[str, Any]) -> None:
        try:
            _run.check_number_of_hosts(len(run.targets), arguments["minimum_hosts"], "of this play")
        except ValueError:
            if arguments["phase"] in ("begin", "check", "soak"):
                self._reset(keeping, arguments)
            raise

    def _shown(self, run: GateRun, decision: Plain, arguments: dict[str, Any]) -> Plain:
        """Print a decision and return what the next tasks need of it."""
        path = None if self._task.check_mode else os.path.join(run.folder.path, "decision.json")
        if arguments["junit"] and not self._task.check_mode:
            run.folder.write_text(os.path.abspath(os.path.expanduser(arguments["junit"])), _gate_output.junit(decision))
        tell("\n".join(("", *decision_lines(decision, path, style_of_people()))))
        return _gate_output.result(decision, path)

    def _chosen(self, pattern: Any, hosts: Any, variables: dict[str, Any]) -> list[str]:
        text = ":".join(str(part) for part in pattern) if isinstance(pattern, list) else str(pattern or "")
        if not text:
            return list(hosts)
        lookup = lookup_loader.get("ansible.builtin.inventory_hostnames", loader=self._loader, templar=self._templar)
        wanted = {str(name) for name in lookup.run([text], variables=variables)}
        return [name for name in hosts if name in wanted]
