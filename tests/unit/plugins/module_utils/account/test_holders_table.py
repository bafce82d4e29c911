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


# The sources of the table, for a host of 100 GiB: half of RAM where TTM, ZFS or zram stop by themselves; 65 % is the
# default of VMware; 10 % in memstate; a third in GPFS; nothing of Xen, which lowers MemTotal. The rest is a judgement.
EXCUSED_OF_100_GIB = {
    **dict.fromkeys(("gpu", "amdgpu", "radeon", "nouveau", "xe", "nvidia", "brd", "zfs", "zram"), 50),
    **dict.fromkeys(("balloon", "hv_balloon", "virtio_balloon"), 90),
    "vmw_balloon": 65,
    "xen_balloon": 0,
    "rds": 10,
    "lustre": 5,
    "mmfs26": 34,
    "i915": 3,
    **dict.fromkeys(("mlx4_core", "mlx5_core", "ice", "i40e", "ixgbe", "bnxt_en", "ena", "tn40xx", "ath11k"), 2),
}


def test_what_a_holder_may_excuse_on_a_large_host() -> None:
    """Whoever widens a bound excuses leaks with it: here are all, beside their sources. In GiB, with 64 CPUs."""
    ram = 100 << 30
    assert {name: kind.plausible_bytes(ram, 64) >> 30 for name, kind in KINDS.items()} == EXCUSED_OF_100_GIB


def test_an_idle_onboard_graphics_chip_excuses_little() -> None:
    """It is in most servers and desktops."""
    assert KINDS["i915"].plausible_bytes(16 * 1024 * MIB, 8) < 512 * MIB
    assert KINDS["i915"].plausible_bytes(4 * 1024 * MIB, 8) == 256 * MIB, "it has buffers on the smallest host too"


def test_rings_grow_with_cpus_up_to_a_number_of_queues() -> None:
    """A network driver has a queue a CPU, and not without end."""
    found = [KINDS["mlx5_core"].plausible_bytes(1 << 40, cpus) // MIB for cpus in (1, 8, 64, 512, None)]
    assert found == [32, 256, 2048, 2048, 2048]
