# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host while its own history is judged: its past, its settings, and what is worked out once for all dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model.dimensions import TOTAL
from ..model.sample import Sample, Series
from ..model.times import utc_text
from ..words.labels import SEVERITIES
from .amounts import KIB, memory_base, size_limit
from .baseline import is_stale, picked_places
from .limit_words import holders_remark
from .segment import HOUR, Past, Segment
from .trend import Amount, Window, windows_at


class JudgedHost:
    """What the rules over one host's history share."""

    def __init__(
        self,
        facts: Mapping[str, Any],
        sample: Sample,
        series: Series | None,
        environment: str,
        settings: Mapping[str, Any],
    ) -> None:
        self.facts = facts
        self.sample = sample
        self.environment = environment
        self.settings = settings
        self.history: Mapping[str, Any] = settings["history"]
        self.past = Past(series, sample, self.history["warm_up_hours"] * HOUR)
        self._balloon = sample.balloon_bytes if sample.balloon_bytes and self.past.ballooned else 0
        bases = [memory_base(facts["host"], dimension)[0] for dimension in (TOTAL, "unaccounted")]
        self._memory = [base + self._balloon if base else None for base in bases]
        self._windows: dict[tuple[int, int], list[Window]] = {}
        self._picked: dict[int, tuple[Sequence[int], float, bool]] = {}
        self.reasons: dict[tuple[int, str, int], str] = {}
        """Why a history is not judged, by segment, state and samples: mostly the same for all dimensions."""
        self._began: dict[int, str] = {}

    @property
    def is_production(self) -> bool:
        """Whether the host's environment is production, or based on it."""
        return "production" in (self.environment, self.settings.get("based_on"))

    def memory(self, dimension: str) -> int | None:
        """Return the bytes of memory that shares of a dimension refer to."""
        return self._memory[dimension == "unaccounted"]

    def amount(self, dimension: str, level: Mapping[str, Any]) -> Amount:
        """Return what a level of the settings amounts to on this host, never less than the error of an estimate."""
        amount = size_limit(level, self.memory(dimension) or 0)
        if dimension == "unaccounted":
            amount = max(amount, self.facts["accounting"]["unaccounted_band_bytes"] or 0)
        return Amount(amount // KIB, level["percent_of_level"] / 100)

    def windows(self, dimension: str, end: int) -> list[Window]:
        """Return the windows of growth that end with a place."""
        warm = self.past.segment_of(dimension).warm
        if (warm, end) not in self._windows:
            days, minimum = self.history["windows_days"], self.history["minimum_days"]
            self._windows[warm, end] = windows_at(self.past, warm, end, days, minimum)
        return self._windows[warm, end]

    def baseline_places(self, segment: Segment) -> tuple[Sequence[int], float, bool]:
        """Return the places of the baseline of a segment, how many days they span, and whether they are stale."""
        if segment.warm not in self._picked:
            places = picked_places(self.past.times, segment.warm, self.past.last, self.history["baseline_samples"])
            span = (self.past.times[places[-1]] - self.past.times[places[0]]) / 86400 if places else 0.0
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
        rank = SEVERITIES.index(severity)
        if rank < SEVERITIES.index(self.settings["highest_severity"]):
            severity = self.settings["highest_severity"]
            rank = SEVERITIES.index(severity)
            remarks.append(f"{self.environment} hosts get a {severity} at most")
        most = (self.settings.get("severities") or {}).get(f"{dimension}.{kind}")
        if most is not None and rank < SEVERITIES.index(most):
            severity = most
            rank = SEVERITIES.index(severity)
            remarks.append(f"the policy allows {severity} at most here")
        # A driver that is merely loaded is a suspect, not an explanation.
        holders = [
            str(holder["name"] or holder["kind"])
            for holder in (self.facts["accounting"]["holders"] if dimension == "unaccounted" else ())
            if holder["bytes"] is None and holder["kind"] != "driver"
        ]
        if holders and rank < SEVERITIES.index("info"):
            severity = "info"
            remarks.append(f"{holders_remark(holders)}, so this is information only")
        return severity
