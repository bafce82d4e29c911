# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make one audit of what the run's hosts left in the spool, write its outputs, print the summary, decide."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..plugin_utils._arguments import report_argument_spec
from ..plugin_utils._plain import to_plain
from ..plugin_utils.audit import slices as _slices
from ..plugin_utils.audit.audit import Audit
from ..plugin_utils.audit.build import RunInfo, build_audit
from ..plugin_utils.audit.failure import failure as fails
from ..plugin_utils.audit.hosts import Hosts
from ..plugin_utils.audit.merge_inputs import groups_by_host
from ..plugin_utils.audit.result import run_result
from ..plugin_utils.history import of_a_run as _past
from ..plugin_utils.model.sample import Sample
from ..plugin_utils.model.version import VERSION
from ..plugin_utils.outputs.folders import check_keep, link_latest, prune_reports, remove_unfinished
from ..plugin_utils.outputs.terminal import summary_lines
from ..plugin_utils.outputs.write import check_outputs, write_outputs
from ..plugin_utils.policy.policy import Policy
from ..plugin_utils.policy.source import policy_from
from ..plugin_utils.run import run as _run
from ..plugin_utils.run import spool as _spool
from ..plugin_utils.run.outcome import Origin, failure
from ..plugin_utils.run.resume import kept_sentence
from ..plugin_utils.run.spool_head import SpoolHead, remove_when_reported

_WONDERING_SECONDS = 2.0


