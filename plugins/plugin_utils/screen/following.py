# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows a gathering: progress, and a line for a host without data; nothing for hosts that are well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..text.safe import ascii_only, one_line
from ..words.labels import NO_DATA_LABELS, hosts_phrase
from .progress import Progress
from .spool_tail import SpoolTail

MOST_HOSTS = 20
"""So many hosts without data get a line of their own; the rest are counted. A whole site may be down."""

LONGEST_MESSAGE = 160


class Screen(Protocol):
    """Where it is shown."""

    @property
    def rewrites(self) -> bool:
        """Whether a line can be written again, as on a terminal."""

    def say(self, lead: str, words: str, kind: str) -> None:
        """Show words behind a leading word of a kind, see :meth:`style.Lines.say`."""

    def status(self, words: str) -> None:
        """Rewrite the line of the state; empty takes it away."""


class Following:
    """One gathering of *total* hosts. *clock* goes only forward; a log gets the state each *every* seconds."""

    def __init__(
        self, tail: SpoolTail, total: int, screen: Screen, clock: Callable[[], float], every: float = 30.0
    ) -> None:
        self._tail, self._screen, self._clock, self._every = tail, screen, clock, every
        self.progress = Progress(total, clock())
        self._told_at, self._told = clock(), 0

    def begin(self) -> None:
        """Say how many hosts are asked."""
        if not self._screen.rewrites:
            self._screen.say("ASKING    ", hosts_phrase(self.progress.total), "heading")

    def look(self) -> None:
        """Show what is new."""
        for answer in self._tail.new():
            self.add(answer.host, answer.reason, answer.message)
        now = self._clock()
        if self._screen.rewrites:
            self._screen.status(self.progress.words(now))
        elif now - self._told_at >= self._every:
            self._told_at = now
            self._screen.say("          ", self.progress.words(now), "")

    def add(self, host: str, reason: str | None, message: str) -> None:
        """Count a host; *reason* is None where it gave data. Some can't even be asked, and no spool names them."""
        if not self.progress.add(host, self._clock(), has_data=reason is None) or reason is None:
            return
        self._told += 1
        if self._told <= MOST_HOSTS:
            label = NO_DATA_LABELS.get(reason, reason)
            said = ascii_only(one_line(message, LONGEST_MESSAGE))
            words = f"{ascii_only(one_line(host, 80))}: {label}{f': {said}' if said else ''}"
            self._screen.say("NO DATA   ", words, "unknown")

    def end(self) -> None:
        """Show what came last, and how many hosts it were in all."""
        self.look()
        self._screen.status("")
        if self._told > MOST_HOSTS:
            self._screen.say("NO DATA   ", f"{self._told - MOST_HOSTS:,} more hosts", "unknown")
        if self.progress.done:
            self._screen.say("ASKED     ", self.progress.words(self._clock()), "heading")
