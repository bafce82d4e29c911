# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spools of runs that ended early: named for a week with the command that makes their report, then removed.

Only files that this collection named itself and that begin as its spools do are looked at, and none that a process
holds.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from .spool import Spools
from .spool_head import PREFIX, SUFFIX, SpoolHead

DAY_SECONDS = 24 * 3600
KEPT_DAYS = 7
MOST_NAMED = 3


@dataclass
class Leftovers:
    """What was found of earlier runs: sentences for the operator, and the files that were removed."""

    notes: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


def clean(folder: str, own: str) -> Leftovers:
    """Look at the spools in *folder* but for *own*: say what can still be reported, remove what is too old.

    One without a record goes after a day, any other after :data:`KEPT_DAYS`. Never raises OSError or ValueError: what
    can't be read or removed stays as it is.
    """
    found = Leftovers()
    try:
        names = sorted(name for name in os.listdir(folder) if name.startswith(PREFIX) and name.endswith(SUFFIX))
    except OSError:
        return found
    for name in names:
        path = os.path.join(folder, name)
        if path != own:
            _look_at(path, found)
    if len(found.notes) > MOST_NAMED:
        more = len(found.notes) - MOST_NAMED
        found.notes[MOST_NAMED:] = [f"There are {more} more spools of runs that ended early in {folder}."]
    return found


def _look_at(path: str, found: Leftovers) -> None:
    try:
        head = SpoolHead.read(path)
        if head is None or head.holder.is_alive() is not False:
            return
        age = time.time() - os.stat(path, follow_symlinks=False).st_mtime
        spools = Spools()
        spools.add(path)
        answered = len(spools.runs[head.run_id].records) if head.run_id in spools.runs else 0
        if age > KEPT_DAYS * DAY_SECONDS or (not answered and age > DAY_SECONDS):
            os.unlink(path)
            found.removed.append(path)
        elif answered:
            hosts = "1 host" if answered == 1 else f"{answered:,} hosts"
            found.notes.append(
                f"The run {head.run_id} of {head.started_at} ended without its report. What it has of {hosts} is "
                f"kept in {path} for {KEPT_DAYS} days; to make the report from it: {head.command}"
            )
    except (OSError, ValueError):
        return
