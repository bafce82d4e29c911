# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what holders plausibly take: bounds that are bounds."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.holders_table import KINDS, MIB
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import HOLDER_KINDS


@pytest.mark.parametrize("name", sorted(KINDS))
@pytest.mark.parametrize("ram", [256 * MIB, 16 * 1024 * MIB, 8 << 40])
def test_no_holder_takes_more_than_there_is(name: str, ram: int) -> None:
    """A bound above RAM would excuse everything."""
    assert 0 <= KINDS[name].plausible_bytes(ram, None) <= ram
    assert KINDS[name].kind in HOLDER_KINDS and KINDS[name].source and KINDS[name].words.endswith(".")


def test_an_idle_onboard_graphics_chip_excuses_little() -> None:
    """It is in most servers and desktops."""
    assert KINDS["i915"].plausible_bytes(16 * 1024 * MIB, 8) < 512 * MIB


def test_rings_grow_with_cpus_up_to_a_number_of_queues() -> None:
    """A network driver has a queue a CPU, and not without end."""
    found = [KINDS["mlx5_core"].plausible_bytes(1 << 40, cpus) // MIB for cpus in (1, 8, 64, 512, None)]
    assert found == [32, 256, 2048, 2048, 2048]
