# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line of a host in audit.json, in the pieces that it is put together from.

Two things come later or elsewhere: what the fleet tells of a host, and what hosts.jsonl says of the run in each line.
Each piece is encoded by itself, so nothing that a host sent can be mistaken for a place where something belongs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from ..judging.verdict import Coverage
from ..model.plain import Json
from .entry import Entry

ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
"""JSON on one line, ASCII only, keys sorted: the same value gives the same bytes everywhere."""

OF_THE_FLEET = ("similar_hosts", "similar_hosts_reason", "text")
"""What the fleet tells of a host: these fields of its coverage."""


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
        known = entry.as_plain()
        coverage = known.pop("coverage")
        names = sorted(known)
        first = _members({name: known[name] for name in names if name < "coverage"})
        middle = _members({name: known[name] for name in names if "coverage" < name < "groups"})
        groups = _members({name: known[name] for name in names if "groups" <= name < "transport"})
        last = _members({name: known[name] for name in names if name >= "transport"})
        if entry.coverage is None or not isinstance(coverage, dict):
            return cls(f'{{{first},"coverage":null', "", f",{middle},", f"{groups},", f"{last}}}")
        own = _members({name: value for name, value in coverage.items() if name not in OF_THE_FLEET})
        fleet = told_of(entry.coverage)
        return cls(f'{{{first},"coverage":{{{own},', fleet, f"}},{middle},", f"{groups},", f"{last}}}")


def told_of(coverage: Coverage) -> str:
    """Return the piece of a line that the fleet tells."""
    return _members({name: getattr(coverage, name) for name in OF_THE_FLEET})


def _members(values: Mapping[str, Json]) -> str:
    return ENCODER.encode(values)[1:-1]
