# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel keeps once for each possible CPU (``Percpu``), and how much of it is to be expected."""

from __future__ import annotations

from ..text.units import GIB, KIB, MIB
from .dimension import Comparison, Defaults, Dimension, Meanings, NextSteps, Rules, Usual, Words

_COUNT_GROUPS = "Count the control groups; many more than running services and containers mean that ended ones stay."
_GROUPS = "find /sys/fs/cgroup -type d | wc -l"

PERCPU = Dimension(
    name="percpu",
    label="Per-CPU",
    sentence=(
        "Data that the kernel keeps once for each possible CPU. It grows with control groups, network devices and "
        "mounts."
    ),
    counter="Percpu",
    rules=Rules(
        words={
            "bytes": Words("Per-CPU memory", _COUNT_GROUPS, _GROUPS),
            "bytes_per_cpu": Words("Per-CPU memory per possible CPU", _COUNT_GROUPS, _GROUPS),
        },
        next_steps=NextSteps(
            growth="Count the control groups today and tomorrow; ended ones that stay make this grow.",
            spike="Count the control groups; many new ones, network devices or mounts make this rise.",
            drop="Check which containers or services ended at that time.",
            disproportion=(
                "Count the control groups here and on one of the similar hosts; ended ones that stay are the "
                "usual cause."
            ),
            uptime_growth="Count the control groups on the host that is up longest and on one that is up shortest.",
        ),
        meanings=Meanings(
            limit="It is several times what the possible CPUs and the control groups explain.",
            growth=(
                "Ended control groups or namespaces stay; unreclaimable slab then grows beside it, several times "
                "as fast."
            ),
            spike=(
                "Many control groups, network devices or mounts were made, or an eBPF program with maps for each "
                "CPU was loaded."
            ),
            drop="Control groups or namespaces ended; the kernel gives such memory back within minutes.",
            disproportion=(
                "More for each possible CPU than on similar hosts means more control groups or another agent."
            ),
        ),
        usual=Usual(
            physical="0.2 to 1 MiB for each possible CPU.",
            vm=(
                "The same for each possible CPU: a guest that could be given 128 CPUs pays for 128, 2.7 % of a "
                "RAM of 4 GiB."
            ),
            container_host="1 to 3 MiB for each possible CPU.",
            kubernetes_node="1 to 8 MiB for each possible CPU, with a thousand control groups.",
        ),
        defaults=Defaults(
            warning={"percent_of_ram": 1, "at_least": 256 * MIB, "at_most": 8 * GIB, "times_expected": 3},
            critical={"percent_of_ram": 1, "at_least": 256 * MIB, "at_most": 16 * GIB, "times_expected": 8},
            growth=(0.2, 0.4, 0.4),
            level=0.5,
        ),
        comparisons=(Comparison("bytes_per_cpu"),),
    ),
)

PERCPU_UNKNOWN_BYTES = 4 * MIB
"""What to expect for each possible CPU where the number of control groups is not known (that of some 400 groups)."""

PERCPU_BASE_BYTES = MIB
PERCPU_CGROUP_BYTES = 8 * KIB
"""What a healthy kernel keeps for each possible CPU, and for each possible CPU and cgroup (judgement)."""


def expected_percpu(cpus_possible: int, cgroups: int | None) -> int:
    """Return the bytes of per-CPU memory that a healthy host of this shape has at most, as a rule of thumb; the number
    of control groups may not be known.
    """
    each = PERCPU_UNKNOWN_BYTES if cgroups is None else PERCPU_BASE_BYTES + PERCPU_CGROUP_BYTES * cgroups
    return cpus_possible * each
