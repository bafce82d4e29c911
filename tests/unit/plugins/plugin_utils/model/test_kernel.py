# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether two readings are of one kernel: the boot id, and everything else that they show."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.kernel import (
    KernelIdentity,
    shared_kernels,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB

ONE = KernelIdentity("6f1c", "6.12.0", "x86_64", "m1", 1_795_000_000, 64 * GIB, 16, amounts={"slab_unreclaimable": GIB})


class Other(TypedDict, total=False):
    """What another reading shows."""

    release: str
    machine_id: str
    memory_total: int
    started_at: int
    amounts: dict[str, int | None]


OTHERS: list[Other] = [
    {"release": "5.14.0"},
    {"machine_id": "m2"},
    {"memory_total": 32 * GIB},
    {"started_at": ONE.started_at - 3600 if ONE.started_at else 0},
    {"amounts": {"slab_unreclaimable": 9 * GIB}},
]


@pytest.mark.parametrize("changes", OTHERS)
def test_clones_of_one_snapshot_are_each_judged(changes: Other) -> None:
    """They have one boot id, and so has a hostile host that wants to be taken for a healthy one."""
    judged_as, contradictions = shared_kernels({"a": ONE, "b": replace(ONE, **changes)})
    assert judged_as == {} and contradictions[0].names == ("a", "b")
    assert contradictions[0].sentence.startswith("a, b answer with one boot id and are not one kernel")


def test_two_names_of_one_kernel_are_judged_once() -> None:
    """A little moves between two readings; a container shows other amounts, and has no machine of its own."""
    again = replace(ONE, amounts={"slab_unreclaimable": GIB + GIB // 10}, memory_total=64 * GIB - GIB // 2)
    inside = replace(ONE, is_container=True, machine_id="c", memory_total=GIB, amounts={})
    assert shared_kernels({"a": inside, "b": ONE, "c": again}) == ({"a": "b", "c": "b"}, [])


def test_names_without_a_boot_id_have_nothing_in_common() -> None:
    """Saved copies often lack it."""
    assert shared_kernels({"a": replace(ONE, boot_id=None), "b": replace(ONE, boot_id=None)}) == ({}, [])


def test_copies_of_one_host_are_each_judged_and_contradict_nothing() -> None:
    """A post-mortem has several of one boot: slab grew in between, and nobody has lied."""
    monday = replace(ONE, copied_at=1_700_000_000)
    friday = replace(ONE, copied_at=1_700_400_000, amounts={"slab_unreclaimable": 9 * GIB})
    same = replace(ONE, copied_at=1_700_500_000)
    assert shared_kernels({"friday": friday, "monday": monday, "weekend": same}) == ({}, [])
    # Two names of one copy are one, and a copy of another machine with the same boot id is told.
    assert shared_kernels({"a": monday, "b": monday}) == ({"b": "a"}, [])
    judged_as, contradictions = shared_kernels({"a": monday, "b": replace(friday, machine_id="m2")})
    assert judged_as == {} and "machine id" in contradictions[0].sentence
