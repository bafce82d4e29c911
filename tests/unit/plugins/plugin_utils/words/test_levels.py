# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A level of a policy reads the same wherever it is said, and none of its conditions is left out."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.levels import (
    change_words,
    level_words,
    size_words,
)

MIB, GIB = 1024**2, 1024**3


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (None, ""),
        ({"percent_of_ram": None, "at_least": None}, ""),
        (
            {"percent_of_ram": 8, "at_least": 512 * MIB, "at_most": 32 * GIB},
            "8 % of RAM, at least 512 MiB, at most 32 GiB",
        ),
        (
            {"percent_of_ram": 1, "percent_of_level": 25, "at_least": 64 * MIB, "at_most": 4 * GIB},
            "1 % of RAM, at least 64 MiB, at most 4 GiB, and 25 % of the level",
        ),
        (
            {"percent_of_ram": 1.5, "times_expected": 3},
            "1.5 % of RAM, and 3 times what its CPUs and control groups explain",
        ),
        ({"times_expected": 3}, "3 times what its CPUs and control groups explain"),
        (
            {"percent_of_thread_limit": 50, "times_stack_per_thread": 1.5},
            "50 % of the threads that the host allows, or 1.5 times the usual stack per thread",
        ),
        ({"at_least": 1024, "at_most": 2048}, "at least 1 KiB and at most 2 KiB"),
        ({"at_most": 1024, "only_if_available_below_percent": 10}, "at most 1 KiB, if less than 10 % is available"),
        ({"only_if_available_below_percent": 10}, ""),
    ],
)
def test_levels_are_in_words(level: Mapping[str, float | None] | None, words: str) -> None:
    """What must hold together is joined by *and*, what each suffices by *or*."""
    assert level_words(level) == words


def test_a_share_is_of_the_memory_that_is_named() -> None:
    """On 32-bit hosts the kernel's own memory has to fit in low memory."""
    assert size_words(2.5, None, None, "low memory") == "2.5 % of low memory"


@pytest.mark.parametrize("section", ["limits", "growth", "level"])
def test_every_condition_of_the_built_in_levels_has_words(section: str) -> None:
    """A condition that is not said makes a limit look stricter than it is."""
    for settings in policy_of(None).plain["environments"].values():
        for levels in settings[section].values():
            for level in levels.values():
                given = [key for key, setting in (level or {}).items() if setting is not None]
                assert len(re.findall(r"\d[\d.]* ", level_words(level))) == len(given)


def test_an_amount_in_a_finding_reads_as_in_the_policy() -> None:
    """Who looks for the words of a finding in the policy in force finds them."""
    level = {"percent_of_ram": 1, "percent_of_level": 25, "at_least": 64 * MIB, "at_most": None}
    assert change_words(1, 25, 64 * MIB, None) == level_words(level)
