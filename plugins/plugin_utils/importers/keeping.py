# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping what an import brings: each day becomes a run of its own, written as it comes, in bounded memory.

A run has a host once, so importing the same again changes nothing, and an import that was ended can be begun again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..history.store import HistoryStore, RunRecord
from ..model.sample import Sample
from ..model.version import VERSION
from .outcome import Imported
from .points import Point, by_day, daily_samples

MOST_WAITING = 5000
"""So many samples wait for being written: few transactions, and a few MiB."""


class Keeper:
    """Writes samples into a history; without a *store* it only counts them."""

    def __init__(self, store: HistoryStore | None, source: str) -> None:
        self.imported = Imported()
        self._store = store
        self._source = source
        self._waiting: list[Sample] = []

    def add_points(self, points: Iterable[Point]) -> None:
        """Take points. All those of one host and day come at once, since a day becomes one sample."""
        self.add(daily_samples(points, time.time()))

    def add(self, samples: Iterable[Sample]) -> None:
        """Take daily samples."""
        self._waiting += samples
        if len(self._waiting) >= MOST_WAITING:
            self.flush()

    def flush(self) -> None:
        """Write what waits, the oldest day first."""
        waiting, self._waiting = self._waiting, []
        for day, samples in by_day(waiting).items():
            self.imported.saw(day, samples)
            if self._store is None:
                continue
            run = RunRecord(
                run_id=f"import-{self._source}-{day}",
                started_at=min(sample.collected_at for sample in samples),
                source=f"import:{self._source}",
                tool_version=VERSION,
            )
            added = self._store.append(run, samples, {})
            self.imported.inserted += added.inserted
            self.imported.duplicates += added.duplicates
