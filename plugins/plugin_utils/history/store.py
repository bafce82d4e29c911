# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a history store does, whatever keeps it: the calls of sql_store.py, and their records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ..model.sample import Sample, Series

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class RunRecord:
    """A run as the store keeps it. ``source`` is ``audit`` or ``import:NAME``; ``run_slice`` tells the parts of one
    run apart.
    """

    run_id: str
    started_at: int
    source: str = "audit"
    run_slice: str = ""
    tool_version: str = ""


@dataclass(frozen=True)
class PastFinding:
    """A finding of an earlier run. Times in seconds since 1970."""

    host: str
    dimension: str
    kind: str
    severity: str
    status: str
    value: float
    limit: float
    first_seen_at: int
    seen_at: int


@dataclass(frozen=True)
class StoreInfo:
    """What is in a store. ``is_new`` says that no run was in it when it was opened. ``name`` has no secret in it."""

    name: str
    engine: str
    schema_version: int
    runs: int
    hosts: int
    samples: int
    first_run_at: int | None
    last_run_at: int | None
    is_new: bool


@dataclass(frozen=True)
class AppendResult:
    """How many samples were new, and how many were there already from an earlier try of the same run."""

    inserted: int
    duplicates: int


@dataclass(frozen=True)
class Retention:
    """How long what is kept, in days. A sample that the rules still look at (it is in a series) stays longer."""

    samples_days: int = 90
    rollup_days: int = 400
    findings_days: int = 400
    records_days: int = 7


class HistoryError(ValueError):
    """A store that can't be used: one sentence on what is wrong, where, and what to do. Never has a secret in it."""


class HistoryStore(Protocol):
    """The calls of a store. Each raises HistoryError."""

    @property
    def info(self) -> StoreInfo:
        """What is in the store now."""

    def info_without(self, run_id: str) -> StoreInfo:
        """What is in the store but for a run, of which slices may have kept their part already."""

    def series(self, hosts: Collection[str] | None = None, *, without_run: str | None = None) -> Iterator[Series]:
        """Yield the recent samples of each host, oldest first, without those of the run *without_run* (so that a
        retry judges alike).
        """

    def samples(self) -> Iterator[Series]:
        """Yield all samples of each host, oldest first; a series keeps only the recent ones."""

    def kernels(self) -> Mapping[int, str]:
        """Return the labels of kernels ("release architecture") by their key."""

    def last_findings(
        self, hosts: Collection[str] | None = None, *, without_run: str | None = None
    ) -> Mapping[str, Sequence[PastFinding]]:
        """Return, for each host that was judged before, the findings of its latest run (an empty sequence: it had
        none).
        """

    def append(
        self,
        run: RunRecord,
        samples: Iterable[Sample],
        findings: Mapping[str, Sequence[Mapping[str, Any]]],
        *,
        judged_anew: bool = False,
    ) -> AppendResult:
        """Add a run, in one transaction, idempotently per (run, host). *findings* has an entry for each judged host.

        What this run has found on a host before stays; with *judged_anew* it is replaced (slices judge without the rest
        of the fleet).
        """

    def keep_records(self, run_id: str, records: Iterable[Mapping[str, Any]]) -> int:
        """Keep spool records of a run, in one transaction; a host's later one replaces the earlier. Return how many
        were given.
        """

    def records(self, run_id: str) -> Iterator[Mapping[str, Any]]:
        """Yield the spool records that slices of a run have kept, one a host."""

    def prune(self, retention: Retention, now: int) -> Mapping[str, int]:
        """Remove what is older than *retention* allows, after rolling samples up by day; return how much of each
        went.
        """

    def verify(self) -> list[str]:
        """Return what is wrong inside the store, one sentence each; an empty list is a sound store."""

    def rebuild(self) -> int:
        """Make all series anew from the samples, and return how many there are."""

    def export(self) -> Iterator[Mapping[str, Any]]:
        """Yield everything as plain records, for a file of JSON lines."""

    def load_export(self, entries: Iterable[Mapping[str, Any]]) -> AppendResult:
        """Take back the records of an export, in one transaction; what is there already stays as it is."""

    def close(self) -> None:
        """Close the store; calling it twice is no error."""
