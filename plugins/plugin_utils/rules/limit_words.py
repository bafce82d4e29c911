# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of findings about a limit: what was seen, against which limit, and what else there is to say."""

from __future__ import annotations

from dataclasses import dataclass

from ..dimensions.table import RULES
from ..model.settings import Change, Level
from ..model.subject import Subject
from ..text.units import distinct_bytes, human_bytes, number_text
from ..words.levels import size_words


def stays_remark(margin: float) -> str:
    """Return the clause about a number that a finding does not let go of yet; *margin* is a share of the limit."""
    return f"it was above that limit and has not fallen {number_text(round(margin * 100, 1))} % below it since"


def base_name(subject: Subject, dimension: str) -> str:
    """Return what the memory is called that shares of a dimension refer to."""
    return "low memory" if subject.low_memory is not None and dimension != "unaccounted" else "RAM"


def size_rule(level: Level | Change, base: str = "RAM", memory: int | None = None) -> str:
    """Return a share of memory in words: ``8 % of RAM, at least 512 MiB, at most 32 GiB``.

    With the *memory* of a host, a floor that this host can't reach is the one that holds there.
    """
    if level.percent_of_ram is None:
        raise TypeError("This level has no share of RAM.")
    least = level.at_least
    if memory is None or not isinstance(level, Level) or level.floor(memory) == least:
        return size_words(level.percent_of_ram, least, level.at_most, base)
    share = f"{number_text(level.most_of_ram_for_a_floor)} % of so little {base}"
    return f"{size_words(level.percent_of_ram, level.floor(memory), level.at_most, base)}, which is {share}"


@dataclass(frozen=True, slots=True)
class Seen:
    """The parts of a sentence about one limit.

    ``measure`` is the value with its shares, ``allowed`` the limit as an amount, ``rule`` the limit in words;
    ``remarks`` are further clauses.
    """

    measure: str
    allowed: str
    rule: str
    remarks: tuple[str, ...] = ()

    def with_remark(self, remark: str) -> Seen:
        """Return the same with one clause more."""
        return Seen(self.measure, self.allowed, self.rule, (*self.remarks, remark))


def limit_sentence(dimension: str, unit: str, environment: str, level: str, seen: Seen) -> str:
    """Return the sentence of a finding of the kind "limit"."""
    subject = RULES[dimension].words_of("limit", unit).subject
    sentence = f"{subject} is {seen.measure}; the {environment} {level} limit is {seen.allowed} ({seen.rule})"
    return "; ".join((sentence, *seen.remarks)) + "."


def value_and_limit(value: int, limit: int) -> tuple[str, str]:
    """Return two sizes as text, told apart even where they are close."""
    return distinct_bytes(value, limit)


def largest_part_remark(dimensions: dict[str, int]) -> str:
    """Return the clause that names the largest of some dimensions."""
    name = max(dimensions, key=lambda dimension: dimensions[dimension])
    return f"its largest part is {name} with {human_bytes(dimensions[name])}"