class ActionModule(ActionBase):
    """Adapter: runs on the controller, opens no connection."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Report a run."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables = task_vars or {}
        _validated, arguments = self.validate_argument_spec(report_argument_spec())
        arguments = to_plain(arguments)
        try:
            report = self._report(arguments, variables)
        except ValueError as exc:
            raise AnsibleActionFail(" ".join((str(exc), *self._kept(arguments)))) from None
        except Exception as exc:
            told = f"The report could not be made: {type(exc).__name__}: {exc}"
            raise AnsibleActionFail(" ".join((told, *self._kept(arguments)))) from exc
        return {**result, "changed": False, **report}

    def _kept(self, arguments: dict[str, Any]) -> list[str]:
        """Return what an error says of the spools that hold what was gathered, and how to go on."""
        if arguments["records"] == _slices.HISTORY or self._task.check_mode:
            return []
        heads = {path: _head_of(path) for path in arguments["spool"]}
        return [kept_sentence(path, head.command) for path, head in heads.items() if head is not None]

    def _report(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        targets = [str(name) for name in variables.get("ansible_play_hosts_all") or ()]
        _run.check_number_of_hosts(len(targets), arguments["minimum_hosts"], "of this play")
        check_outputs(arguments["outputs"], arguments["output_names"])
        check_keep(arguments["keep_reports"])
        policy = policy_from(arguments["policy"], os.getcwd())
        past = _past.past_of(
            arguments["history"],
            os.environ,
            os.getcwd(),
            arguments["run_id"],
            targets,
            create=not self._task.check_mode,
        )
        try:
            audit, problem = self._judged(arguments, variables, targets, policy, past)
            return self._finish(audit, arguments, problem, past)
        finally:
            past.close()

    def _judged(
        self, arguments: dict[str, Any], variables: dict[str, Any], targets: list[str], policy: Policy, past: _past.Past
    ) -> tuple[Audit, str | None]:
        """Return the audit, which is in the history then, and what went wrong with the records of a slice."""
        gc.disable()  # nothing here is cyclic, and over a large fleet the collector costs as much as the judging
        try:
            with _saying(f"Reading what {len(targets):,} hosts answered ..."):
                spool = self._gathered(arguments, past, targets)
            now = datetime.now(timezone.utc)
            run = self._run_info(spool, arguments, variables, targets, now)
            is_slice = _slices.keeps_records(arguments["keep_records"], _slices.workflow_job(variables), past.where)
            of_slices = arguments["records"] == _slices.HISTORY
            with _saying(f"Judging {len(targets):,} hosts, and keeping what they showed in the history ..."):
                audit = self._audit(
                    run, spool, policy, past, int(now.timestamp()), of_slices=of_slices, whole=of_slices or not is_slice
                )
            problem = self._keep_records(past, spool, arguments) if is_slice else None
            return replace(audit, history=past.summary()), problem
        finally:
            gc.enable()

    @staticmethod
    def _gathered(arguments: dict[str, Any], past: _past.Past, targets: list[str]) -> _spool.Spool:
        run_id = arguments["run_id"]
        if arguments["records"] == _slices.SPOOL:
            spool = _spool.read(arguments["spool"], run_id)
            spool.notes += spool.how()
            return spool
        store = past.info.name if past.info is not None else ""
        return _slices.spool_of_slices(_past.records_of(past, run_id), run_id, store, targets)

    def _run_info(
        self,
        spool: _spool.Spool,
        arguments: dict[str, Any],
        variables: dict[str, Any],
        targets: list[str],
        now: datetime,
    ) -> RunInfo:
        hostvars = variables.get("hostvars")
        overrides = {name: entry.get("environment") for name, entry in spool.records.items()}
        for name in targets:
            if name not in spool.records:
                overrides[name] = self._host_environment(hostvars, name)
                self._add_from_result(spool, hostvars, name, arguments)
        return RunInfo(
            run_id=arguments["run_id"],
            started_at=_slices.begun_at(spool.records.values(), arguments["started_at"] or _run.timestamp(now)),
            generated_at=_run.timestamp(now),
            tool_version=VERSION,
            targets=tuple(targets),
            groups=groups_by_host(to_plain(variables.get("groups") or {})),
            environments=overrides,
        )

    def _audit(
        self,
        run: RunInfo,
        spool: _spool.Spool,
        policy: Policy,
        past: _past.Past,
        now: int,
        *,
        of_slices: bool,
        whole: bool,
    ) -> Audit:
        samples: list[Sample] = []
        audit = build_audit(run, spool.records, policy, past=past, notes=spool.notes, samples=samples)
        if not self._task.check_mode:
            record = _past.run_record(run.run_id, run.started_at)
            _past.keep(past, record, samples, audit.hosts.entries, now, judged_anew=of_slices, whole=whole)
        if of_slices:
            hosts = Hosts(_slices.not_reported(host, run.run_id) for host in audit.hosts)
            return replace(audit, hosts=hosts)
        return audit

    def _keep_records(self, past: _past.Past, spool: _spool.Spool, arguments: dict[str, Any]) -> str | None:
        """Leave what this slice gathered for the report of all slices; return why that did not work."""
        if arguments["records"] == _slices.HISTORY or self._task.check_mode:
            return None
        return _past.keep_records(past, arguments["run_id"], spool.records.values())

    def _finish(self, audit: Audit, arguments: dict[str, Any], problem: str | None, past: _past.Past) -> dict[str, Any]:
        paths: dict[str, str] = {}
        folder = arguments["report_dir"]
        if not self._task.check_mode:
            with _saying(f"Writing the report to {folder} ..."):
                paths = write_outputs(
                    audit,
                    folder,
                    arguments["outputs"],
                    arguments["output_names"],
                    junit_warnings=arguments["junit_warnings"],
                )
            unmarked = _past.reported(past, audit.run_id)
            if unmarked:
                Display().warning(unmarked)
            self._tidy(folder, arguments)
        summary = summary_lines(audit, paths)
        Display().display("\n".join(("", *summary, "")))
        report = {
            "run_id": audit.run_id,
            "decision": audit.decision.as_plain(),
            "verdict_counts": audit.counts.as_plain(),
            "report_dir": folder if paths else None,
            "written": paths,
            "summary": summary,
            "result": run_result(audit, folder if paths else None, paths),
        }
        if problem:
            problem = " ".join((problem, *self._kept(arguments)))
        elif not self._task.check_mode:
            self._remove_spools(arguments)
        broken = problem or fails(audit, arguments["fail_on"])
        return report if broken is None else {**report, "failed": True, "msg": broken}

    @staticmethod
    def _remove_spools(arguments: dict[str, Any]) -> None:
        """Remove the spools that nobody wants to keep: the report has what was in them."""
        if arguments["records"] == _slices.SPOOL:
            for path in arguments["spool"]:
                left = remove_when_reported(path)
                if left:
                    Display().warning(left)

    @staticmethod
    def _tidy(folder: str, arguments: dict[str, Any]) -> None:
        """Remove what killed runs have left; link the newest report and remove old ones, where that is wanted. What
        can't be done is a warning, since the report stands.
        """
        remove_unfinished(folder, tuple(arguments["output_names"].values()))
        if arguments["latest"]:
            _path, problem = link_latest(folder)
            if problem:
                Display().warning(problem)
        if arguments["keep_reports"] is not None:
            names = arguments["output_names"]
            pruned = prune_reports(
                folder, arguments["keep_reports"], tuple(names.values()), names.get("audit.json", "audit.json")
            )
            for problem in pruned.notes:
                Display().warning(problem)

    @staticmethod
    def _host_environment(hostvars: Any, name: str) -> str | None:
        value = _raw_variables(hostvars, name).get("kernel_mem_audit_environment")
        return str(value) if isinstance(value, str) and "{{" not in value else None

    @staticmethod
    def _add_from_result(spool: _spool.Spool, hostvars: Any, name: str, arguments: dict[str, Any]) -> None:
        """A host whose task failed before the gathering began (an undefined variable, say) has a result but no spool
        line.
        """
        outcome = _raw_variables(hostvars, name).get(arguments["results"])
        if not isinstance(outcome, Mapping) or not (outcome.get("unreachable") or outcome.get("failed")):
            return
        problem = failure(
            "unreachable" if outcome.get("unreachable") else "failed",
            str(outcome.get("msg") or "The task failed without a message."),
        )
        spool.records[name] = dict(Origin(arguments["run_id"], name, (), None).record(problem))


@contextmanager
def _saying(what: str) -> Iterator[None]:
    """Say what is being done where it takes so long that somebody could wonder."""
    timer = threading.Timer(_WONDERING_SECONDS, Display().display, (what,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _head_of(path: str) -> SpoolHead | None:
    try:
        return SpoolHead.read(path)
    except ValueError:
        return None


def _raw_variables(hostvars: Any, name: str) -> Mapping[str, Any]:
    variables = hostvars.raw_get(name) if hasattr(hostvars, "raw_get") else None
    return variables if isinstance(variables, Mapping) else {}
