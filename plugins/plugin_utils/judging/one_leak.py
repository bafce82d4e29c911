# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One leak is one finding: the total gives way to the part that explains it, vmalloc memory that is the shadow of
per-CPU memory to that, and of what control groups leave behind in slab and in per-CPU memory the smaller to the larger.

First the finding that stays takes the worse severity, and the other one says whose part it is. Only after the policy
and the waivers have had their word is that one left out, so that whoever waives a part still hears of the whole.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..causes.grown import OwnersPast
from ..causes.scene import growth_of, since_of
from ..dimensions.table import PARTS, TOTAL
from ..model.attribution import Attribution
from ..model.finding import Finding, rank
from ..model.owners import OwnerKind
from ..text.units import human_bytes, percent_text

_MAIN_PERCENT = 50
_ALIKE_PERCENT = 25
_CHUNKS = "pcpu_create_chunk"
_OF_GROUPS = "cgroup_leak"
PART_OF = "part_of"
"""The name in the evidence of the dimension whose finding says the same."""


def as_one(findings: Sequence[Finding], attribution: Attribution, past: OwnersPast) -> list[Finding]:
    """Return findings in which parts have the severity of what they explain, and that says whose part it is."""
    found = list(findings)
    for kind in ("growth", "spike", "limit"):
        _total(found, kind)
        _chunks(found, kind, attribution, past)
    _groups(found)
    return found


def without_told(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those of which another one, at least as bad, says the same."""
    return [one for one in findings if not any(_tells(other, one) for other in findings)]


def _tells(other: Finding, one: Finding) -> bool:
    return (
        one.evidence.get(PART_OF) == other.dimension
        and other.kind == one.kind
        and rank(other.severity) <= rank(one.severity)
    )


def _place(found: Sequence[Finding], kind: str, dimension: str) -> int | None:
    return next(
        (place for place, one in enumerate(found) if one.key == (dimension, kind) and one.unit == "bytes"), None
    )


def _total(found: list[Finding], kind: str) -> None:
    place = _place(found, kind, TOTAL)
    parts = [part for part in (_place(found, kind, name) for name in PARTS) if part is not None]
    if place is None or not parts:
        return
    total, held = found[place], sum(growth_of(found[part]) for part in parts)
    if held * 100 < _MAIN_PERCENT * growth_of(total):
        return
    # A part with a known cause says more than a larger one without.
    main = max(parts, key=lambda part: (found[part].pattern is not None, growth_of(found[part])))
    size = human_bytes(round(growth_of(total)))
    share = percent_text(min(growth_of(found[main]), growth_of(total)), growth_of(total))
    all_of = "the growth of all kernel memory" if kind == "growth" else "all kernel memory"
    _take_severity(found, main, place, f"It is {share} of {all_of} that can't be reclaimed, {size}")


def _chunks(found: list[Finding], kind: str, attribution: Attribution, past: OwnersPast) -> None:
    place, main = _place(found, kind, "vmalloc"), _place(found, kind, "percpu")
    if place is None or main is None:
        return
    whole, beside = growth_of(found[place]), growth_of(found[main])
    held = _chunks_of(found[place], attribution, past)
    alike = abs(whole - beside) * 100 <= _ALIKE_PERCENT * max(whole, beside) and kind != "limit"
    if not (alike if held is None else held * 100 >= _MAIN_PERCENT * whole):
        return
    size = human_bytes(round(whole))
    _take_severity(found, main, place, f"{size} of vmalloc memory ({_CHUNKS}) belong to it: it is one leak")


def _chunks_of(finding: Finding, attribution: Attribution, past: OwnersPast) -> int | None:
    """Return the bytes of the chunks of per-CPU memory in vmalloc, or that they have grown by; None where not known."""
    since = since_of(finding)
    grown = past.grown(OwnerKind.CALLER, since) if since is not None else None
    if grown is not None:
        return sum(one.amount for one in grown.owners if one.key.name.startswith(_CHUNKS))
    part = attribution.vmalloc_callers
    if since is not None or part is None or not part.has_data:
        return None
    return sum(one.bytes or 0 for one in part.callers if (one.caller or "").startswith(_CHUNKS))


def _groups(found: list[Finding]) -> None:
    """Of the growth that control groups bring to slab and to per-CPU memory, let the larger tell of both."""
    places = [
        place
        for place, one in enumerate(found)
        if one.kind == "growth" and one.pattern == _OF_GROUPS and one.dimension in ("percpu", "slab_unreclaimable")
    ]
    if len(places) != len(("percpu", "slab_unreclaimable")):
        return
    main, place = sorted(places, key=lambda place: -growth_of(found[place]))
    what = "per-CPU memory" if found[place].dimension == "percpu" else "unreclaimable slab"
    size = human_bytes(round(growth_of(found[place])))
    _take_severity(found, main, place, f"Another {size} of {what} came with it: it is one leak")


def _take_severity(found: list[Finding], main: int, place: int, sentence: str) -> None:
    """Let the finding at *main* take the severity of the one at *place*, which becomes its part."""
    stays, goes = found[main], found[place]
    found[place] = goes.replaced(evidence={PART_OF: stays.dimension})
    if rank(goes.severity) < rank(stays.severity):
        found[main] = stays.replaced(
            severity=goes.severity, status=goes.status, sentence=f"{sentence}, and so it is {goes.severity}."
        )
    elif goes.dimension != TOTAL:
        found[main] = stays.replaced(sentence=f"{sentence}.")
