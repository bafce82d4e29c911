# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``free``: free the hosts of a run that is gone, by the word of a person.

A run that was killed on another machine holds them for an hour, and nobody here can ask whether it lives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from ...model.times import utc_text
from ..keeping import Keeping
from ..leases import free, held_by_run_of
from ..run import checked_reason


class Freed(TypedDict):
    """What was held, and by whom."""

    freed: list[str]
    holder: str
    held_since: str
    changed: bool


def freed(keeping: Keeping, reason: str | None, run_id: str, now: str, actor: Mapping[str, str]) -> Freed:
    """Free all that the run of this rollout holds, with a line in the trail. Raises ValueError without a *reason*,
    where nobody holds it, and where a process of this machine does that is alive.
    """
    said = checked_reason(reason, "Freeing the hosts of a run")
    held = held_by_run_of(keeping.leases, keeping.folder.rollout, keeping.holder.node)
    made: Freed = {
        "freed": sorted({one.resource.replace(":", " ", 1) for one in held}),
        "holder": held[0].holder,
        "held_since": utc_text(min(one.since for one in held)),
        "changed": not keeping.is_check,
    }
    if keeping.is_check:
        return made
    entry = {"at": now, "run_id": run_id, "event": "freed", "reason": said, "holder": made["holder"]}
    keeping.folder.add_to_trail({**entry, "freed": made["freed"], "actor": dict(actor)})
    free(keeping.leases, held)
    return made
