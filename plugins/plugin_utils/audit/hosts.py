# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an audit, in order. Those of a large fleet may be kept in short, and their details in a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from .entry import Entry

ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, sort_keys=True, separators=(",", ":"))
"""JSON on one line, ASCII only, keys sorted: the same value gives the same bytes everywhere."""


class Hosts:
    """The entries of an audit, all of them whole."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def whole(self, entry: Entry) -> Entry:
        """Return an entry with its details."""
        return entry

    def lines(self) -> Iterator[str]:
        """Yield each entry as audit.json has it."""
        for entry in self.entries:
            yield ENCODER.encode(entry.as_plain())
