# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import came to: one line for people, and the same as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..model.plain import Json, plain
from ..model.sample import Sample
from ..text.safe import one_line

MOST_NAMES = 10
"""So many names are in the line; the returned data has them all."""


@dataclass(slots=True)
class Imported:
    """What came in, and what did not: who matched no host, who was refused, and of which hosts nothing could be read.

    Reasons are parts of sentences.
    """

    inserted: int = 0
    duplicates: int = 0
    hosts: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)
    dimensions: set[str] = field(default_factory=set)
    unmatched: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def saw(self, day: str, samples: Iterable[Sample]) -> None:
        """Count in what the samples of a day have."""
        self.days.add(day)
        for sample in samples:
            self.hosts.add(sample.host)
            self.dimensions |= {name for name, amount in sample.amounts.items() if amount is not None}

    def line(self) -> str:
        """Return what came in and what did not, in one line."""
        days = sorted(self.days)
        there = f" ({self.duplicates:,} were there already)" if self.duplicates else ""
        came = (
            f"{_count(len(self.hosts), 'host')}, {_count(len(days), 'day')}, "
            f"{_count(self.inserted, 'sample')} added{there}, {days[0]} to {days[-1]}; "
            f"dimensions {', '.join(sorted(self.dimensions)) or 'none'}"
            if days
            else "Nothing was imported"
        )
        return "; ".join([came, *self._left_out()]) + "."

    def as_plain(self) -> dict[str, Json]:
        """Return the same as plain data."""
        days = sorted(self.days)
        return {
            "days": len(days),
            "first_day": days[0] if days else None,
            "last_day": days[-1] if days else None,
            "hosts": plain(sorted(self.hosts)),
            "inserted": self.inserted,
            "duplicates": self.duplicates,
            "dimensions": plain(sorted(self.dimensions)),
            "unmatched": plain(sorted(self.unmatched)),
            "refused": plain(dict(sorted(self.refused.items()))),
            "missing": plain(dict(sorted(self.missing.items()))),
            "message": self.line(),
        }

    def why_nothing(self, source: str) -> str:
        """Return why an import that brought nothing did so: it is no success."""
        left_out = self._left_out() or [
            "no moment that was asked for has a counter of kernel memory; see that the address or the files are right, "
            "and that they reach back far enough"
        ]
        return f"Nothing was imported from {source}: {'; '.join(left_out)}."

    def _left_out(self) -> list[str]:
        said = []
        if self.unmatched:
            said.append(f"matched no host: {_names(self.unmatched)}")
        if self.refused:
            shown = [f"{one_line(name)} {why}" for name, why in sorted(self.refused.items())[:MOST_NAMES]]
            said.append(f"refused, since it is not clear whose they are: {_and_more(shown, len(self.refused))}")
        return said + [f"{reason}: {_names(hosts)}" for reason, hosts in sorted(_by_reason(self.missing).items())]


def _by_reason(missing: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for host, reason in missing.items():
        found.setdefault(reason, []).append(host)
    return found


def _names(names: Iterable[str]) -> str:
    every = sorted(names)
    return _and_more([one_line(name) for name in every[:MOST_NAMES]], len(every))


def _and_more(shown: list[str], of: int) -> str:
    more = f" and {of - len(shown):,} more" if of > len(shown) else ""
    return ", ".join(shown) + more


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
