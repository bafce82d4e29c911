# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the owners of one host over thirty days become bytes: whole at the beginning, then what has moved.

A value is compared with the one that was *written* last, not with the one that was seen last, or small steps would add
up unseen. An owner that is no longer there is written as gone, which is not 0; one whose kind was not read stays as it
was. Bytes are kept in pages of 4 KiB, counts as they are.

A log is a row of entries. Each has the seconds since the entry before, a bit for each kind that was read, the number of
changes and whether the modules are others (then their fingerprint), and the changes: the place of the owner in the
order in which owners came into this log (a new one has its name's number next) and the difference, or that it is gone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from ..model.owners import OwnerKind
from ..model.times import DAY
from .blocks import from_varints, varints

LARGEST_ENTRY = 512
"""An entry that would have more bytes begins a new log, in which it is whole."""

LARGEST_LOG = 6000
LONGEST_LOG = 30 * DAY
MOST_OWNERS = 44
"""So many fit into the largest entry, whatever their amounts."""

LARGEST_AMOUNT = 2**32 - 2
_GONE = 2**32 - 1
_HEAD = struct.Struct("<qBI")
_OWNER = struct.Struct("<II")
_CHANGED_BY = 100
"""A hundredth of the value is the least change that is written ..."""

COUNTED = frozenset(kind for kind in OwnerKind if kind.is_counted)
_LEAST = {int(kind): 16 if kind in COUNTED else 256 for kind in OwnerKind}
"""... and it has to be one MiB (in pages), or sixteen objects."""


@dataclass(slots=True)
class OwnersState:
    """What was written last: the owners in the order in which they came, gone ones with ``_GONE``."""

    at: int = 0
    """When that was."""
    mask: int = 0
    """A bit for each kind that was read."""
    fingerprint: int = 0
    """Of the modules; 0 where they are not known."""
    amounts: dict[int, int] = field(default_factory=dict)
    """The amount of each owner, by the number of its name."""

    def packed(self) -> bytes:
        """Return the state as bytes."""
        owners = struct.pack(f"<{2 * len(self.amounts)}I", *chain.from_iterable(self.amounts.items()))
        return _HEAD.pack(self.at, self.mask, self.fingerprint) + owners

    @classmethod
    def unpacked(cls, data: bytes) -> OwnersState:
        """Return the state in bytes that :meth:`packed` made."""
        at, mask, fingerprint = _HEAD.unpack_from(data)
        return cls(at, mask, fingerprint, dict(_OWNER.iter_unpack(data[_HEAD.size :])))


@dataclass(frozen=True, slots=True)
class LogPoint:
    """The owners from a moment on, by the numbers of their names."""

    at: int
    mask: int
    fingerprint: int
    amounts: Mapping[int, int]


def entry(state: OwnersState, seen: OwnersState, kinds: Mapping[int, int]) -> bytes:
    """Return what to add to a log whose state is *state* for *seen*, which is later; nothing where nothing has moved.
    *state* becomes what is written then.

    *kinds* are the kinds of owners by the number of their name, of all that either has.
    """
    places = {name: place for place, name in enumerate(state.amounts)}
    changes: list[int] = []
    number = 0
    written = state.amounts
    for name, amount in seen.amounts.items():
        before = written.get(name)
        if before is None:
            places[name] = len(places)
            changes += (places[name] * 2, name, amount)
        elif before == _GONE:
            changes += (places[name] * 2, amount)
        elif abs(amount - before) * _CHANGED_BY > before and abs(amount - before) >= _LEAST[kinds[name]]:
            changes += (places[name] * 2, amount - before)
        else:
            continue
        written[name] = amount
        number += 1
    for name in written.keys() - seen.amounts.keys():
        if written[name] != _GONE and seen.mask >> kinds[name] & 1:
            changes.append(places[name] * 2 + 1)
            written[name] = _GONE
            number += 1
    other_modules = seen.fingerprint not in (0, state.fingerprint)
    if not number and not other_modules and seen.mask == state.mask:
        return b""
    head = [seen.at - state.at, seen.mask, number * 2 + other_modules]
    if other_modules:
        state.fingerprint = seen.fingerprint
        head.append(seen.fingerprint)
    state.at, state.mask = seen.at, seen.mask
    return varints([*head, *changes])


def points(log: bytes, first_at: int) -> Iterator[LogPoint]:
    """Yield the owners after each entry of a log. Raises ValueError where the bytes are none."""
    numbers = iter(from_varints(log))
    at, fingerprint = first_at, 0
    names: list[int] = []
    amounts: dict[int, int] = {}
    for seconds in numbers:
        try:
            at += seconds
            mask, count = next(numbers), next(numbers)
            if count & 1:
                fingerprint = next(numbers)
            for _change in range(count >> 1):
                place, gone = divmod(next(numbers), 2)
                if place == len(names):
                    names.append(next(numbers))
                if gone:
                    del amounts[names[place]]
                else:
                    amounts[names[place]] = amounts.get(names[place], 0) + next(numbers)
        except (StopIteration, IndexError, KeyError):
            raise ValueError("The bytes of a log of owners are not those that were written.") from None
        yield LogPoint(at, mask, fingerprint, dict(amounts))


def largest(amounts: dict[int, int], kinds: Mapping[int, int]) -> dict[int, int]:
    """Return at most so many owners as an entry can hold: of each kind in turn its largest."""
    if len(amounts) <= MOST_OWNERS:
        return amounts
    by_kind: dict[int, list[int]] = {}
    for name in sorted(amounts, key=lambda name: (-amounts[name], name)):
        by_kind.setdefault(kinds[name], []).append(name)
    kept: list[int] = []
    for place in range(len(amounts)):
        kept += [names[place] for names in by_kind.values() if place < len(names)]
    return {name: amounts[name] for name in kept[:MOST_OWNERS]}
