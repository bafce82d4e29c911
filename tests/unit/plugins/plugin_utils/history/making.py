# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples, findings and runs for the tests of history stores."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    AppendResult,
    HistoryStore,
    NewFinding,
    RunRecord,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.thinning import trimmed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    COLUMNS,
    SAMPLED,
    UNKNOWN,
    Sample,
    Series,
    row_of,
    series_of,
)

MIB, GIB = 2**20, 2**30
HOUR, DAY = 3600, 86400
MIDNIGHT = 1_795_996_800
"""2026-11-30T00:00:00Z."""


# Minutes to months apart, so that samples share hours, half days and days.
MOMENTS = st.one_of(
    st.integers(0, 40).map(lambda hours: MIDNIGHT - hours * HOUR),
    st.integers(0, 3 * DAY).map(lambda seconds: MIDNIGHT - seconds),
    st.integers(0, 60).map(lambda days: MIDNIGHT - days * DAY),
    st.integers(0, 400 * DAY).map(lambda seconds: MIDNIGHT - seconds),
)
AMOUNTS = st.one_of(
    st.integers(0, 10), st.just(UNKNOWN), st.integers(-(2**31) + 1, 2**31 - 1), st.integers(2**31, 2**62)
)


def numbered_row(moment: int, amount: int) -> tuple[int, ...]:
    """A row of a series with one amount that differs."""
    return (moment, *range(1, len(COLUMNS) - 1), amount)


def sample(host: str = "web1", moment: int = MIDNIGHT, slab: int | None = 512 * MIB, **changes: Any) -> Sample:
    """A sample of a healthy host."""
    fields: dict[str, Any] = {
        "host": host,
        "collected_at": moment,
        "boot_id": "6f1c",
        "kernel_release": "6.12.0",
        "architecture": "x86_64",
        "uptime_seconds": 5 * DAY,
        "memory_total_bytes": 64 * GIB,
        "memory_available_bytes": 48 * GIB,
        "cpus_possible": 16,
        "threads": 900,
        "cgroups": 120,
        "vmalloc_meaning": "pages",
        "balloon_bytes": None,
        "amounts": {name: (place + 1) * 10 * MIB for place, name in enumerate(SAMPLED)} | {"slab_unreclaimable": slab},
    }
    return Sample(**{**fields, **changes})


def finding(
    dimension: str = "slab_unreclaimable", kind: str = "growth", severity: str = "warning", **changes: Any
) -> NewFinding:
    """What is kept of a finding."""
    fields: dict[str, Any] = {"status": "confirmed", "value": 3.5e9, "limit": 1e9}
    return NewFinding(dimension, kind, severity, **{**fields, **changes})


def add(
    store: HistoryStore,
    name: str,
    moment: int,
    samples: Iterable[Sample] | None = None,
    findings: Mapping[str, Sequence[NewFinding]] | None = None,
    *,
    reported: bool = True,
    **fields: Any,
) -> AppendResult:
    """Append a run, and say that its report is written; without samples one of web1, without findings judged hosts
    without any.
    """
    samples = [sample(moment=moment)] if samples is None else list(samples)
    found = {each.host: [] for each in samples} if findings is None else findings
    added = store.append(RunRecord(name, moment, **fields), samples, found)
    if reported:
        store.runs.reported(name)
    return added


def expected(samples: Iterable[Sample]) -> dict[str, Series]:
    """What the series of these samples must be."""
    rows: dict[str, list[tuple[int, ...]]] = {}
    for each in samples:
        rows.setdefault(each.host, []).append(row_of(each))
    return {host: series_of(host, trimmed(of_host)) for host, of_host in rows.items()}


def all_series(store: HistoryStore, **options: Any) -> dict[str, Series]:
    """The series of a store by host."""
    found = list(store.series(**options))
    assert len({series.host for series in found}) == len(found)
    return {series.host: series for series in found}


def exported(store: HistoryStore) -> list[dict[str, Any]]:
    """Everything in a store, in an order of its own, so that two stores can be compared; of when a report was written,
    which is the time of the test, only whether it was.
    """
    records = lines(store)
    for record in records:
        if record["record"] == "run":
            record["reported_at"] = record["reported_at"] is not None
    return sorted(records, key=repr)


def lines(store: HistoryStore, kind: str | None = None) -> list[dict[str, Any]]:
    """The records of an export, all or those of a kind, as they come out of a file."""
    records: list[dict[str, Any]] = json.loads(json.dumps(list(store.upkeep.export()), allow_nan=False))
    return [record for record in records if kind in (None, record["record"])]
