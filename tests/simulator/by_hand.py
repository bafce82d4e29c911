# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Histories with round numbers, so that tests can be worked by hand: a 64 GiB host on which only what a test names
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample, Series, row_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.own_history import (
    HistoryJudgement,
    judge_history,
)
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.aging import aged_rows
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.replay import shipped_settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import NOW, facts_of

MIB, GIB, DAY = 1024**2, 1024**3, 86400
USUAL = dict.fromkeys(LIMITED, 400 * MIB)
SAMPLED = tuple(one.name for one in fields(Sample))


def sample_at(
    day: float, *, boot: str | None = "one", uptime_days: float | None = None, kernel: str = "6.12.0", **changes: Any
) -> Sample:
    """Return the sample of the host *day* days before now (a negative number), where only *changes* differ from the
    usual.
    """
    amounts = USUAL | {name: amount for name, amount in changes.items() if name in USUAL}
    rest: dict[str, Any] = {name: value for name, value in changes.items() if name not in USUAL}
    fields: dict[str, Any] = {
        "host": "web1",
        "collected_at": NOW + round(day * DAY),
        "boot_id": boot,
        "kernel_release": kernel,
        "architecture": "x86_64",
        "uptime_seconds": round((100 + day if uptime_days is None else uptime_days) * DAY),
        "memory_total_bytes": 64 * GIB,
        "memory_available_bytes": 32 * GIB,
        "cpus_possible": 16,
        "threads": 25_600,  # of 16 KiB each
        "cgroups": 100,
        "vmalloc_meaning": "pages",
        "balloon_bytes": None,
        "amounts": amounts,
    }
    return Sample(**(fields | rest))


def days_of(dimension: str, mib: Sequence[float | None], every: float = 1, **changes: Any) -> list[Sample]:
    """Return samples *every* so many days whose amounts of one dimension, in MiB, are given; the last is now."""
    return [
        sample_at(
            (place + 1 - len(mib)) * every, **(changes | {dimension: None if amount is None else round(amount * MIB)})
        )
        for place, amount in enumerate(mib)
    ]


def series_before(samples: Sequence[Sample]) -> Series:
    """Return the series that a store keeps of all but the last sample."""
    return aged_rows("web1", [row_of(sample) for sample in samples[:-1]])


def subject_of(
    sample: Sample, environment: str = "production", settings: Settings | None = None, **changes: Any
) -> Subject:
    """Return the host that showed a sample as one that is judged, by the settings that ship unless others are given.

    *changes* are those of ``healthy_facts``; the sample has those that it keeps, too.
    """
    sample = replace(sample, **{name: value for name, value in changes.items() if name in SAMPLED})
    facts = facts_of(**({"unaccounted_band_bytes": 0} | changes))
    chosen = shipped_settings(environment) if settings is None else settings
    return Subject(sample.host, sample, environment, chosen, facts)


def judged(
    samples: Sequence[Sample], environment: str = "production", settings: Settings | None = None, **changes: Any
) -> HistoryJudgement:
    """Judge the last sample by those before it, with the settings that ship."""
    return judge_history(subject_of(samples[-1], environment, settings, **changes), series_before(samples))


def found(answer: HistoryJudgement, dimension: str, kind: str) -> Finding | None:
    """Return the one finding of a cell, or None."""
    matching = [one for one in answer.judgement.findings if one.key == (dimension, kind)]
    assert len(matching) < 2, f"{dimension} has {len(matching)} findings of {kind}"
    return matching[0] if matching else None


def the(answer: HistoryJudgement, dimension: str, kind: str) -> Finding:
    """Return the one finding of a cell, which must be there."""
    finding = found(answer, dimension, kind)
    assert finding is not None
    return finding
