# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole store as plain records: for a file of JSON lines, a backup, or a move to another engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..model.owners import OwnerKey, OwnersHistory
from ..model.sample import UNKNOWN
from .compaction import OLD_SUMMARIES
from .engine import Engine
from .export_records import (
    DayEntry,
    Entry,
    FindingEntry,
    HostEntry,
    JudgedEntry,
    KernelEntry,
    OwnersEntry,
    RolloutEntry,
    RunEntry,
    SampleEntry,
    StoreEntry,
    SumsEntry,
)
from .ids import all_host_ids, groups
from .owners import StoredOwners
from .rollouts import StoredRollouts
from .runs import StoredRuns
from .sample_columns import Layout, Numbers
from .samples import BlockKind, blocks_of, days_in, kept_samples, store_layout
from .store import SCHEMA_VERSION

Runs = dict[int, str]
"""The names of runs by their ids."""


def export(engine: Engine) -> Iterator[Entry]:
    """Yield everything as records. Series are left out, since samples make them."""
    yield StoreEntry(record="store", schema_version=SCHEMA_VERSION)
    for key, label in engine.rows("SELECT kernel_key, label FROM kernel ORDER BY kernel_key"):
        yield KernelEntry(record="kernel", kernel_key=key, label=label)
    runs: Runs = {}
    yield from _runs(engine, runs)
    yield from _sums(engine)
    yield from _rollouts(engine)
    layout = store_layout(engine)
    for group in groups(all_host_ids(engine)):
        yield from _of_hosts(engine, layout, group, runs)


def _runs(engine: Engine, runs: Runs) -> Iterator[Entry]:
    slices: dict[int, dict[str, int]] = {}
    for run_id, part, started_at in engine.rows(
        "SELECT run_id, slice, started_at FROM run_slice ORDER BY run_id, slice"
    ):
        slices.setdefault(run_id, {})[part] = started_at
    more = "reported_at, judged_live" if engine.version > 1 else "started_at, samples"
    for run_id, name, started_at, source, version, reported_at, live in engine.rows(
        f"SELECT run_id, name, started_at, source, tool_version, {more} FROM run ORDER BY started_at, name"
    ):
        runs[run_id] = name
        yield RunEntry(
            record="run",
            run=name,
            started_at=started_at,
            source=source,
            tool_version=version,
            reported_at=reported_at,
            judged_live=live,
            slices=slices.get(run_id, {}),
        )


def _sums(engine: Engine) -> Iterator[Entry]:
    for one in StoredRuns(engine).sums():
        yield SumsEntry(
            record="sums",
            run=one.run_id,
            verdicts=dict(one.sums.verdicts),
            measures=[
                {"name": each.name, "hosts": each.hosts, "sum_bytes": each.sum_bytes, "shares": list(each.shares)}
                for each in one.sums.measures
            ],
        )


def _rollouts(engine: Engine) -> Iterator[Entry]:
    stored = StoredRollouts(engine)
    for one in sorted(stored.all(), key=lambda rollout: rollout.name):
        yield RolloutEntry(
            record="rollout",
            name=one.name,
            state=one.state,
            target=one.target,
            policy_digest=one.policy_digest,
            document=one.document,
            revision=one.revision,
            began_at=one.began_at,
            changed_at=one.changed_at,
            hosts=[
                {
                    "host": each.host,
                    "state": each.state,
                    "document": each.document,
                    "revision": each.revision,
                    "changed_at": each.changed_at,
                }
                for each in stored.hosts(one.name)
            ],
            trail=[
                {
                    "at": each.at,
                    "host": each.host,
                    "who": each.step.who,
                    "what": each.step.what,
                    "detail": each.step.detail,
                }
                for each in stored.trail(one.name)
            ],
        )


def _of_hosts(engine: Engine, layout: Layout, group: Sequence[int], runs: Runs) -> Iterator[Entry]:
    hosts: dict[int, str] = {}
    bounds = (group[0], group[-1])
    for host_id, name, first_seen_at in engine.rows(
        "SELECT host_id, name, first_seen_at FROM host WHERE host_id BETWEEN ? AND ? ORDER BY host_id", bounds
    ):
        hosts[host_id] = name
        yield HostEntry(record="host", host=name, first_seen_at=first_seen_at)
    for host_id, kept in kept_samples(engine, layout, group).items():
        for one in sorted(kept):
            if one.run_id in runs and host_id in hosts:
                yield SampleEntry(
                    record="sample",
                    run=runs[one.run_id],
                    host=hosts[host_id],
                    numbers=_numbers(layout.columns, one.row),
                )
    for host_id, day in sorted(_days(engine, layout, group)):
        if host_id in hosts:
            yield DayEntry(record="rollup", host=hosts[host_id], numbers=_numbers(layout.day_columns, day))
    yield from _judged(engine, hosts, bounds, runs)
    for history in sorted(StoredOwners(engine).of(list(hosts.values())), key=lambda each: each.host):
        yield from _owners(history)


def _days(engine: Engine, layout: Layout, group: Sequence[int]) -> list[tuple[int, Numbers]]:
    found = [
        (block.host_id, day)
        for block in blocks_of(engine, group, BlockKind.DAYS)
        for day in days_in(engine, layout, block.host_id, block.data)
    ]
    there = engine.columns(OLD_SUMMARIES)
    if there:
        columns = ", ".join(name if name in there else "NULL" for name in layout.day_columns)
        query = f"SELECT host_id, {columns} FROM {OLD_SUMMARIES} WHERE host_id BETWEEN ? AND ?"
        for host_id, *numbers in engine.rows(query, (group[0], group[-1])):
            found.append((host_id, tuple([UNKNOWN if number is None else number for number in numbers])))
    return found


def _judged(engine: Engine, hosts: dict[int, str], bounds: tuple[int, int], runs: Runs) -> Iterator[Entry]:
    known = "run_id IN (SELECT run_id FROM run) AND host_id BETWEEN ? AND ?"
    findings: dict[tuple[int, int], list[FindingEntry]] = {
        (host_id, run_id): []
        for host_id, run_id in engine.rows(f"SELECT host_id, run_id FROM judged WHERE {known}", bounds)
    }
    for host_id, run_id, dimension, kind, severity, status, value, limit, first_seen_at in engine.rows(
        "SELECT host_id, run_id, dimension, kind, severity, status, value, limit_value, first_seen_at FROM finding "
        f"WHERE {known} ORDER BY place",
        bounds,
    ):
        findings.setdefault((host_id, run_id), []).append(
            FindingEntry(
                dimension=dimension,
                kind=kind,
                severity=severity,
                status=status,
                value=value,
                limit_value=limit,
                first_seen_at=first_seen_at,
            )
        )
    for (host_id, run_id), found in sorted(findings.items()):
        if run_id in runs and host_id in hosts:
            yield JudgedEntry(record="judged", run=runs[run_id], host=hosts[host_id], findings=found)


def _owners(history: OwnersHistory) -> Iterator[Entry]:
    known: Mapping[OwnerKey, int] = {}
    for point in history.points:
        yield OwnersEntry(
            record="owners",
            host=history.host,
            at=point.at,
            read=sorted(int(kind) for kind in point.read),
            set=[
                (int(key.kind), key.name, amount) for key, amount in point.amounts.items() if known.get(key) != amount
            ],
            gone=[(int(key.kind), key.name) for key in known if key not in point.amounts],
            modules=None if point.modules is None else list(point.modules),
        )
        known = point.amounts


def _numbers(columns: Sequence[str], row: Numbers) -> dict[str, int | None]:
    return {name: None if number == UNKNOWN else number for name, number in zip(columns, row, strict=True)}
