# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated hosts that are audited day by day in earnest: readings, history, rules, causes and what changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.outlooks import causes_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page, story
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.audited_fleet import audited, members

DAYS = 44
FLEET = members(60, DAYS)


@pytest.mark.once
def test_what_is_planted_is_what_is_said(tmp_path: Path) -> None:
    """Which host first, since when, who: the answers of the page are those of the simulation, and nobody else has a
    finding of growth.
    """
    with audited(tmp_path, 0, days=DAYS, live=3, fleet=FLEET) as audit:
        causes = causes_of(audit.hosts)
        planted = {one.name: one.planted for one in FLEET if one.planted is not None}
        growing = [one for cause in causes for one in cause.members if one.outlook.pace]
        assert growing and {one.host.name for one in growing} <= set(planted)
        first = causes[0].first
        leak = planted[first.host.name]
        assert leak is not None and (first.outlook.dimension, first.outlook.holder) == (leak.dimension, leak.holder)
        assert story.since_line(first, audit.generated_at).startswith("Growing since 3 Nov (21 days), ")
        holders = {(one.outlook.dimension, one.outlook.holder) for one in growing}
        assert ("page_tables", "postgres") in holders and ("kernel_stack", "java") in holders
        assert "First to run out: " in page.render(audit)


@pytest.mark.once
def test_who_falls_silent_and_who_answers_again_is_seen_from_one_day_to_the_next(tmp_path: Path) -> None:
    """By the store, with hosts that really gave no answer."""
    today = {one.name for one in FLEET if 0 in one.places}
    yesterday = {one.name for one in FLEET if 1 in one.places}
    before = {one.name for one in FLEET if 2 in one.places}
    with audited(tmp_path, 0, days=2, live=2, fleet=FLEET) as audit:
        assert audit.changes is not None
        assert set(audit.changes.silent) == yesterday - today
        assert set(audit.changes.back) == (today - yesterday) & before
        assert audit.changes.silent and audit.changes.back
