# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What does not grow, and what could not be read."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.ruled_out import not_read, ruled_out
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    MIB,
    answer,
    look,
    packet_rings,
    ramp,
    watch,
)


def test_what_rests_is_told_with_how_much_was_seen() -> None:
    """Nobody should have to ask whether it was looked at."""
    found = " ".join(ruled_out(answer(*packet_rings())))
    assert "By less than 64 KiB a second or not in every window: unreclaimable slab," in found
    assert "slab cache (150 seen)" in found and "vmalloc caller (40 seen)" in found
    assert "no counter" not in found
    assert "No module from outside of the kernel's sources is loaded." in found


def test_a_module_from_outside_is_not_ruled_out() -> None:
    """It is the first suspect."""
    watched, looked, trace = packet_rings()
    watched["machine"]["modules"] = [["nvidia", "POE"]]
    assert "No module" not in " ".join(ruled_out(answer(watched, looked, trace)))


def test_a_shadow_is_explained() -> None:
    """Else it would be read as a second leak."""
    found = " ".join(ruled_out(answer(watch({}, Percpu=ramp(MIB), VmallocUsed=ramp(1.1 * MIB)))))
    assert "The growth in vmalloc memory is that of per-CPU memory, which lies in it." in found


@pytest.mark.parametrize(
    ("key", "why", "expected"),
    [
        ("proc/slabinfo", "EACCES", "Slab caches could not be read (root only)."),
        ("proc/PID", "deadline", "Some of the processes could not be read (they are too many to be read in time)."),
        ("proc/slabinfo", "EIO", "Slab caches could not be read (EIO)."),
        ("proc/allocinfo", "ENOENT", None),  # the usual case
    ],
)
def test_what_could_not_be_read_proves_nothing(key: str, why: str, expected: str | None) -> None:
    """With the reason, in words where there are some."""
    watched = watch()
    watched["errors"] = {key: why}
    assert list(not_read(answer(watched))) == ([expected] if expected else [])


def test_a_container_and_a_listing_are_said() -> None:
    """Both hide something."""
    watched = watch()
    watched["listed"] = watched["machine"]["contained"] = True
    found = list(not_read(answer(watched, look())))
    assert "process namespace of its own" in found[0] and "dentries and inodes" in found[1]
