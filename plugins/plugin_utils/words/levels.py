# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The levels of a policy in words: what a finding, the page and a terminal say of a limit or of an amount of growth."""

from __future__ import annotations

from collections.abc import Mapping

from ..text.units import human_bytes, number_text


def size_words(percent_of_ram: float, at_least: int | None, at_most: int | None, base: str = "RAM") -> str:
    """Return a share of memory in words: ``8 % of RAM, at least 512 MiB, at most 32 GiB``."""
    return ", ".join((f"{number_text(percent_of_ram)} % of {base}", *_bounds(at_least, at_most)))


def change_words(percent_of_ram: float, percent_of_level: float, at_least: int | None, at_most: int | None) -> str:
    """Return an amount of growth or of change in words: ``1 % of RAM, at least 64 MiB, at most 4 GiB, and 25 % of
    the level``.
    """
    return f"{size_words(percent_of_ram, at_least, at_most)}, and {number_text(percent_of_level)} % of the level"


def level_words(level: Mapping[str, float | None] | None) -> str:
    """Return any level as a policy has it in words; an empty text where there is none."""
    given = {key: setting for key, setting in (level or {}).items() if setting is not None}
    at_least, at_most = (None if key not in given else int(given[key]) for key in ("at_least", "at_most"))
    either = []
    if "percent_of_ram" in given:
        either.append(size_words(given["percent_of_ram"], at_least, at_most))
    elif at_least is not None or at_most is not None:
        either.append(" and ".join(_bounds(at_least, at_most)))
    if "percent_of_thread_limit" in given:
        either.append(f"{number_text(given['percent_of_thread_limit'])} % of the threads that the host allows")
    if "times_stack_per_thread" in given:
        either.append(f"{number_text(given['times_stack_per_thread'])} times the usual stack per thread")
    also = []
    if "times_expected" in given:
        also.append(f"{number_text(given['times_expected'])} times what its CPUs and control groups explain")
    if "percent_of_level" in given:
        also.append(f"{number_text(given['percent_of_level'])} % of the level")
    words = ", and ".join(part for part in (", or ".join(either), *also) if part)
    available = given.get("only_if_available_below_percent")
    if available is None or not words:
        return words
    return f"{words}, if less than {number_text(available)} % is available"


def _bounds(at_least: int | None, at_most: int | None) -> list[str]:
    bounds = (("at least", at_least), ("at most", at_most))
    return [f"{words} {human_bytes(size)}" for words, size in bounds if size is not None]
