# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole answer about a host's own history: coverage, and what is left out because something else says it."""

from __future__ import annotations

from dataclasses import fields

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.baseline import Baseline
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.own_history import judge_history
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    MIB,
    days_of,
    judged,
    sample_at,
    subject_of,
    the,
)


def test_a_quiet_host_is_judged_and_has_no_finding() -> None:
    """Every dimension has a baseline that is ready."""
    answer = judged([sample_at(day) for day in range(-20, 1)])
    assert answer.judgement.findings == []
    assert answer.judgement.judged == list(LIMITED)
    assert answer.judgement.not_judged == {}
    assert answer.growing == {}
    assert answer.baselines["percpu"] == Baseline(
        state="ready",
        samples=14,
        needed=7,
        median_bytes=400 * MIB,
        low_bytes=400 * MIB,
        high_bytes=400 * MIB,
        slope_bytes_per_day=0,
        started_at="2026-08-16T12:00:00Z",
    )


def test_no_history_is_not_healthy() -> None:
    """Nothing is judged, and each dimension says why."""
    answer = judge_history(subject_of(sample_at(0)), None)
    assert answer.judgement.judged == []
    assert set(answer.judgement.not_judged) == set(LIMITED)
    assert {baseline.state for baseline in answer.baselines.values()} == {"no_history"}


def test_findings_have_every_field() -> None:
    """Outputs rely on them."""
    answer = judged(days_of("percpu", [100 + 100 * day for day in range(21)]) + [])
    assert answer.judgement.findings
    for one in answer.judgement.findings:
        assert set(one.as_plain()) == {field.name for field in fields(Finding)}
        assert one.expected and one.explanation and one.next_step and one.command


def test_growth_explains_a_spike() -> None:
    """One trouble is one finding."""
    answer = judged(days_of("slab_unreclaimable", [600] * 6 + [600 + 300 * day for day in range(15)]))
    kinds = [one.kind for one in answer.judgement.findings]
    assert "growth" in kinds
    assert the(answer, "slab_unreclaimable", "growth").severity == "warning"
    assert "spike" not in kinds


def test_a_part_explains_the_total() -> None:
    """The total repeats what its part says, unless it is worse."""

    def samples(part: float) -> list[Sample]:
        return [
            sample_at(
                day - 20,
                slab_unreclaimable=round((400 + part * day) * MIB),
                kernel_unreclaimable=round((2000 + 75 * day) * MIB),
            )
            for day in range(21)
        ]

    assert {one.dimension for one in judged(samples(60)).judgement.findings} == {"slab_unreclaimable"}
    worse = judged(samples(9))
    assert the(worse, "slab_unreclaimable", "growth").severity == "info"
    assert the(worse, "kernel_unreclaimable", "growth").severity == "warning"


def test_the_same_input_gives_the_same_answer() -> None:
    """Nothing is remembered between calls."""
    samples = days_of("page_tables", [400] * 20 + [1400] * 3)
    assert judged(samples).judgement.findings == judged(samples).judgement.findings
