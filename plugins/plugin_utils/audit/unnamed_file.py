# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of hosts that are finished, in a file that has no name: a fleet of any size needs little memory."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .entry import Entry
from .host_line import CoverageTexts, Line
from .hosts import Hosts
from .read_back import checked_entry


@dataclass(slots=True)
class Place:
    """Where the pieces of a line lie: the offset of the first, how long each is, and what the fleet tells, which is
    known last.
    """

    offset: int
    head: int
    middle: int
    groups: int
    transport: int
    fleet: str


_NO_SPACE = "There is no space for the hosts of the report while it is made: {reason}."


class Scrap:
    """A file beside the report that is gone when it is closed, however the run ends."""

    def __init__(self, folder: str) -> None:
        handle, path = tempfile.mkstemp(prefix=".audit.", dir=folder if os.path.isdir(folder) else None)
        os.unlink(path)
        self._file = os.fdopen(handle, "w+b", buffering=1 << 20)
        self._end = 0

    def add(self, entry: Entry, coverage: CoverageTexts | None = None) -> Place:
        """Add the line of an entry, with the texts of its *coverage* where they are known. Raises ValueError where
        there is no space for it.
        """
        line = Line.of(entry, coverage)
        pieces = (line.head, line.middle, line.groups, line.transport)
        head, middle, groups, transport = map(len, pieces)
        place = Place(self._end, head, middle, groups, transport, line.fleet)
        try:
            self._file.write("".join(pieces).encode("ascii"))
        except OSError as exc:
            raise ValueError(_NO_SPACE.format(reason=exc.strerror)) from exc
        self._end += place.head + place.middle + place.groups + place.transport
        return place

    def line(self, place: Place, before_groups: str = "", before_transport: str = "") -> str:
        """Return a line, with more members in two places where they are given."""
        ends = [place.head]
        for length in (place.middle, place.groups, place.transport):
            ends.append(ends[-1] + length)
        found = os.pread(self._file.fileno(), ends[-1], place.offset).decode("ascii")
        head, middle, groups = found[: ends[0]], found[ends[0] : ends[1]], found[ends[1] : ends[2]]
        return "".join((head, place.fleet, middle, before_groups, groups, before_transport, found[ends[2] :]))

    def flush(self) -> None:
        """Have all lines where they can be read. Raises ValueError where there is no space for them."""
        try:
            self._file.flush()
        except OSError as exc:
            raise ValueError(_NO_SPACE.format(reason=exc.strerror)) from exc

    def close(self) -> None:
        """Drop the file; what could not be written any more is nobody's loss."""
        with contextlib.suppress(OSError):
            self._file.close()


class KeptHosts(Hosts):
    """The entries of an audit in short; the whole of them lies in a file."""

    def __init__(self, entries: Iterable[Entry], scrap: Scrap, places: Mapping[str, Place]) -> None:
        super().__init__(entries)
        self._scrap, self._places = scrap, places

    def whole(self, entry: Entry) -> Entry:
        """Return an entry with its details."""
        if entry.told is not None:
            return entry
        return checked_entry(json.loads(self._scrap.line(self._places[entry.name])), entry.name)

    def lines(self, before_groups: str = "", before_transport: str = "") -> Iterator[str]:
        """Yield each entry as audit.json has it, with more members in two places where they are given."""
        for entry in self.entries:
            if entry.told is None:
                yield self._scrap.line(self._places[entry.name], before_groups, before_transport)
            else:
                yield from Hosts([entry]).lines(before_groups, before_transport)

    def replaced(self, entries: Iterable[Entry]) -> KeptHosts:
        """Return other entries with details in the same file."""
        return KeptHosts(entries, self._scrap, self._places)
