# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recent amounts of all kinds of a host's kernel memory, packed: what a stacked picture is drawn from.

A picture is a few hundred pixels high and all kinds share its axis, so an amount is kept as a level of the host's own
unit (its largest stack divided by ``LEVELS``). A level stays until the amount has left it by three quarters of a unit,
so noise costs nothing: thirty samples of ten kinds are some eighty characters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from .plain import Plain

PACKED = (
    "slab_unreclaimable",
    "percpu",
    "vmalloc",
    "page_tables",
    "secondary_page_tables",
    "kernel_stack",
    "socket_buffers",
    "misc",
    "unaccounted",
    "slab_reclaimable",
)
"""The kinds in the order in which they are packed. A new one comes at the end, since packed stacks are kept."""

LEVELS = 120
_DEAD = 0.75

SIGNS = "".join(chr(number) for number in range(0x23, 0x7F) if chr(number) not in "\\<&'`>")
"""Printable signs that JSON and a script element carry as they are."""
RUN, STEP = 34, 24
RUNS = SIGNS[:RUN]
"""1 to 34 samples without a change."""
CHANGES = SIGNS[RUN : RUN + 2 * STEP]
"""24 levels down to 24 levels up."""
JUMP, GAP = SIGNS[RUN + 2 * STEP], SIGNS[RUN + 2 * STEP + 1]
"""A new level in the two digits that follow; an amount that is not known."""
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PLACE_OF_RUN = {sign: place + 1 for place, sign in enumerate(RUNS)}
_CHANGE_OF = {sign: place - STEP + (place >= STEP) for place, sign in enumerate(CHANGES)}
_DIGIT_OF = {sign: place for place, sign in enumerate(DIGITS)}


@dataclass(frozen=True, slots=True)
class Stack(Plain):
    """The packed amounts: the unit of the levels in KiB, and the signs of all kinds, one after the other."""

    unit_kib: int
    signs: str

    @classmethod
    def of(cls, kinds: Sequence[Sequence[int | None]]) -> Stack:
        """Return the amounts of the kinds of ``PACKED`` in KiB as a stack. What is below 0 (an estimate) is 0."""
        # What is not known, and an estimate below 0, adds nothing to a day; most kinds have neither.
        counted = [
            amounts if _all_known(amounts) and min(amounts, default=0) >= 0 else [max(one or 0, 0) for one in amounts]
            for amounts in kinds
        ]
        highest = max(map(sum, zip(*counted, strict=True)), default=0)
        unit = max(1, -(-highest // LEVELS))
        parts: list[str] = []
        for amounts in kinds:
            _pack(amounts, unit, parts)
        return cls(unit, "".join(parts))

    def amounts(self, samples: int) -> dict[str, list[int | None]]:
        """Return the amounts of each kind in KiB, in steps of the unit, of so many samples; nothing is known of a kind
        that was not packed. Raises ValueError where the signs are no stack of so many samples.
        """
        known: dict[str, list[int | None]] = {}
        signs = iter(self.signs)
        for kind in PACKED:
            values: list[int | None] = []
            level = 0
            while len(values) < samples:
                sign = next(signs, None)
                if sign is None:
                    break
                if sign == GAP:
                    values.append(None)
                    continue
                still = _PLACE_OF_RUN.get(sign)
                if still is None:
                    level = self._level(sign, level, signs)
                values += [level * self.unit_kib] * (still or 1)
            if values and len(values) != samples:
                raise ValueError(f"The stack does not hold {samples} samples of {kind}.")
            known[kind] = values or [None] * samples
        if next(signs, None) is not None:
            raise ValueError(f"The stack holds more than {samples} samples of each kind.")
        return known

    @staticmethod
    def _level(sign: str, level: int, signs: Iterator[str]) -> int:
        if sign == JUMP:
            digits = [next(signs, "A") for _unused in range(2)]
            return 64 * _DIGIT_OF.get(digits[0], 0) + _DIGIT_OF.get(digits[1], 0)
        if sign not in _CHANGE_OF:
            raise ValueError(f"The stack has the sign {sign!r}, which means nothing.")
        return max(0, level + _CHANGE_OF[sign])


def _all_known(amounts: Sequence[int | None]) -> TypeGuard[Sequence[int]]:
    return None not in amounts


def _pack(amounts: Sequence[int | None], unit: int, parts: list[str]) -> None:
    """Add the signs of one kind."""
    level = still = 0
    low, high = -_DEAD * unit, _DEAD * unit
    if amounts and _all_known(amounts) and low <= min(amounts) and max(amounts) <= high:
        # Most kinds of most hosts are less than one step of the picture.
        _add_run(len(amounts), parts)
        return
    for amount in amounts:
        if amount is not None and (low <= amount <= high or (amount < 0 and level == 0)):
            still += 1
            continue
        if still:
            _add_run(still, parts)
            still = 0
        if amount is None:
            parts.append(GAP)
            continue
        wanted = max(0, round(amount / unit))
        change = wanted - level
        if change and abs(change) <= STEP:
            parts.append(CHANGES[change + STEP - (change > 0)])
        else:
            parts.append(JUMP + DIGITS[wanted // 64] + DIGITS[wanted % 64])
        level = wanted
        low, high = (level - _DEAD) * unit, (level + _DEAD) * unit
    if still:
        _add_run(still, parts)


def _add_run(still: int, parts: list[str]) -> None:
    while still > 0:
        parts.append(RUNS[min(still, RUN) - 1])
        still -= RUN
