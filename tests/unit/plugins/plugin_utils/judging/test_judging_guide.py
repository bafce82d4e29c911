# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide "How a host is judged by its own history" says what the code does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.evidence import DEMANDS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.grows import MOST_ENDS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.rise import ACT_WITHIN
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import apply_own_rules
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import Judged
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.defaults import (
    default_environment_settings,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.baseline import STATES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.questions import QUESTIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import GIB
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    MIB,
    days_of,
    found,
    judged,
    sample_at,
    series_before,
    subject_of,
)

GUIDE = (Path(__file__).resolve().parents[5] / "docs" / "judging.md").read_text()


def test_the_guide_names_the_other_figures() -> None:
    """Clamps, windows, samples, hours."""
    settings = default_environment_settings("production")
    amounts = [level for tiers in settings["growth"].values() for level in tiers.values() if level is not None]
    assert {level["at_least"] for level in amounts} == {16 * MIB}
    assert sorted({level["at_most"] for level in amounts}) == [GIB, 2 * GIB]
    history = settings["history"]
    warning, watch = DEMANDS["warning"], DEMANDS["watch"]
    for words in (
        f"| points | {history['minimum_samples']}, or `minimum_samples`",
        f"it goes on for {history['minimum_days']} days (`minimum_days`)",
        f"last {history['baseline_samples']} samples",
        f"first {history['warm_up_hours']} hours",
        f"lie {history['confirm_after_hours']} hours apart",
        f"| {warning.drift:g}, or 97 % of a perfect line",
        f"| {warning.alike:g} (critical: {DEMANDS['critical'].alike:g}) | {watch.alike:g} |",
        f"| lower bound of the slope, by the slope | {warning.low:g} | {watch.low:g} |",
        f"rise in as long a time | {warning.times_earlier:g} | {watch.times_earlier:g} |",
        f"within {ACT_WITHIN // DAY} days",
        f"the {MOST_ENDS} samples before",
    ):
        assert words in GUIDE, words


def test_every_state_is_explained() -> None:
    """A state in the output has a row in the guide, and so has a question that could not be asked."""
    assert set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.M)) == {*STATES, *QUESTIONS}


def said(samples: Sequence[Sample]) -> list[str]:
    """The sentences of all findings about the last sample, with those before it as its history."""
    judged_host = Judged(subject_of(samples[-1]))
    apply_own_rules(judged_host, series_before(samples), True)
    return [one.explanation for one in judged_host.findings]


def test_the_sentences_in_the_guide_are_what_findings_say() -> None:
    """Quoted word for word."""
    growth = found(
        judged(days_of("slab_unreclaimable", [600 + 200 * day for day in range(21)])), "slab_unreclaimable", "growth"
    )
    spike = found(judged(days_of("page_tables", [400] * 20 + [1400, 1410])), "page_tables", "spike")
    assert growth is not None
    assert spike is not None
    files = [replace(sample_at(day - 10), files=2000 + 1600 * day, files_limit=32_768) for day in range(11)]
    (number,) = said(files)
    (old,) = said(days_of("slab_unreclaimable", [12 * 1024] * 20))
    quoted = [line[2:] for line in GUIDE.splitlines() if line.startswith("> ")]
    assert quoted == [growth.explanation, spike.explanation, number, old[-len(quoted[3]) :]]
