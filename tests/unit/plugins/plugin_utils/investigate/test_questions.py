# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of each question, in a sentence each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.questions import (
    REFUSALS,
    STATES,
    WHY_NOT_TRACED,
    questions,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    MIB,
    SETTINGS,
    Plain,
    asked,
    look,
    packet_rings,
    ramp,
    traced,
    watch,
)


def told(*answers: Plain, **changed: object) -> dict[str, tuple[str, str]]:
    """State and sentence of each question."""
    found = asked(*answers, settings=replace(SETTINGS, **changed))
    return {one.name: (one.state, one.sentence) for one in questions(found.answer, found.not_traced)}


def test_all_four_are_told_in_their_order() -> None:
    """What was not asked is not left out: its absence would be read as an answer."""
    found = told(*packet_rings(), trace=True)
    assert list(found) == ["windows", "profile", "objects", "trace"]
    assert all(state in STATES and sentence.endswith(".") for state, sentence in found.values())
    assert found["windows"][1].startswith("5 readings, 4 seconds apart.") and "64 KiB a second" in found["windows"][1]
    assert found["objects"] == ("asked", "9 descriptors of 1 process were looked at.")
    assert "unaccounted for 4 seconds, 40,000 entries, 0 lost, 1 address in 1 kept" in found["trace"][1]


def test_the_floors_of_a_busy_host_are_told() -> None:
    """They are why a leak of 100 KiB a second was not called one."""
    sentence = told(watch(), busy=True)["windows"][1]
    assert "256 KiB a second" in sentence and "the floors for busy hosts" in sentence


@pytest.mark.parametrize(
    ("profiling", "error", "words"),
    [
        (None, "ENOENT", "does not profile"),
        ("0", "ENOENT", "it is switched off"),
        ("1", "EACCES", "only root may read that"),
    ],
)
def test_why_allocations_are_not_profiled(profiling: str | None, error: str, words: str) -> None:
    """Off, absent and forbidden are three different things to do about."""
    watched = watch()
    watched["errors"] = {"proc/allocinfo": error}
    state, sentence = told(watched, look(profiling=profiling))["profile"]
    assert state == "not_possible" and words in sentence


def test_descriptors_of_others_need_root() -> None:
    """None seen is not none there."""
    watched = watch({"descriptors": {"7 db": 4.0}})
    assert told(watched, look(descriptors={7: {}}))["objects"][0] == "not_possible"


@pytest.mark.parametrize("reason", REFUSALS)
def test_a_refusal_is_told_with_its_figures(reason: str) -> None:
    """So that somebody can judge whether the bound is right."""
    refusal = traced(refused=[reason, 12.5, 3.0])
    state, sentence = told(watch({}, unaccounted=ramp(MIB)), look(), refusal, trace=True)["trace"]
    assert state == "refused" and "{" not in sentence


@pytest.mark.parametrize("reason", WHY_NOT_TRACED)
def test_each_reason_not_to_trace_has_a_sentence(reason: str) -> None:
    """Every word that the host or the controller gives."""
    found = asked(watch())
    [trace] = [one for one in questions(found.answer, reason) if one.name == "trace"]
    assert trace.state in STATES and trace.sentence
