# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sizes, shares and numbers as text, and sizes from text.

Data holds bytes; only text has units, and only binary ones (KiB, MiB, GiB), so that no reader has to guess.
"""

from __future__ import annotations

import re
from typing import Any

KIB, MIB, GIB = 1024, 1024**2, 1024**3
UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
MAXIMUM_BYTES = 2**63 - 1
_SIZE = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,9})?) ?([A-Za-z]*)")
_MAXIMUM_DECIMALS = 3


def human_bytes(size_bytes: int, decimals: int = 1) -> str:
    """Return a number of bytes as text in the largest binary unit that fits: ``1.5 GiB``.

    A size that is a whole number of its unit has no decimals (``64 GiB``); ``64.0 GiB`` is therefore a rounded one.
    """
    if size_bytes < 0:
        return "-" + human_bytes(-size_bytes, decimals)
    power = 0
    # Compare the rounded number, so that a byte less than 1 GiB is "1.0 GiB" and not "1024.0 MiB".
    while power < len(UNITS) - 1 and round(size_bytes / 1024**power, decimals if power else 0) >= 1024:
        power += 1
    whole, rest = divmod(size_bytes, 1024**power)
    if rest == 0:
        return f"{whole} {UNITS[power]}"
    return f"{size_bytes / 1024**power:.{decimals}f} {UNITS[power]}"


def distinct_bytes(first: int, second: int) -> tuple[str, str]:
    """Return two sizes as text, with as many decimals as are needed to tell them apart."""
    for decimals in range(1, _MAXIMUM_DECIMALS + 1):
        texts = human_bytes(first, decimals), human_bytes(second, decimals)
        if texts[0] != texts[1] or first == second:
            return texts
    return f"{first} B", f"{second} B"


def percent_text(part: float, whole: float) -> str:
    """Return the share of *part* in *whole* as text: ``14.4 %``, below 1 % with two decimals."""
    if whole == 0:
        raise ValueError("There is no share of nothing; the whole must not be 0.")
    share = 100.0 * part / whole
    return f"{share:.2f} %" if 0 < abs(share) < 1 else f"{share:.1f} %"


def number_text(number: float) -> str:
    """Return a number without needless decimals: ``8``, ``4.5``."""
    return f"{number:.10g}"


def parse_size(size: Any) -> int:
    """Return the bytes of a size given as a whole number of bytes or as text such as ``512 MiB`` or ``0.5GiB``.

    Only binary units are taken. Raises :class:`ValueError` with a sentence for anything else, also for ``512 MB``,
    which some read as 512,000,000 bytes and others as 536,870,912.
    """
    if isinstance(size, int) and not isinstance(size, bool):
        return _in_range(size)
    if not isinstance(size, str):
        raise ValueError("must be a size: a whole number of bytes, or text such as '512 MiB'.")
    match = _SIZE.fullmatch(size.strip())
    if match is None:
        raise ValueError("must be a size such as '512 MiB' or '0.5 GiB'.")
    number, unit = match.groups()
    return _in_range(_exact_bytes(number, _power_of(unit)))


def _power_of(unit: str) -> int:
    if unit == "":
        return 0
    for power, name in enumerate(UNITS):
        if unit.lower() == name.lower():
            return power
    meant = [name for name in UNITS[1:] if unit[:1].upper() == name[0] and unit[1:].lower() in ("", "b")]
    hint = f"did you mean {meant[0]}?" if meant else f"use one of {', '.join(UNITS[:5])}."
    raise ValueError(f"has the unit {unit}, but only binary units are taken; {hint}")


def _exact_bytes(number: str, power: int) -> int:
    # Whole-number arithmetic: floats lose bytes above 8 PiB.
    whole, _dot, fraction = number.partition(".")
    scale: int = 1024**power
    size = int(whole) * scale
    if fraction:
        parts, left = divmod(int(fraction) * scale, 10 ** len(fraction))
        if left and power == 0:
            raise ValueError("must be a whole number of bytes.")
        size += parts
    return size


def _in_range(size: int) -> int:
    if not 0 <= size <= MAXIMUM_BYTES:
        raise ValueError("must be a size from 0 to 8 EiB.")
    return size


def whole_bytes(value: Any) -> int:
    """Return a whole number of bytes given as a number or as text; raises :class:`ValueError` for anything else."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value.strip()):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MAXIMUM_BYTES:
        shown = "null" if value is None else type(value).__name__
        raise ValueError(f"A whole number of bytes is needed, not {shown}; use default() where it may not be known.")
    return int(value)
