# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left of RAM when everything that has a counter is taken away. It has an error band."""

from __future__ import annotations

from ..text.units import GIB
from .dimension import CRITICAL_FLOOR, WARNING_FLOOR, Defaults, Dimension, Meanings, NextSteps, Rules, Usual, Words

UNACCOUNTED = Dimension(
    name="unaccounted",
    label="Unaccounted",
    sentence=(
        "Memory that no counter of the kernel names, often held by drivers or by a hypervisor's balloon. It is an "
        "estimate."
    ),
    rules=Rules(
        words={
            "bytes": Words(
                "Memory that no counter of the kernel names",
                "Look for drivers that take memory directly: balloons, GPUs, network and storage drivers.",
                (
                    "grep -E '^((hv|virtio|vmw|xen)_balloon|zfs|zram|nvidia|amdgpu|i915|xe|mlx[45]_core|rds) ' "
                    "/proc/modules"
                ),
            )
        },
        next_steps=NextSteps(
            growth="Look for drivers that take memory directly, and compare their own statistics today and tomorrow.",
            spike="Look for drivers that take memory directly: balloons, GPUs, network and storage drivers.",
            drop="Check whether a balloon was deflated or a driver was unloaded at that time.",
            disproportion="Compare drivers and their statistics with one of the similar hosts.",
            uptime_growth=(
                "Compare drivers and their own statistics on the host that is up longest and on one that is up "
                "shortest."
            ),
        ),
        meanings=Meanings(
            limit=(
                "Someone takes whole pages: a balloon, a graphics card, a network driver, or a driver that loses them."
            ),
            growth="Where everything else is flat, a driver loses pages.",
            spike=(
                "A device or program was started whose buffers no counter names (packet rings, RAM disks, virtual "
                "machines)."
            ),
            drop="Such buffers were given back, or a balloon was let down.",
            disproportion="More than on similar hosts means other devices or drivers, or a leak.",
        ),
        usual=Usual(
            physical=(
                "About 1 % of RAM, up to 4 % with many network queues; graphics cards and accelerators hold much more."
            ),
            vm="About 1 % of RAM; a balloon that does not say its size can make it two thirds.",
            container_host="1 to 2 % of RAM; packets that wait in sockets and pipes belong to it.",
            kubernetes_node="1 to 2 % of RAM.",
        ),
        defaults=Defaults(
            warning={"percent_of_ram": 10, "at_least": WARNING_FLOOR, "at_most": 64 * GIB},
            critical={"percent_of_ram": 20, "at_least": CRITICAL_FLOOR, "at_most": 128 * GIB},
            growth=(0.5, 2, 4),
            level=3,
            times_share_of_level=2,
        ),
    ),
    is_part=False,
)
