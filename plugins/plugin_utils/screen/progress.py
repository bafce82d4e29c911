# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far the gathering is: hosts done, hosts without data, the rate of the last seconds, the time that is left."""

from __future__ import annotations

from collections import deque

from ..words.labels import hosts_phrase

WINDOW_SECONDS = 20.0
FEWEST_SECONDS = 2.0
"""Before that nobody can tell how fast it goes."""


class Progress:
    """Counts hosts. Times are seconds of one clock that only goes forward."""

    def __init__(self, total: int, now: float) -> None:
        self.total, self.began = total, now
        self._done: set[str] = set()
        self._without: set[str] = set()
        self._lately: deque[tuple[float, int]] = deque([(now, 0)])

    @property
    def done(self) -> int:
        """How many hosts have answered or been given up."""
        return len(self._done)

    @property
    def without_data(self) -> int:
        """How many of them gave no data."""
        return len(self._without)

    def add(self, host: str, now: float, *, has_data: bool) -> bool:
        """Count a host, once; return whether it was not known before to be without data. What a host says later counts:
        one that could not be asked in one way may answer in the other.
        """
        self._done.add(host)
        if now > self._lately[-1][0]:
            self._lately.append((now, self.done))
        else:
            self._lately[-1] = (now, self.done)
        while len(self._lately) > 2 and self._lately[1][0] <= now - WINDOW_SECONDS:
            self._lately.popleft()
        if has_data:
            self._without.discard(host)
            return False
        new = host not in self._without
        self._without.add(host)
        return new

    def rate(self, now: float) -> float | None:
        """Return the hosts a second of the last seconds; None where it is too early to say, or nothing moves."""
        began, done = self._lately[0]
        passed = now - began
        rate = (self.done - done) / passed if passed >= FEWEST_SECONDS else 0.0
        return rate or None

    def words(self, now: float, between: str = ", ") -> str:
        """Return the state in words: ``612 of 1,000 hosts, 7 without data, 41 a second, 9 s left``."""
        parts = [f"{self.done:,} of {hosts_phrase(self.total)}"]
        if self._without:
            parts.append(f"{self.without_data:,} without data")
        rate = self.rate(now)
        if rate is not None and self.done < self.total:
            parts += [_rate(rate), f"{_time((self.total - self.done) / rate)} left"]
        elif self.done < self.total:
            parts.append(f"{_time(now - self.began)} so far")
        return between.join(parts)


def _rate(a_second: float) -> str:
    if a_second >= 1:
        return f"{a_second:,.0f} a second"
    return f"{a_second * 60:,.0f} a minute"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 5400 else f"{seconds / 3600:,.1f} h"
