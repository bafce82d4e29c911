# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an audit, in order. Those of a large fleet may be kept in short, and their details in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, cast

from .entry import Entry
from .host_line import Line

T = TypeVar("T")


class Hosts:
    """The entries of an audit, all of them whole."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self._found: dict[object, object] = {}

    def found_once(self, find: Callable[[Hosts], T]) -> T:
        """Return what a function finds in these hosts; several outputs show it, and it is looked for once."""
        if find not in self._found:
            self._found[find] = find(self)
        return cast(T, self._found[find])

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def whole(self, entry: Entry) -> Entry:
        """Return an entry with its details."""
        return entry

    def replaced(self, entries: Iterable[Entry]) -> Hosts:
        """Return other entries of the same hosts."""
        return Hosts(entries)

    def lines(self, before_groups: str = "", before_transport: str = "") -> Iterator[str]:
        """Yield each entry as audit.json has it, with more members in two places where they are given."""
        for entry in self.entries:
            line = Line.of(entry)
            yield "".join(
                (line.head, line.fleet, line.middle, before_groups, line.groups, before_transport, line.transport)
            )
