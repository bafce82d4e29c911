# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What settings amount to on one host, worked by hand, and what they allow."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Change, Level
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, GIB, MIB

RAM_AND_LIMIT = [
    (1 * GIB, 512 * MIB),
    (6400 * MIB, 512 * MIB),
    (64 * GIB, 5497558138),
    (400 * GIB, 32 * GIB),
    (2048 * GIB, 32 * GIB),
]


@pytest.mark.parametrize(("ram", "limit"), RAM_AND_LIMIT)
@pytest.mark.parametrize(
    "level",
    [
        Level(percent_of_ram=8, at_least=512 * MIB, at_most=32 * GIB),
        Change(percent_of_ram=8, percent_of_level=50, at_least=512 * MIB, at_most=32 * GIB),
    ],
    ids=["limit", "growth"],
)
def test_a_share_is_clamped_between_its_floor_and_its_cap(level, ram, limit):
    """8 % of 6400 MiB is 512 MiB, of 64 GiB 5.12 GiB, of 400 GiB 32 GiB."""
    assert level.of(ram) == limit


def test_a_level_without_a_share_has_no_bytes():
    """Its other conditions are no amount of memory, so nobody may ask for one."""
    with pytest.raises(TypeError):
        Level(percent_of_thread_limit=50).of(64 * GIB)


def test_the_worst_that_is_allowed_is_said_by_name_and_by_a_star():
    """All cells that fit a kind of finding count, and so does the environment: the mildest of them holds."""
    severities = {"percpu.growth": "info", "*.growth": "warning", "percpu.*": "warning", "*.*": "critical"}
    settings = replace(BUILT_IN.environments["production"], severities=severities)
    cells = (("percpu", "growth"), ("percpu", "limit"), ("vmalloc", "growth"), ("vmalloc", "limit"))
    assert [settings.most_severe(*cell) for cell in cells] == ["info", "warning", "warning", "critical"]
    soft = replace(settings, highest_severity="warning")
    assert [soft.most_severe(*cell) for cell in cells] == ["info", "warning", "warning", "warning"]
