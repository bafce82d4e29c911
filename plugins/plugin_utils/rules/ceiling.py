# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rise that ends exactly at a limit of the kernel: what a host does not say of its objects, their memory tells.

How much memory compiled BPF programs take stands in vmallocinfo alone, which is seldom read. But all of it is vmalloc
memory, and a rise of many samples that stops dead after as much as ``net.core.bpf_jit_limit`` allows is no chance.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..checks.bounded import BY_NAME
from ..checks.object_limits import OBJECT_LIMITS
from ..model.finding import Finding
from ..model.sample import UNKNOWN
from ..model.subject import Subject
from ..model.times import minute_text, utc_text
from ..text.units import KIB, MIB, human_bytes
from .earlier import Earlier
from .history_words import duration_text
from .segment import Past

BPF_JIT = "bpf_jit"
USUAL_LIMITS = tuple(size * MIB for size in (252, 380, 504, 760))
"""What net.core.bpf_jit_limit is on x86-64 where nobody has set it: a quarter (since Linux 6.3 half) of the 1008 MiB
for modules with addresses at random, or of the 1520 MiB without (kernel/bpf/core.c, bpf_jit_charge_init).
"""
NEAR_A_KNOWN_ONE, NEAR_A_USUAL_ONE = (0.85, 1.02), (0.97, 1.01)
"""Between which shares of a limit the rise has to end, where the host says its limit and where it is only usual: what
was loaded before the rise began is missing in it.
"""
STEPS = 3
"""So many samples at least have to show the rise: a single step is a program that was started."""
STILL = 5
"""And so many that it has stopped."""
_STILL_WITHIN = 0.004
_FLAT_WITHIN = 0.01
_A_STEP, _DEAD_WITHIN = 0.01, 0.01
"""In shares of the rise: what a sample adds to it at least, and how still it is then. Beside much other vmalloc memory
the shares of the whole above are as large as a rise.
"""


@dataclass(frozen=True, slots=True)
class Stop:
    """A rise that has stopped: its height in KiB, the places of its last and its first sample."""

    height: int
    began: int
    ended: int


def judge_ceiling(subject: Subject, earlier: Earlier, found: list[Finding]) -> list[Finding]:
    """Return the finding about vmalloc memory that rose up to the limit of compiled BPF programs, if it did."""
    vmalloc, words = subject.amount("vmalloc"), BY_NAME[BPF_JIT].words
    said = next((one for one in (subject.facts.limits if subject.facts else ()) if one.name == BPF_JIT), None)
    set_to = said.limit if said is not None else None
    limits = (set_to,) if set_to else USUAL_LIMITS
    least, most = NEAR_A_KNOWN_ONE if set_to else NEAR_A_USUAL_ONE
    # Most hosts end here.
    if vmalloc is None or earlier.moved("vmalloc_kib", vmalloc // KIB) * KIB < least * limits[0]:
        return []
    is_known = said is not None and said.value is not None
    if is_known or earlier.past is None or any(one.evidence.get("object") == BPF_JIT for one in found):
        return []
    stop = stop_of(earlier.past, "vmalloc")
    if stop is None:
        return []
    height = stop.height * KIB
    limit = next((one for one in limits if least * one <= height <= most * one), None)
    if limit is None:
        return []
    times = earlier.past.times
    whose = "" if set_to else ", as on x86-64 kernels where nobody has set it"
    sentence = (
        f"Vmalloc memory rose by {human_bytes(height)} in {duration_text(times[stop.ended] - times[stop.began])} and "
        f"stopped on {minute_text(times[stop.ended])}, which is where net.core.bpf_jit_limit lies "
        f"({human_bytes(limit)}{whose}): memory of compiled BPF programs is probably at its limit."
    )
    return [
        Finding(
            dimension=OBJECT_LIMITS.name,
            kind="limit",
            severity="warning",
            status="current",
            value=height,
            limit=limit,
            unit="bytes",
            expected=f"less than {human_bytes(limit)}",
            explanation=sentence,
            next_step=words.next_step,
            command=words.command,
            evidence={"object": BPF_JIT, "allowed": limit, "since": utc_text(times[stop.ended])},
        )
    ]


def stop_of(past: Past, dimension: str) -> Stop | None:
    """Return the last rise of a dimension, where it took many samples and has stopped dead since."""
    if f"{dimension}_kib" not in past.columns:
        return None
    amounts = past.amounts(dimension)
    start = past.segment_of(dimension).start
    places = [place for place in range(start, past.last + 1) if amounts[place] != UNKNOWN]
    if len(places) < STILL + STEPS or amounts[past.last] == UNKNOWN:
        return None
    top = amounts[past.last]
    still = len(places)
    while still and abs(amounts[places[still - 1]] - top) <= _STILL_WITHIN * top:
        still -= 1
    if len(places) - still < STILL:
        return None
    began, flat = still, _FLAT_WITHIN * top
    while began and amounts[places[began - 1]] <= amounts[places[began]] + flat:
        began -= 1
    base = min(amounts[place] for place in places[began : still + 1])
    # The rise begins where the level before it ends; the first of the still ones is its last.
    while began < still and amounts[places[began + 1]] <= base + flat:
        began += 1
    height, rise = top - base, [amounts[place] for place in places[began : still + 1]]
    climbs = sum(after - before >= _A_STEP * height for before, after in zip(rise, rise[1:], strict=False))
    is_dead = all(abs(amounts[place] - top) <= _DEAD_WITHIN * height for place in places[still:])
    return Stop(height, places[began], places[still]) if climbs >= STEPS and is_dead else None
