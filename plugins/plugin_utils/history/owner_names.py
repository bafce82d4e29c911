# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of owners, each once in a store and under a number: commands and control groups are text of users, so how
many there may be, and how long, is bounded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ..model.owners import OwnerKey, OwnerKind
from ..model.times import DAY
from .engine import Engine, chunks
from .schema import clean_text, marks

LONGEST_NAME = 64
MOST_NAMES = 4096
"""So many of a kind; whatever comes then is "other", until names that nobody has seen for long are forgotten."""

OTHER = "other"


class OwnerNames:
    """The names of owners in a store, by their numbers."""

    def __init__(self, rows: Iterable[tuple[int, int, str]]) -> None:
        self._numbers: dict[OwnerKey, int] = {}
        self._keys: dict[int, OwnerKey] = {}
        self.numbers: dict[OwnerKey, int] = {}
        """The number of each name that was added, as it was given: names that are too long or too many share one."""
        self.kinds: dict[int, int] = {}
        """The kind of each number."""
        self._take(rows)

    @classmethod
    def read(cls, engine: Engine) -> OwnerNames:
        """Return all names of a store."""
        return cls(engine.rows("SELECT name_id, kind, name FROM owner_name"))

    def add(self, engine: Engine, keys: Iterable[OwnerKey], now: int) -> None:
        """Give numbers to names that have none, as long as there is room, inside of a transaction; and note that they
        were seen.
        """
        given = {key: _bounded(key) for key in keys if key not in self.numbers}
        counts = Counter(self.kinds.values())
        new: set[OwnerKey] = set()
        for key in sorted(set(given.values()) - self._numbers.keys()):
            kept = key if counts[key.kind] < MOST_NAMES else OwnerKey(key.kind, OTHER)
            if kept not in self._numbers and kept not in new:
                counts[key.kind] += 1
                new.add(kept)
        engine.put("owner_name", [(int(key.kind), key.name, now) for key in sorted(new)])
        if new:
            self._take(engine.rows("SELECT name_id, kind, name FROM owner_name"))
        for key, bounded in given.items():
            self.numbers[key] = self._numbers.get(bounded) or self._numbers[OwnerKey(key.kind, OTHER)]
        for some in chunks({self.numbers[key] for key in given}):
            engine.change(
                f"UPDATE owner_name SET seen_at = ? WHERE seen_at < ? AND name_id IN {marks(len(some))}",
                (now, now - DAY, *some),
            )

    def key(self, number: int) -> OwnerKey | None:
        """Return the name of a number; None where it was forgotten."""
        return self._keys.get(number)

    def _take(self, rows: Iterable[tuple[int, int, str]]) -> None:
        for number, kind, name in rows:
            key = OwnerKey(OwnerKind(kind), name)
            self._numbers[key], self._keys[number], self.kinds[number] = number, key, kind


def _bounded(key: OwnerKey) -> OwnerKey:
    name = clean_text(key.name)
    return OwnerKey(key.kind, name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…")
