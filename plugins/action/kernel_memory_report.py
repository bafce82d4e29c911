# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make one audit of what the run's hosts left in the spool, write its outputs, print the summary, decide."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..plugin_utils._arguments import report_argument_spec
from ..plugin_utils._plain import to_plain
from ..plugin_utils._screen import shown_at_the_end, tell
from ..plugin_utils.audit import slices as _slices
from ..plugin_utils.audit.audit import Audit
from ..plugin_utils.audit.build import RunInfo
from ..plugin_utils.audit.failure import failure as fails
from ..plugin_utils.audit.result import run_result
from ..plugin_utils.audit.stream import Streamed
from ..plugin_utils.audit.unnamed_file import Scrap
from ..plugin_utils.history import of_a_run as _past
from ..plugin_utils.model.times import utc_text
from ..plugin_utils.model.version import VERSION
from ..plugin_utils.outputs.file_modes import Modes
from ..plugin_utils.outputs.tidy import Tidying
from ..plugin_utils.outputs.write import Written, check_outputs, write_outputs
from ..plugin_utils.policy.source import policy_from
from ..plugin_utils.run import run as _run
from ..plugin_utils.run import spool as _spool
from ..plugin_utils.run.inventory import groups_by_host
from ..plugin_utils.run.outcome import Origin, failure
from ..plugin_utils.run.resume import kept_sentence
from ..plugin_utils.run.spool_head import SpoolHead, remove_when_reported
from ..plugin_utils.screen.audience import QUIET, SUMMARY
from ..plugin_utils.screen.messages import messages
from ..plugin_utils.screen.of_audit import content_of

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
            raise AnsibleActionFail(" ".join((str(exc), *self._spools_kept(arguments)))) from None
        except Exception as exc:
            told = f"The report could not be made: {type(exc).__name__}: {exc}"
            raise AnsibleActionFail(" ".join((told, *self._spools_kept(arguments)))) from exc
        return {**result, "changed": False, **report}

    def _spools_kept(self, arguments: dict[str, Any]) -> list[str]:
        """Return what an error says of the spools that hold what was gathered, and how to go on."""
        if arguments["records"] == _slices.HISTORY or self._task.check_mode:
            return []
        heads = {path: _head_of(path) for path in arguments["spool"]}
        return [kept_sentence(path, head.command) for path, head in heads.items() if head is not None]

    def _report(self, arguments: dict[str, Any], variables: dict[str, Any]) -> dict[str, Any]:
        targets = [str(name) for name in variables.get("ansible_play_hosts_all") or ()]
        _run.check_number_of_hosts(len(targets), arguments["minimum_hosts"], "of this play")
        check_outputs(arguments["outputs"], arguments["output_names"])
        self._tidying(arguments)
        policy = policy_from(arguments["policy"], os.getcwd())
        past = _past.past_of(
            arguments["history"],
            os.environ,
            os.getcwd(),
            arguments["run_id"],
            targets,
            create=not self._task.check_mode,
        )
        with closing(past), _without_collector(), closing(Scrap(C.DEFAULT_LOCAL_TMP)) as scrap:
            with _saying(f"Reading what {len(targets):,} hosts answered ..."):
                spool = self._gathered(arguments, past, targets)
            moment = datetime.now(timezone.utc)
            run = self._run_info(spool, arguments, variables, targets, moment)
            with _saying(f"Judging {len(targets):,} hosts ..."):
                making = Streamed(run, spool.records, policy, scrap, past=past, notes=spool.notes)
                audit = self._audit(making, arguments)
            written = self._write(audit, arguments)
            is_slice = _slices.keeps_records(arguments["keep_records"], _slices.workflow_job(variables), past.where)
            with _saying("Keeping what the hosts showed in the history ..."):
                self._keep(making, audit, past, arguments, int(moment.timestamp()), is_slice=is_slice)
                self._mark(past, audit.run_id, written)
            lost = self._keep_records(past, spool, arguments) if is_slice else None
            problems = [*written.problems, *([lost] if lost else [])]
            return self._finish(replace(audit, history=past.summary()), arguments, written.paths, problems)

    @staticmethod
    def _audit(making: Streamed, arguments: dict[str, Any]) -> Audit:
        audit = making.audit()
        if arguments["records"] == _slices.HISTORY:
            hosts = [_slices.not_reported(host, audit.run_id) for host in audit.hosts]
            return replace(audit, hosts=audit.hosts.replaced(hosts))
        return audit

    def _write(self, audit: Audit, arguments: dict[str, Any]) -> Written:
        """Write the outputs. One that can't be written costs itself alone."""
        if self._task.check_mode:
            return Written({}, [])
        folder = arguments["report_dir"]
        with _saying(f"Writing the report to {folder} ..."):
            return write_outputs(
                audit,
                folder,
                arguments["outputs"],
                arguments["output_names"],
                junit_warnings=arguments["junit_warnings"],
                modes=Modes.of(arguments["report_mode"]),
            )

    def _keep(
        self, making: Streamed, audit: Audit, past: _past.Past, arguments: dict[str, Any], now: int, *, is_slice: bool
    ) -> None:
        """Keep the run in the history, after its report."""
        if self._task.check_mode:
            return
        of_slices = arguments["records"] == _slices.HISTORY
        record, whole = _past.run_record(audit.run_id, audit.started_at), of_slices or not is_slice
        _past.keep(
            past,
            record,
            making.samples,
            audit.hosts.entries,
            now,
            judged_anew=of_slices,
            whole=whole,
            owners=making.owners(),
        )
        if past.state == _past.NOT_SAVED and past.message:
            Display().warning(past.message)

    def _mark(self, past: _past.Past, run_id: str, written: Written) -> None:
        """Let the next run compare with this one, unless nobody could read what it found."""
        if self._task.check_mode or (written.problems and not written.paths):
            return
        unmarked = _past.reported(past, run_id)
        if unmarked:
            Display().warning(unmarked)

    @staticmethod
    def _gathered(arguments: dict[str, Any], past: _past.Past, targets: list[str]) -> _spool.Spool:
        run_id = arguments["run_id"]
        if arguments["records"] == _slices.SPOOL:
            spool = _spool.read(arguments["spool"], run_id, in_short=True)
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
            started_at=_slices.begun_at(spool.records.values(), arguments["started_at"] or utc_text(now.timestamp())),
            generated_at=utc_text(now.timestamp()),
            tool_version=VERSION,
            targets=tuple(targets),
            groups=groups_by_host(to_plain(variables.get("groups") or {})),
            environments=overrides,
        )

    def _keep_records(self, past: _past.Past, spool: _spool.Spool, arguments: dict[str, Any]) -> str | None:
        """Leave what this slice gathered for the report of all slices; return why that did not work."""
        if arguments["records"] == _slices.HISTORY or self._task.check_mode:
            return None
        return _past.keep_records(past, arguments["run_id"], map(_spool.whole, spool.records.values()))

    def _finish(
        self, audit: Audit, arguments: dict[str, Any], paths: dict[str, str], problems: list[str]
    ) -> dict[str, Any]:
        """Tidy up, say what was found, and decide whether the run fails. The spool goes last, when all else is done."""
        folder = arguments["report_dir"]
        for problem in self._tidying(arguments).around(folder) if paths else ():
            Display().warning(problem)
        content = content_of(audit, paths)
        summary = shown_at_the_end(content)
        tell("\n".join(("", *summary, "")), unless=(QUIET, SUMMARY))
        report = {
            "run_id": audit.run_id,
            "decision": audit.decision.as_plain(),
            "verdict_counts": audit.counts.as_plain(),
            "report_dir": folder if paths else None,
            "written": paths,
            "summary": summary,
            "screen": content.as_plain(),
            "messages": messages(content),
            "result": run_result(audit, folder if paths else None, paths),
        }
        if problems:
            problems += self._spools_kept(arguments)
        elif not self._task.check_mode:
            self._remove_spools(arguments)
        broken = " ".join(problems) or fails(audit, arguments["fail_on"])
        return report if not broken else {**report, "failed": True, "msg": broken}

    @staticmethod
    def _remove_spools(arguments: dict[str, Any]) -> None:
        """Remove the spools that nobody wants to keep: the report has what was in them."""
        if arguments["records"] == _slices.SPOOL:
            for path in arguments["spool"]:
                left = remove_when_reported(path)
                if left:
                    Display().warning(left)

    @staticmethod
    def _tidying(arguments: dict[str, Any]) -> Tidying:
        return Tidying(
            arguments["latest"],
            arguments["keep_reports"],
            arguments["output_names"],
            Modes.of(arguments["report_mode"]),
        )

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
def _without_collector() -> Iterator[None]:
    """Nothing here is cyclic, and over a large fleet the collector costs as much as the judging."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _saying(what: str) -> Iterator[None]:
    """Say what is being done where it takes so long that somebody could wonder."""
    timer = threading.Timer(_WONDERING_SECONDS, tell, (what, (QUIET,)))
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
