# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The facts of a host as rules ask them: what is doubtful, why something is not known, and which kernel it is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import (
    MISSING_CLASSES,
    NO_REASON,
    Contradiction,
    Holder,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import seconds_or_none
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts

PLAIN = healthy_facts()
FACTS = checked_facts(PLAIN)


@pytest.mark.parametrize("name", ["percpu", "percpu_bytes"])
@pytest.mark.parametrize("kind", MISSING_CLASSES)
def test_what_this_kernel_has_and_does_not_tell_is_doubtful(name: str, kind: str) -> None:
    """What it never tells, and what nobody asked for, is excused; what is damaged is not."""
    facts = replace(FACTS, unavailable_class={name: kind})
    assert facts.is_doubtful("percpu") == (kind in ("not_readable", "damaged", "contradictory"))
    assert not facts.is_doubtful("vmalloc") and not FACTS.is_doubtful("percpu")


@pytest.mark.parametrize(
    ("unavailable", "why"),
    [
        ({}, NO_REASON),
        ({"percpu": "Not told."}, "Not told."),
        ({"percpu_bytes": "Not told."}, "Not told."),
        ({"percpu": "", "percpu_bytes": ""}, NO_REASON),
    ],
)
def test_what_is_not_known_has_a_reason(unavailable: dict[str, str], why: str) -> None:
    """By either name of the dimension; a null without a reason says so."""
    assert replace(FACTS, unavailable=unavailable).why_unknown("percpu") == why


def test_facts_go_out_as_they_came_in() -> None:
    """A reading that was kept is judged again as the host was."""
    assert checked_facts(json.loads(json.dumps(FACTS.as_plain()))) == FACTS
    assert FACTS.dimensions() == PLAIN["dimensions"]


@pytest.mark.parametrize(
    ("changes", "started"),
    [({}, seconds_or_none("2026-11-23T12:00:00Z")), ({"uptime_seconds": None}, None), ({"collected_at": None}, None)],
)
def test_a_kernel_is_known_by_when_it_was_started(changes: dict[str, Any], started: int | None) -> None:
    """The moment of the reading less its uptime; where either is not known, so is the start."""
    kernel = checked_facts(healthy_facts(**changes)).kernel()
    assert kernel.started_at == started


def test_a_contradiction_is_plain_under_the_name_that_is_documented() -> None:
    """``class`` is no name in Python."""
    found = Contradiction("Slab", "damaged", "It is not so.", 5, 4, None).as_plain()
    assert found == {
        "counter": "Slab",
        "class": "damaged",
        "sentence": "It is not so.",
        "value": 5,
        "against": 4,
        "taken": None,
    }


def test_holders_are_asked_by_kind_and_called_by_name() -> None:
    """What has no name is called by its kind."""
    holders = (Holder("nvidia", "gpu", None, None), Holder(None, "balloon", 5, None), Holder("xe", "gpu", 7, None))
    account = replace(FACTS.account, holders=holders)
    assert [one.label for one in account.holder_of("gpu")] == ["nvidia", "xe"]
    assert [one.label for one in account.holder_of("balloon")] == ["balloon"] and account.holder_of("zfs") == []
