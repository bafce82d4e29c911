# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dimension of kernel memory is: a name, and all that is said of it. Each has a file of its own.

How much of it a host has is told by the account (``module_utils/account``); when it is a finding, by ``rules``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..text.units import MIB

WARNING_FLOOR, CRITICAL_FLOOR = 512 * MIB, 768 * MIB
"""The same two floors for limits that are a share of RAM: less is not worth a person's time, however small the host."""


@dataclass(frozen=True, slots=True)
class Words:
    """What something is called in a sentence, what to do where it is above its limit, and the command for it."""

    subject: str
    next_step: str
    command: str


@dataclass(frozen=True, slots=True)
class NextSteps:
    """What to do about a finding that is about no limit, by its kind."""

    growth: str
    spike: str
    drop: str
    disproportion: str
    uptime_growth: str

    def of(self, kind: str) -> str:
        """Return what to do about a kind of finding."""
        step: str = getattr(self, kind)
        return step


@dataclass(frozen=True, slots=True)
class Meanings:
    """What each kind of finding means, in one sentence."""

    limit: str
    growth: str
    spike: str
    drop: str
    disproportion: str

    def of(self, kind: str) -> str:
        """Return what a kind of finding means."""
        meaning: str = getattr(self, kind)
        return meaning


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual on a kind of machine, in one sentence. Judgement from few measured hosts, as a start for a reader
    who has none; limits and a host's own history judge.
    """

    physical: str
    vm: str
    container_host: str
    kubernetes_node: str

    def on(self, machine: str) -> str:
        """Return what is usual on a kind of machine."""
        usual: str = getattr(self, machine)
        return usual


LimitLevel = Mapping[str, float]
"""One level of a limit as a policy writes it: ``{"percent_of_ram": 8, "at_least": …}``, sizes in bytes. docs/policy.md
explains the keys.
"""


@dataclass(frozen=True, slots=True)
class Defaults:
    """From where on it is a finding in production, where a policy says nothing. Other environments have multiples.

    Limits are judgement, checked against healthy hosts for quietness and against known incidents for sense. Growth and
    changes of level were calibrated with ``tests/simulator``; docs/judging.md has the figures.
    """

    warning: LimitLevel
    critical: LimitLevel | None
    """None where it never fails a host by itself."""
    growth: tuple[float, float, float] | None
    """Percent of RAM for watch, warning and critical; None where growth is no fault."""
    level: float | None
    """A sudden change in percent of RAM; None where such changes are its nature."""
    times_share_of_level: int = 1
    """How many times the usual share of its level growth has to have: 2 where the number is a noisy remainder."""

    def limit(self, level: str) -> LimitLevel | None:
        """Return a level of the limit by its name."""
        return self.warning if level == "warning" else self.critical


@dataclass(frozen=True, slots=True)
class Comparison:
    """In what it is compared with similar hosts."""

    unit: str = "bytes"
    share_of: str = ""
    """The memory that it is a share of, where that is not RAM."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rules over a dimension say of it, and from where on."""

    words: Mapping[str, Words]
    """By the unit in which it is measured."""
    next_steps: NextSteps
    meanings: Meanings
    usual: Usual
    defaults: Defaults
    comparisons: tuple[Comparison, ...] = (Comparison(),)
    """The first one that stands out is the finding."""

    def words_of(self, kind: str, unit: str = "bytes") -> Words:
        """Return the words of a kind of finding. Raises KeyError for a unit in which it is not measured."""
        words = self.words[unit]
        return words if kind == "limit" else Words(words.subject, self.next_steps.of(kind), words.command)


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of kernel memory. The facts of a host have it as ``NAME_bytes``, a history as ``NAME_kib``."""

    name: str
    label: str
    """What people call it."""
    sentence: str
    """What it is."""
    counter: str | None = None
    """The field of ``/proc/meminfo`` that tells it, or a name for the sum that does; None where there is none."""
    rules: Rules | None = None
    """None where it is shown and not judged."""
    is_part: bool = True
    """Whether it is a part of the total: named by a counter, and not to be reclaimed."""
    is_kept: bool = True
    """Whether histories keep it. What is judged has to be."""
