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
    def of(cls, entry: Entry) -> Line:
        """Return the line of a whole entry."""
        texts = entry.told.ready if entry.told is not None else None
        ready = texts.of_entry(entry.verdict) if texts is not None else {}
        known = entry.as_plain_but(ready) if ready else entry.as_plain()
        coverage = known.pop("coverage")
        first, middle, groups, last = (_section(known, ready, names) for names in _SECTIONS)
        if entry.coverage is None or not isinstance(coverage, dict):
            return cls(f'{{{first},"coverage":null', "", f",{middle},", f"{groups},", f"{last}}}")
        own = _members({name: value for name, value in coverage.items() if name not in OF_THE_FLEET})
        fleet = told_of(entry.coverage)
        return cls(f'{{{first},"coverage":{{{own},', fleet, f"}},{middle},", f"{groups},", f"{last}}}")


def told_of(coverage: Coverage) -> str:
    """Return the piece of a line that the fleet tells."""
    return _members({name: getattr(coverage, name) for name in OF_THE_FLEET})


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
