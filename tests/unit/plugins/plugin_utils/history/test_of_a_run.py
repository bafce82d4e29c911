# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The past of a run: what an audit sees of its history, and that whatever the store does costs the history alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import of_a_run
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.of_a_run import (
    Past,
    keep,
    open_past,
    past_of,
    reported,
    run_record,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.runs import StoredRuns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError, Retention
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.upkeep import StoreUpkeep
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import (
    OwnerKey,
    OwnerKind,
    OwnersSample,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import utc_text
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    GIB,
    MIDNIGHT,
    sample,
)

FOUND = Finding("percpu", "limit", "critical", "confirmed", 5.0, 4.0, "bytes", "", "", "", "")


@dataclass
class Host:
    """A host of an audit, as far as the history looks at it."""

    name: str = "web1"
    findings: Sequence[Finding] = ()
    no_data: object = None
    verdict: str = "ok"


def audit(where: Path, run: str, moment: int, hosts: list[Host], *, report: bool = True, **options: Any) -> Past:
    """An audit of hosts that keeps itself in a store, and reports."""
    past = open_past(str(where), run, [one.name for one in hosts])
    samples = [sample(one.name, moment) for one in hosts if one.no_data is None]
    keep(past, run_record(run, utc_text(moment)), samples, hosts, moment, **options)
    if report:
        assert reported(past, run) is None
    past.close()
    return past


def past(where: Path, run: str = "now") -> Past:
    """The past of a run."""
    found = open_past(str(where), run, ["web1", "web2"])
    found.close()
    return found


def test_a_new_store_says_so_and_the_next_run_is_ready(tmp_path: Path) -> None:
    """A lost history must be seen."""
    where = tmp_path / "h.db"
    assert audit(where, "r1", MIDNIGHT, [Host()]).summary().state == "new"
    second = past(where)
    assert (second.state, second.previous_run_at, second.summary().runs) == ("ready", utc_text(MIDNIGHT), 1)
    assert second.last == {"web1": []}


def test_what_a_killed_run_found_is_still_new_in_the_next(tmp_path: Path) -> None:
    """It was in the history and in no report: a new critical finding was never announced as new."""
    where = tmp_path / "h.db"
    audit(where, "r1", MIDNIGHT, [Host()])
    audit(where, "killed", MIDNIGHT + DAY, [Host(findings=[FOUND])], report=False)
    seen = past(where)
    assert (seen.previous_run_at, seen.last["web1"]) == (utc_text(MIDNIGHT), [])
    audit(where, "r3", MIDNIGHT + 2 * DAY, [Host(findings=[FOUND])])
    (found,) = past(where).last["web1"]
    assert (found.severity, found.first_seen_at, found.limit) == ("critical", MIDNIGHT + 2 * DAY, 4.0)


def test_hosts_without_data_are_not_judged(tmp_path: Path) -> None:
    """And what the fleet came to is kept with them."""
    where = tmp_path / "h.db"
    hosts = [Host("web1"), Host("web2", no_data={"reason": "unreachable"}, verdict="unknown")]
    audit(where, "r1", MIDNIGHT, hosts)
    assert past(where).last == {"web1": []}
    store = open_store(str(where))
    (sums,) = store.runs.sums()
    assert sums.sums.verdicts == {"ok": 1, "unknown": 1}
    assert {one.name: (one.hosts, one.sum_bytes) for one in sums.sums.measures}["memory_total"] == (1, 64 * GIB)
    store.close()


def test_a_slice_is_not_the_fleet(tmp_path: Path) -> None:
    """Its sums would pass for those of all slices."""
    where = tmp_path / "h.db"
    audit(where, "awx-7", MIDNIGHT, [Host()], whole=False)
    store = open_store(str(where))
    assert list(store.runs.sums()) == []
    store.close()


def test_old_samples_are_packed_once_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first audit of a day does it."""
    pruned: list[int] = []
    real = StoreUpkeep.prune

    def prune(self: StoreUpkeep, retention: Retention, now: int, **options: bool) -> object:
        pruned.append(now)
        return real(self, retention, now, **options)

    monkeypatch.setattr(StoreUpkeep, "prune", prune)
    moments = [MIDNIGHT, MIDNIGHT + 3600, MIDNIGHT + DAY, MIDNIGHT + DAY + 60]
    for moment in moments:
        audit(tmp_path / "h.db", f"r{moment}", moment, [Host()])
    assert pruned == [MIDNIGHT, MIDNIGHT + DAY]


def test_what_is_no_address_is_a_store_that_can_not_be_used(tmp_path: Path) -> None:
    """The report is made, and says so; nothing of what was written is repeated."""
    found = past_of("hots=db password=hunter2", {}, str(tmp_path), "r1", ["web1"])
    assert (found.state, found.store, found.where) == ("unavailable", None, None)
    assert found.message is not None and "hunter2" not in found.message and "did you mean host=?" in found.message
    off = past_of("none", {}, str(tmp_path), "r1", ["web1"])
    assert (off.state, off.series, off.summary().engine) == ("off", None, None)
    there = past_of("h.db", {}, str(tmp_path), "r1", ["web1"])
    assert there.where is not None and there.where.path == tmp_path / "h.db"
    there.close()


@pytest.mark.parametrize("call", ["append", "series", "keep_sums", "prune", "reported"])
def test_whatever_a_store_can_not_do_costs_that_and_not_the_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """A state and a sentence each; what was kept before counts."""
    where = tmp_path / "h.db"
    audit(where, "r1", MIDNIGHT, [Host()])

    def fail(*_arguments: object, **_options: object) -> None:
        raise HistoryError("It is gone.")

    owner: dict[str, type] = {"keep_sums": StoredRuns, "reported": StoredRuns, "prune": StoreUpkeep}
    monkeypatch.setattr(owner.get(call, SqlStore), call, fail)
    found = open_past(str(where), "r2", ["web1"])
    series = list(found.series or ())
    keep(found, run_record("r2", utc_text(MIDNIGHT + DAY)), [sample(moment=MIDNIGHT + DAY)], [Host()], MIDNIGHT + DAY)
    said = reported(found, "r2")
    summary = found.summary()
    found.close()
    monkeypatch.undo()
    assert len(series) == (call != "series")
    assert {"append": "not_saved", "series": "unavailable"}.get(call, "ready") == summary.state
    assert (said is not None) == (call == "reported")
    assert call == "reported" or "It is gone." in summary.message
    store = open_store(str(where))
    assert store.info.runs == (1 if call == "append" else 2)
    store.close()


def test_what_the_store_mended_is_said(tmp_path: Path) -> None:
    """An audit is the only one who looks daily."""
    where = tmp_path / "h.db"
    audit(where, "r1", MIDNIGHT, [Host()])
    store = open_store(str(where))
    assert isinstance(store, SqlStore)
    store.engine.change("UPDATE series SET data = x'00'")
    store.close()
    found = open_past(str(where), "r2", ["web1"])
    assert [len(series) for series in found.series or ()] == [1]
    assert found.summary().state == "ready" and "The series of web1 in the history" in found.summary().message
    found.close()


def test_records_of_slices_need_a_store(tmp_path: Path) -> None:
    """Nothing else has them, so these errors end the report of slices."""
    with pytest.raises(ValueError, match="this report has none; name theirs by kernel_mem_audit_history"):
        list(of_a_run.records_of(Past(), "awx-7"))
    with pytest.raises(ValueError, match="and it can't be used: broken"):
        list(of_a_run.records_of(Past(state="unavailable", message="broken"), "awx-7"))
    problem = of_a_run.keep_records(Past(state="unavailable", message="broken"), "awx-7", [])
    assert problem is not None and problem.endswith("so the report of the run awx-7 will lack its hosts: broken")


def test_a_record_without_a_time_is_no_record(tmp_path: Path) -> None:
    found = open_past(str(tmp_path / "h.db"), "awx-7", ["web1"])
    record: Mapping[str, Any] = {"host": "web1", "written_at": "yesterday"}
    problem = of_a_run.keep_records(found, "awx-7", [record])
    assert problem is not None and "The record of web1 does not say when it was written" in problem
    found.close()


def test_owners_are_kept_with_a_run_and_come_back(tmp_path: Path) -> None:
    """What a later run is told of who held the memory; without a store, and of nobody, nothing."""
    held = OwnersSample(
        "web1", MIDNIGHT, {OwnerKey(OwnerKind.CACHE, "filp"): 8 * 1024**2}, frozenset({OwnerKind.CACHE})
    )
    first = open_past(str(tmp_path / "h.db"), "one", ["web1"])
    keep(first, run_record("one", utc_text(MIDNIGHT)), [sample("web1", MIDNIGHT)], [], MIDNIGHT, owners=[held])
    first.close()
    second = open_past(str(tmp_path / "h.db"), "two", ["web1", "web2"])
    assert {name: one.points[0].amounts for name, one in second.owners_of(["web1", "web2"]).items()} == {
        "web1": dict(held.amounts)
    }
    assert second.owners_of([]) == {} == Past().owners_of(["web1"])
    second.close()
