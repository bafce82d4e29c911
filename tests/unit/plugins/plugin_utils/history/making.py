# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples, findings and runs for the tests of history stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.packing import trimmed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    AppendResult,
    HistoryStore,
    RunRecord,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    SAMPLED,
    Sample,
    Series,
    row_of,
    series_of,
)

MIB, GIB = 2**20, 2**30
HOUR, DAY = 3600, 86400
MIDNIGHT = 1_795_996_800
"""2026-11-30T00:00:00Z."""


def sample(host: str = "web1", moment: int = MIDNIGHT, slab: int = 512 * MIB, **changes: Any) -> Sample:
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
) -> dict[str, Any]:
    """A finding as the rules make them; a store keeps a part of it."""
    return {
        "dimension": dimension,
        "kind": kind,
        "severity": severity,
        "status": "confirmed",
        "value": 3.5e9,
        "limit": 1e9,
        "unit": "bytes",
        **changes,
    }


def add(
    store: HistoryStore,
    name: str,
    moment: int,
    samples: Iterable[Sample] | None = None,
    findings: Mapping[str, list[dict[str, Any]]] | None = None,
    **fields: Any,
) -> AppendResult:
    """Append a run; without samples one of web1, without findings judged hosts without any."""
    samples = [sample(moment=moment)] if samples is None else list(samples)
    return store.append(
        RunRecord(name, moment, **fields),
        samples,
        {each.host: [] for each in samples} if findings is None else findings,
    )


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
    """Everything in a store, in an order of its own, so that two stores can be compared."""
    return sorted((dict(record) for record in store.export()), key=repr)
