# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line of a host in audit.json, in the pieces that it is put together from.

Two things come later or elsewhere: what the fleet tells of a host, and what hosts.jsonl says of the run in each line.
Each piece is encoded by itself, so nothing that a host sent can be mistaken for a place where something belongs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..judging.verdict import Coverage
from ..model.plain import ENCODER, Json
from ..model.quick import quickly_made
from .entry import Entry

OF_THE_FLEET = ("similar_hosts", "similar_hosts_reason", "text")
"""What the fleet tells of a host: these fields of its coverage."""


_NAMES = sorted(Entry("", "", "", ()).as_plain())
_SECTIONS = (
    tuple(name for name in _NAMES if name < "coverage"),
    tuple(name for name in _NAMES if "coverage" < name < "groups"),
    tuple(name for name in _NAMES if "groups" <= name < "transport"),
    tuple(name for name in _NAMES if name >= "transport"),
)
"""The members of a line between the places where something comes later."""


@dataclass(frozen=True, slots=True)
class CoverageTexts:
    """The pieces of a line that tell the coverage of a host: of the host alone, and what the fleet tells."""

    own: str
    fleet: str

    @classmethod
    def of(cls, coverage: Coverage) -> CoverageTexts:
        """Return the pieces of a coverage."""
        known = coverage.as_plain()
        fleet = {name: known.pop(name) for name in OF_THE_FLEET}
        return cls(_members(known), _members(fleet))


@quickly_made
@dataclass(frozen=True, slots=True)
class Line:
    """A line in pieces: up to what the *fleet* tells, that, the rest up to ``groups``, up to ``transport``, to the
    end.
    """

    head: str
    fleet: str
    middle: str
    groups: str
    transport: str

    @classmethod
    def of(cls, entry: Entry, coverage: CoverageTexts | None = None) -> Line:
        """Return the line of a whole entry. The texts of its *coverage* are made where they are not given."""
        made = entry.told.ready if entry.told is not None else None
        ready = made.of_entry(entry.verdict) if made is not None else {}
        known = entry.as_plain_but({*ready, "coverage"}) if ready else entry.as_plain()
        first, middle, groups, last = (_section(known, ready, names) for names in _SECTIONS)
        if entry.coverage is None:
            return cls(f'{{{first},"coverage":null', "", f",{middle},", f"{groups},", f"{last}}}")
        texts = coverage or CoverageTexts.of(entry.coverage)
        return cls(f'{{{first},"coverage":{{{texts.own},', texts.fleet, f"}},{middle},", f"{groups},", f"{last}}}")


def _section(known: Mapping[str, Json], ready: Mapping[str, str], names: Sequence[str]) -> str:
    """Return some members in the order of *names*: ready ones as they are, those between them encoded at once."""
    texts, waiting = [], dict[str, Json]()
    for name in names:
        if name not in ready:
            waiting[name] = known[name]
            continue
        if waiting:
            texts.append(_members(waiting))
            waiting = {}
        texts.append(f'"{name}":{ready[name]}')
    if waiting:
        texts.append(_members(waiting))
    return ",".join(texts)


def _members(values: Mapping[str, Json]) -> str:
    return ENCODER.encode(values)[1:-1]
