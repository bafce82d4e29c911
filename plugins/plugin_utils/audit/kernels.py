# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that share one kernel: a kernel counts once, however many names the inventory has for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def shared_kernels(facts_by_host: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return, for each name whose kernel is judged under another name, that other name.

    Two names share a kernel when their boot ids are the same. Of such names the first by name that is no container is
    judged (it sees the whole kernel); where all are containers, the first that is auditable; where none is, none is
    judged and each keeps its own reason.
    """
    names_by_boot: dict[str, list[str]] = {}
    for name in sorted(facts_by_host):
        boot_id = facts_by_host[name]["host"]["boot_id"]
        if boot_id:
            names_by_boot.setdefault(boot_id, []).append(name)
    judged_as: dict[str, str] = {}
    for names in names_by_boot.values():
        judged = _judged([(name, facts_by_host[name]["platform"]) for name in names]) if len(names) > 1 else None
        if judged is not None:
            judged_as.update({name: judged for name in names if name != judged})
    return judged_as


def _judged(candidates: list[tuple[str, Mapping[str, Any]]]) -> str | None:
    whole = [name for name, platform in candidates if platform["kind"] != "container" and platform["auditable"]]
    partial = [name for name, platform in candidates if platform["auditable"]]
    return next(iter(whole or partial), None)
