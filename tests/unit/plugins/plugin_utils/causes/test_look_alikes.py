# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each pattern names its own cause, is silent about the healthy host that looks like it, and is in the documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.table import PATTERNS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import judged, machine
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.causes.look_alikes import (
    LOOK_ALIKES,
    LookAlike,
)

DOCUMENT = (Path(__file__).parents[5] / "docs" / "patterns.md").read_text(encoding="utf-8")
NAMES = [one.pattern for one in LOOK_ALIKES]


@pytest.mark.parametrize("one", [one for one in LOOK_ALIKES if one.sick], ids=lambda one: one.pattern)
def test_the_sick_host_has_its_cause(one: LookAlike) -> None:
    """A cause without a public incident is shown by numbers of its kind."""
    _verdict, findings = judged(machine(**one.sick))
    assert {found.pattern for found in findings if found.dimension == one.dimension} == {one.pattern}


@pytest.mark.parametrize("one", LOOK_ALIKES, ids=NAMES)
def test_a_healthy_host_that_looks_alike_is_not_blamed(one: LookAlike) -> None:
    """Who has the same in an amount that hurts nobody, or without what makes it this cause, must not hear of it."""
    _verdict, findings = judged(machine(**one.benign))
    assert one.pattern not in {found.pattern for found in findings if found.severity != "info"}


def test_every_pattern_has_a_row_in_the_order_of_the_table() -> None:
    """A pattern that nobody tries on a healthy host is one that blames it."""
    assert set(NAMES) == {pattern.name for pattern in PATTERNS} and len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("one", LOOK_ALIKES, ids=NAMES)
def test_the_documents_have_the_same_table(one: LookAlike) -> None:
    """What people read of a sign must be what is tried."""
    assert one.row in DOCUMENT.splitlines()
