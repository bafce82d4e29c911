# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's earlier samples, as the rules about limits ask them: a finding ends when its number is clearly on the other
side of its limit, and not because it wavers around it.

Nothing is remembered from run to run: what an audit said is worked out from the samples again.
"""

from __future__ import annotations

from ..model.sample import UNKNOWN, Series
from ..model.subject import Subject
from ..model.times import HOUR
from .robust_statistics import step_scatter
from .segment import Past

_SCATTERS = 3
"""What is so many standard deviations away from a limit has left it by more than chance."""
_FEWEST_STEPS = 5

MARGIN, MOST_MARGIN = 0.05, 0.15
"""A finding ends where its number is on the other side of the limit by this share of the limit; on a host whose number
varies by more from sample to sample by more, up to the second.
"""
REMEMBERED = 20
"""So many samples on the other side end it, too, however near they are."""


class Earlier:
    """The earlier samples of one host, in the order of time; none where no history is kept."""

    def __init__(self, subject: Subject, series: Series | None) -> None:
        self._subject = subject
        self._series = series if series is not None and len(series) else None
        self._past: Past | None = None

    @property
    def past(self) -> Past | None:
        """The samples with the current one as the last; None without any. Most hosts are never asked for it."""
        if self._past is None and self._series is not None:
            warm_up = self._subject.settings.history.warm_up_hours * HOUR
            self._past = Past(self._series, self._subject.sample, warm_up)
        return self._past

    def moved(self, column: str, now: int) -> int:
        """Return how far apart a column's numbers and the one of *now* are, at most; cheap, and 0 for most hosts."""
        numbers = self._series.columns.get(column) if self._series is not None else None
        if numbers is None:
            return 0
        # What is not known is below every number.
        least = min((one for one in numbers if one != UNKNOWN), default=now) if UNKNOWN in numbers else min(numbers)
        return max(now, *numbers) - min(now, least)

    def is_above(self, column: str, value: float, limit: float, offset: float = 0, unit: int = 1) -> bool:
        """Return whether a number is above its limit, or was and has not clearly left it.

        The earlier numbers are in *column*, in units of *unit*; *offset* is what they hold beside what is compared.
        """
        if value > limit:
            return True
        if self._series is None or value <= limit * (1 - MOST_MARGIN):
            return False
        end = limit * (1 - self.margin(column, limit, unit))
        return value > end and self._was(column, (limit + offset) / unit, (end + offset) / unit)

    def is_below(self, column: str, value: float, limit: float, unit: int = 1) -> bool:
        """Return whether a number is below its limit, or was and has not clearly left it."""
        if value < limit:
            return True
        if self._series is None or value >= limit * (1 + MOST_MARGIN):
            return False
        end = limit * (1 + self.margin(column, limit, unit))
        return value < end and self._was(column, limit / unit, end / unit)

    def margin(self, column: str, limit: float, unit: int = 1) -> float:
        """Return by which share of its limit a number has to be on the other side of it, for a finding to end."""
        past = self.past
        if past is None or limit <= 0 or column not in past.columns:
            return MARGIN
        inside = [amount for amount in past.column(column)[past.segment.start :] if amount != UNKNOWN]
        if len(inside) <= _FEWEST_STEPS:
            return MARGIN
        return min(MOST_MARGIN, max(MARGIN, _SCATTERS * step_scatter(inside) * unit / limit))

    def _was(self, column: str, limit: float, end: float) -> bool:
        """Return whether a sample was beyond *limit* since one was beyond *end* on the other side."""
        past = self.past
        if past is None or column not in past.columns:
            return False
        amounts, sign = past.columns[column], 1 if limit > end else -1
        first = max(past.segment.start, past.last - REMEMBERED)
        for place in range(past.last - 1, first - 1, -1):
            amount = amounts[place]
            if amount == UNKNOWN:
                continue
            if sign * (amount - limit) > 0:
                return True
            if sign * (amount - end) <= 0:
                return False
        return False
