# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit's finding is as severe as its level, and never more than the policy allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.waivers import apply_severities
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.limit import judge_limits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, GIB, facts_of, subject_of

SETTINGS = BUILT_IN.environments["production"]
SICK = facts_of(slab_unreclaimable_bytes=11 * GIB)


def found(severities: dict[str, str], highest: str = "critical") -> Finding:
    """What is said of a host with 11 of 64 GiB in slab."""
    settings = replace(SETTINGS, severities=severities, highest_severity=highest)
    (finding,) = (one for one in judge_limits(subject_of(SICK, settings)).findings if one.unit == "bytes")
    assert apply_severities(settings, [finding]) == [finding], "nothing is left to be said of it"
    return finding


@pytest.mark.parametrize("cell", ["slab_unreclaimable.limit", "*.limit", "slab_unreclaimable.*", "*.*"])
@pytest.mark.parametrize(("most", "called"), [("info", "information"), ("warning", "warning")])
def test_every_spelling_of_a_cell_has_the_same_answer(cell: str, most: str, called: str) -> None:
    """Who writes a star means all of them."""
    finding = found({cell: most})
    assert finding.severity == most
    assert finding.explanation.endswith(f"; the policy allows {called} at most here.")


def test_an_environment_that_is_milder_says_so() -> None:
    """A reader who wonders why it is no critical finds the reason in the sentence."""
    finding = found({}, highest="warning")
    assert finding.severity == "warning"
    assert finding.explanation.endswith("; production hosts get a warning at most.")


def test_what_is_allowed_is_not_mentioned() -> None:
    """A remark that changes nothing is noise."""
    finding = found({"*.*": "critical", "percpu.limit": "info", "slab_unreclaimable.growth": "info"})
    assert finding.severity == "critical" and "at most here" not in finding.explanation
