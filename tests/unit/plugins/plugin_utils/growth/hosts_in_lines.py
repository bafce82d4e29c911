# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of which one dimension is given, for the tests of the engine."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.timeline import Amount, Question, Timeline
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY, HOUR

MIB, GIB = 1024, 1024**2
"""In KiB."""
START = 1_760_000_000
OTHERS = ("vmalloc", "page_tables", "percpu")


def timeline_of(
    amounts: Sequence[int], every: int = DAY, available: int = 32 * GIB, **others: Sequence[int]
) -> Timeline:
    """A host with unreclaimable slab of so many KiB; other dimensions stay at 400 MiB unless they are given."""
    number = len(amounts)
    rest = {name: [400 * MIB] * number for name in (*OTHERS, "slab_reclaimable")}
    given = {name: list(one) for name, one in others.items()}
    return Timeline(
        times=[START + place * every for place in range(number)],
        available=[available] * number,
        amounts={**rest, **given, "slab_unreclaimable": list(amounts)},
        voters=("slab_unreclaimable", *OTHERS),
    )


def question_of(timeline: Timeline, cold: int = 0, limit_kib: int | None = 10 * GIB, **changes: int) -> Question:
    """Whether slab grows by 300 MiB and 15 %, or half of it to be watched."""
    warm = changes.get("warm", cold)
    return Question(
        dimension="slab_unreclaimable",
        oldest=0,
        cold=cold,
        warm=warm,
        settled_at=timeline.times[warm],
        wanted={
            "critical": Amount(300 * MIB, 0.15),
            "warning": Amount(300 * MIB, 0.15),
            "watch": Amount(150 * MIB, 0.15),
        },
        limit_kib=limit_kib,
        minimum_points=7,
        minimum_seconds=5 * DAY,
        confirm_seconds=20 * HOUR,
        follows="slab_reclaimable",
    )


def mib(*amounts: float | None) -> list[int]:
    """Amounts of MiB in KiB; None is not known."""
    return [UNKNOWN if amount is None else round(amount * MIB) for amount in amounts]
