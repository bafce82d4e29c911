# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host while its own history is judged: its past, its settings, and what is worked out once for all dimensions."""

from __future__ import annotations

from collections.abc import Sequence

from ..dimensions.table import TOTAL
from ..model.sample import Series
from ..model.settings import Change
from ..model.subject import Subject
from ..model.times import DAY, HOUR, utc_text
from ..text.units import KIB
from .baseline import is_stale, picked_places
from .segment import Past, Segment
from .trend import Amount, Window, windows_at


class OwnHistory:
    """One host with its earlier samples, and what the rules over them share."""

    def __init__(self, subject: Subject, series: Series | None) -> None:
        self.subject = subject
        self.sample = subject.sample
        self.history = subject.settings.history
        self.past = Past(series, subject.sample, self.history.warm_up_hours * HOUR)
        balloon = self.sample.balloon_bytes if self.sample.balloon_bytes and self.past.ballooned else 0
        bases = [subject.memory(dimension) for dimension in (TOTAL, "unaccounted")]
        self._memory = [base + balloon if base else None for base in bases]
        self._windows: dict[tuple[int, int], list[Window]] = {}
        self._picked: dict[int, tuple[Sequence[int], float, bool]] = {}
        self.reasons: dict[tuple[int, str, int], str] = {}
        """Why a history is not judged, by segment, state and samples: mostly the same for all dimensions."""
        self._began: dict[int, str] = {}

    def memory(self, dimension: str) -> int | None:
        """Return the bytes of memory that shares of a dimension refer to, with what a balloon has taken."""
        return self._memory[dimension == "unaccounted"]

    def amount(self, dimension: str, level: Change) -> Amount:
        """Return what a level of the settings amounts to on this host, never less than the error of an estimate."""
        amount = level.of(self.memory(dimension) or 0)
        if dimension == "unaccounted":
            amount = max(amount, self.subject.band or 0)
        return Amount(amount // KIB, level.percent_of_level / 100)

    def windows(self, dimension: str, end: int) -> list[Window]:
        """Return the windows of growth that end with a place."""
        warm = self.past.segment_of(dimension).warm
        if (warm, end) not in self._windows:
            days, minimum = self.history.windows_days, self.history.minimum_days
            self._windows[warm, end] = windows_at(self.past, warm, end, days, minimum)
        return self._windows[warm, end]

    def baseline_places(self, segment: Segment) -> tuple[Sequence[int], float, bool]:
        """Return the places of the baseline of a segment, how many days they span, and whether they are stale."""
        if segment.warm not in self._picked:
            places = picked_places(self.past.times, segment.warm, self.past.last, self.history.baseline_samples)
            span = (self.past.times[places[-1]] - self.past.times[places[0]]) / DAY if places else 0.0
            self._picked[segment.warm] = places, span, is_stale(self.past.times, places)
        return self._picked[segment.warm]

    def began_text(self, segment: Segment) -> str:
        """Return when a segment began, as text."""
        if segment.start not in self._began:
            self._began[segment.start] = utc_text(segment.began_at)
        return self._began[segment.start]

    def capped(self, severity: str, dimension: str, kind: str, remarks: list[str]) -> str:
        """Return a severity that is no higher than the policy and the measurement allow; what lowered it goes to
        *remarks*.
        """
        ceiling = self.subject.ceiling(dimension, kind)
        if not ceiling.lowers(severity):
            return severity
        remarks.append(ceiling.remark)
        return ceiling.severity
