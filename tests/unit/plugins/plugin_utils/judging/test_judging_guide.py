# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide "How a host is judged by its own history" says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.defaults import (
    default_environment_settings,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.baseline import STATES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.trend import SURE
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import GIB
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import MIB, days_of, found, judged

GUIDE = (Path(__file__).resolve().parents[5] / "docs" / "judging.md").read_text()


def test_the_guide_names_the_other_figures() -> None:
    """Clamps, windows, samples, hours."""
    settings = default_environment_settings("production")
    amounts = [level for tiers in settings["growth"].values() for level in tiers.values() if level is not None]
    assert {level["at_least"] for level in amounts} == {64 * MIB}
    assert sorted({level["at_most"] for level in amounts}) == [2 * GIB, 4 * GIB, 8 * GIB]
    history = settings["history"]
    for words in (
        f"at least {history['minimum_samples']} days",
        f"span at least {history['minimum_days']} days",
        "A window of 14 days and one of 30 days",
        f"last {history['baseline_samples']} samples",
        f"first {history['warm_up_hours']} hours",
        f"up to {history['confirm_after_hours']} hours ago",
        f"is above {SURE:g}",
    ):
        assert words in GUIDE, words


def test_every_state_is_explained() -> None:
    """A state in the output has a row in the guide."""
    assert set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.M)) == set(STATES)


def test_the_sentences_in_the_guide_are_what_findings_say() -> None:
    """Quoted word for word."""
    growth = found(
        judged(days_of("slab_unreclaimable", [600 + 200 * day for day in range(21)])), "slab_unreclaimable", "growth"
    )
    spike = found(judged(days_of("page_tables", [400] * 20 + [1400, 1410])), "page_tables", "spike")
    assert growth is not None
    assert spike is not None
    quoted = [line[2:] for line in GUIDE.splitlines() if line.startswith("> ")]
    assert quoted[:2] == [growth.explanation, spike.explanation]
