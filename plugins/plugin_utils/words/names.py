# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts where there is little space: without the ending that all of them have, and cut in the middle."""

from __future__ import annotations

import os
from collections.abc import Sequence

FEWEST_FOR_AN_ENDING = 3


def shared_ending(names: Sequence[str]) -> str:
    """Return the longest ending that all names share, from a dot on: ``.corp.example.net``; empty for one name."""
    if len(names) < FEWEST_FOR_AN_ENDING:
        return ""
    parts = os.path.commonprefix([name[::-1] for name in names])[::-1]
    if any(name == parts for name in names):
        parts = parts[1:]
    ending = parts[parts.find(".") :] if "." in parts else ""
    return ending if len(ending) > 1 else ""


def cut_middle(name: str, most: int) -> str:
    """Return a name of at most so many characters, cut in its middle: names of machines differ at both ends."""
    if len(name) <= most:
        return name
    tail = most * 2 // 5
    return f"{name[: most - tail - 1]}…{name[len(name) - tail :]}"
