# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The identity of a running kernel: whether two readings are of one boot of one kernel.

The boot id alone says too little: guests restored from one snapshot keep their parent's, and a hostile host can answer
with another's. So everything else that the two show must agree, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..text.units import human_bytes
from .quick import quickly_made

START_SLACK_SECONDS = 300
"""How far apart the moments of boot of one kernel may seem: clocks are set, and the two readings are not of one
moment.
"""

MEMORY_SLACK_PERCENT = 2
"""How far MemTotal of one kernel may move between two readings of a run, as a balloon moves it."""

COUNTER_SLACK_PERCENT = 25
COUNTER_SLACK_OF_RAM_PERCENT = 1
"""How far a dimension of one kernel may move between two readings of a run: of the larger, or of RAM."""

COPIES_APART = 60
"""Copies of one host so many seconds apart are two of its moments."""

COUNTERS = ("slab_unreclaimable", "slab_reclaimable", "vmalloc", "kernel_stack", "page_tables", "percpu", "unaccounted")


@quickly_made
@dataclass(frozen=True, slots=True)
class KernelIdentity:
    """What a reading tells of the kernel that it is of. Sizes in bytes, times in seconds; None is not known."""

    boot_id: str | None
    release: str | None = None
    architecture: str | None = None
    machine_id: str | None = None
    started_at: int | None = None
    memory_total: int | None = None
    cpus_possible: int | None = None
    is_container: bool = False
    is_auditable: bool = True
    amounts: Mapping[str, int | None] = field(default_factory=dict)
    copied_at: int | None = None
    """When the files were saved that it was read from; None of a running host."""

    def is_another_copy(self, other: KernelIdentity) -> bool:
        """Whether the two are copies of one host of different moments, as a post-mortem has several: what they hold of
        memory differs, and that is no contradiction.
        """
        if self.copied_at is None or other.copied_at is None or abs(self.copied_at - other.copied_at) < COPIES_APART:
            return False
        return not replace(self, amounts={}, copied_at=None).differences(other)

    def differences(self, other: KernelIdentity) -> list[str]:
        """Return in words what speaks against the two being one kernel; none where nothing does.

        A container can't see all of its kernel, so of one only the release counts.
        """
        found = _unequal("kernel", self.release, other.release)
        if self.copied_at is not None and other.copied_at is not None:
            apart = abs(self.copied_at - other.copied_at)
            found += [f"moment of the copy ({apart:,} s apart)"] if apart >= COPIES_APART else []
        if self.is_container or other.is_container:
            return found
        found += _unequal("architecture", self.architecture, other.architecture)
        found += _unequal("machine id", self.machine_id, other.machine_id)
        found += _unequal("number of possible CPUs", self.cpus_possible, other.cpus_possible)
        found += _apart("RAM", self.memory_total, other.memory_total, MEMORY_SLACK_PERCENT, 0)
        if self.started_at is not None and other.started_at is not None:
            apart = abs(self.started_at - other.started_at)
            found += [f"moment of boot ({apart:,} s apart)"] if apart > START_SLACK_SECONDS else []
        floor = COUNTER_SLACK_OF_RAM_PERCENT * (self.memory_total or 0) // 100
        for name in COUNTERS:
            pair = self.amounts.get(name), other.amounts.get(name)
            found += _apart(name.replace("_", " "), *pair, COUNTER_SLACK_PERCENT, floor)
        return found


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Names with one boot id that are not one kernel, and how the first two differ."""

    names: tuple[str, ...]
    differences: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """It as a sentence."""
        more = f" and {len(self.names) - 3:,} more" if len(self.names) > 3 else ""
        return (
            f"{', '.join(self.names[:3])}{more} answer with one boot id and are not one kernel (the first two differ "
            "in "
            f"{', '.join(self.differences[:4])}), so each is judged: guests were restored from one snapshot (reboot "
            "them), or a host does not tell the truth."
        )


def shared_kernels(kernels: Mapping[str, KernelIdentity]) -> tuple[dict[str, str], list[Contradiction]]:
    """Return, for each name whose kernel is judged under another name, that other name; and the names that have a boot
    id in common and are not one kernel all the same.

    Of the names of one kernel the first that is no container is judged (it sees the whole kernel); where all are
    containers, the first that is auditable; where none is, none is judged and each keeps its own reason.
    """
    by_boot: dict[str, list[str]] = {}
    for name in sorted(kernels):
        boot_id = kernels[name].boot_id
        if boot_id:
            by_boot.setdefault(boot_id, []).append(name)
    judged_as: dict[str, str] = {}
    contradictions: list[Contradiction] = []
    for names in by_boot.values():
        leaders: list[str] = []
        first: list[str] = []
        for name in sorted(names, key=lambda name: (kernels[name].is_container, name)):
            against = {leader: kernels[leader].differences(kernels[name]) for leader in leaders}
            same = next((leader for leader, differences in against.items() if not differences), None)
            if same is not None:
                judged_as[name] = same
            elif kernels[name].is_auditable:
                others = [one for one in leaders if not kernels[one].is_another_copy(kernels[name])]
                first = first or (against[others[0]] if others else [])
                leaders.append(name)
        # Copies of one host of several moments are each judged, and contradict nothing.
        if first:
            contradictions.append(Contradiction(tuple(leaders), tuple(first)))
    return judged_as, contradictions


def _unequal(what: str, one: object, other: object) -> list[str]:
    return [] if one is None or other is None or one == other else [f"{what} ({one}, {other})"]


def _apart(what: str, one: int | None, other: int | None, percent: int, floor: int) -> list[str]:
    if one is None or other is None or abs(one - other) <= max(percent * max(one, other) // 100, floor):
        return []
    return [f"{what} ({human_bytes(one)}, {human_bytes(other)})"]
