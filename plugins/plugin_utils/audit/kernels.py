# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that share one kernel: a kernel counts once, however many names the inventory has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..model.facts import Machine, Platform


@dataclass(frozen=True, slots=True)
class Kernel:
    """What tells whether two names are one kernel."""

    boot_id: str | None
    kind: str
    auditable: bool


def kernel_of(machine: Machine, platform: Platform) -> Kernel:
    """Return the kernel of a host."""
    return Kernel(machine.boot_id, platform.kind, platform.auditable)


def shared_kernels(kernels: Mapping[str, Kernel]) -> dict[str, str]:
    """Return, for each name whose kernel is judged under another name, that other name.

    Two names share a kernel when their boot ids are the same. Of such names the first by name that is no container is
    judged (it sees the whole kernel); where all are containers, the first that is auditable; where none is, none is
    judged and each keeps its own reason.
    """
    names_by_boot: dict[str, list[str]] = {}
    for name in sorted(kernels):
        boot_id = kernels[name].boot_id
        if boot_id:
            names_by_boot.setdefault(boot_id, []).append(name)
    judged_as: dict[str, str] = {}
    for names in names_by_boot.values():
        judged = _judged([(name, kernels[name]) for name in names]) if len(names) > 1 else None
        if judged is not None:
            judged_as.update({name: judged for name in names if name != judged})
    return judged_as


def _judged(candidates: list[tuple[str, Kernel]]) -> str | None:
    whole = [name for name, kernel in candidates if kernel.kind != "container" and kernel.auditable]
    partial = [name for name, kernel in candidates if kernel.auditable]
    return next(iter(whole or partial), None)
