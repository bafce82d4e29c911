# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a history store does, whatever keeps it: the calls of sql_store.py in groups, and what goes in and comes out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..model.fleet import FleetSums, RunSums
from ..model.owners import OwnersHistory, OwnersSample
from ..model.rollout import Lease, Rollout, RolloutEvent, RolloutHost, Step
from ..model.sample import Sample, Series
from .export_records import Entry

SCHEMA_VERSION = 2
"""Which tables there are, and what is in them. A new dimension does not change it."""


class HistoryError(ValueError):
    """A store that can't be used: one sentence on what is wrong, where, and what to do. Never has a secret in it."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the store keeps it. ``source`` is ``audit`` or ``import:NAME``; ``run_slice`` tells the parts of one
    run apart.
    """

    run_id: str
    started_at: int
    source: str = "audit"
    run_slice: str = ""
    tool_version: str = ""


@dataclass(frozen=True, slots=True)
class NewFinding:
    """What a run has found on a host, as far as it is kept. A number that is not known is None."""

    dimension: str
    kind: str
    severity: str
    status: str
    value: float | None
    limit: float | None


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class SliceRecord:
    """What a slice gathered of a host, as JSON, and when (in seconds since 1970)."""

    host: str
    written_at: int
    document: str


@dataclass(frozen=True, slots=True)
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
    last_report_at: int | None
    """When the latest run began that is "the last run": its report was written, and it judged a host live."""
    is_new: bool


@dataclass(frozen=True, slots=True)
class LastRun:
    """Who answered in "the last run": the hosts that it judged, and how many others it had no verdict of."""

    hosts: frozenset[str]
    without_verdict: int


@dataclass(frozen=True, slots=True)
class AppendResult:
    """How many samples were new, and how many were there already from an earlier try of the same run."""

    inserted: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is kept, in days. A sample that the rules still look at (it is in a series) stays longer."""

    samples_days: int = 90
    """Every sample; of an older day that has several, only the median, lowest and highest of each amount stay."""
    history_days: int = 400
    """Everything of a host, and the sums of the fleet."""
    findings_days: int = 400
    owners_days: int = 90
    records_days: int = 7


@dataclass(frozen=True, slots=True)
class Pruned:
    """How much of what was removed, and sentences on what had to stay though it is older."""

    samples: int = 0
    days: int = 0
    findings: int = 0
    owners: int = 0
    runs: int = 0
    hosts: int = 0
    records: int = 0
    rollouts: int = 0
    stays: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made anew, and what could not be read and is lost."""

    series: int
    lost_blocks: int
    lost_owners: int


class Runs(Protocol):
    """What is known of whole runs."""

    def reported(self, run_id: str) -> None:
        """Note that the report of a run is written: from now on it can be "the last run", which the next compares
        with. Calling it twice is no error.
        """

    def keep_sums(self, run_id: str, sums: FleetSums) -> None:
        """Keep what a run comes to over the fleet, in place of what was kept of it before."""

    def last(self, *, without_run: str | None = None) -> LastRun | None:
        """Return who answered in "the last run", without the run of that name; None where there is none."""

    def sums(self, since: int = 0) -> Iterator[RunSums]:
        """Yield the sums of each run that began at *since* or later, in the order of time."""


class Owners(Protocol):
    """Who held the memory, over time."""

    def of(self, hosts: Collection[str], since: int = 0) -> Iterator[OwnersHistory]:
        """Yield the owners of each host that has some, from the last point before *since* on."""


class Slices(Protocol):
    """What slices of a run gathered, kept until one report is made of all of them."""

    def keep(self, run_id: str, records: Iterable[SliceRecord]) -> int:
        """Keep records of a run, in one transaction; a host's later one replaces the earlier. Return how many were
        given.
        """

    def of_run(self, run_id: str) -> Iterator[SliceRecord]:
        """Yield the records of a run, one a host."""


class Rollouts(Protocol):
    """Rolling upgrades: each call is one transaction, and times are those of the store's clock."""

    def begin(self, name: str, target: str, *, state: str, policy_digest: str, document: str, step: Step) -> Rollout:
        """Return the rollout of that name, begun now where there is none. Raises HistoryError where there is one with
        another *target*.
        """

    def get(self, name: str) -> Rollout | None:
        """Return a rollout."""

    def all(self) -> Sequence[Rollout]:
        """Return all rollouts, the latest first."""

    def change(self, was: Rollout, *, state: str, policy_digest: str, document: str, step: Step) -> Rollout | None:
        """Change a rollout if it is still as it *was*, with a line of its trail; None where somebody was faster."""

    def hosts(self, rollout: str) -> Sequence[RolloutHost]:
        """Return the hosts of a rollout by name."""

    def host(self, rollout: str, host: str) -> RolloutHost | None:
        """Return one host of a rollout; None where it has none of that name."""

    def note(self, rollout: str, step: Step) -> None:
        """Add a line to the trail of a rollout, without a change."""

    def add_hosts(self, rollout: str, hosts: Collection[str], *, state: str, document: str, step: Step) -> int:
        """Add those of *hosts* that a rollout does not have yet, each with a line of its trail; return how many."""

    def change_host(
        self, rollout: str, was: RolloutHost, *, state: str, document: str, step: Step
    ) -> RolloutHost | None:
        """Change a host of a rollout if it is still as it *was*, with a line of the trail; None where somebody else was
        faster.
        """

    def trail(self, rollout: str) -> Sequence[RolloutEvent]:
        """Return what happened in a rollout, the oldest first."""

    def lease(self, resources: Collection[str], holder: str, seconds: int) -> Sequence[Lease]:
        """Take or lengthen leases, all or none. Return an empty sequence where *holder* has them all now, else those of
        others that are in the way.
        """

    def release(self, resources: Collection[str], holder: str) -> None:
        """Give up leases; those of others stay."""

    def leases(self) -> Sequence[Lease]:
        """Return all leases that have not run out."""


class Upkeep(Protocol):
    """Keeping a store in order."""

    def prune(self, retention: Retention, now: int, *, thorough: bool = False) -> Pruned:
        """Remove what is older than *retention* allows, and pack what is older than a few days. Each day a part of the
        hosts has its turn to be packed; a *thorough* prune packs all, and says what had to stay.
        """

    def is_due(self, now: int) -> bool:
        """Return whether the store was not pruned yet on the day of *now*."""

    def verify(self) -> list[str]:
        """Return what is wrong inside the store, one sentence each; an empty list is a sound store."""

    def rebuild(self) -> Rebuilt:
        """Make all series, and whatever else follows from the samples, anew, and remove what can't be read."""

    def export(self) -> Iterator[Entry]:
        """Yield everything as plain records, for a file of JSON lines."""

    def load(self, entries: Iterable[object]) -> AppendResult:
        """Take back the records of an export, in one transaction; what is there already stays as it is."""


class HistoryStore(Protocol):
    """An open store. Every call, also of the groups, raises HistoryError and nothing else."""

    @property
    def runs(self) -> Runs:
        """What is known of whole runs."""

    @property
    def owners(self) -> Owners:
        """Who held the memory, over time."""

    @property
    def slices(self) -> Slices:
        """What slices of a run gathered."""

    @property
    def rollouts(self) -> Rollouts:
        """Rolling upgrades and leases."""

    @property
    def upkeep(self) -> Upkeep:
        """Keeping the store in order."""

    @property
    def info(self) -> StoreInfo:
        """What is in the store now."""

    @property
    def remarks(self) -> Sequence[str]:
        """Sentences on what was found damaged, and mended, while the store was read."""

    def info_without(self, run_id: str) -> StoreInfo:
        """What is in the store but for a run, of which slices may have kept their part already."""

    def series(self, hosts: Collection[str] | None = None, *, without_run: str | None = None) -> Iterator[Series]:
        """Yield the recent samples of each host, oldest first, without those of the run *without_run* (so that a
        retry judges alike).
        """

    def samples(self, hosts: Collection[str] | None = None) -> Iterator[Series]:
        """Yield all samples of each host, oldest first; a series keeps only the recent ones."""

    def kernels(self) -> Mapping[int, str]:
        """Return the labels of kernels ("release architecture") by their key."""

    def last_findings(
        self, hosts: Collection[str] | None = None, *, without_run: str | None = None
    ) -> Mapping[str, Sequence[PastFinding]]:
        """Return, for each host that was judged before, the findings of its last run (an empty sequence: it had
        none).
        """

    def append(
        self,
        run: RunRecord,
        samples: Iterable[Sample],
        findings: Mapping[str, Sequence[NewFinding]],
        *,
        owners: Iterable[OwnersSample] = (),
        judged_anew: bool = False,
    ) -> AppendResult:
        """Add a run, in one transaction, idempotently per (run, host). *findings* has an entry for each judged host.

        What this run has found on a host before stays; with *judged_anew* it is replaced (slices judge without the rest
        of the fleet). The run counts as "the last run" only from ``runs.reported`` on.
        """

    def close(self) -> None:
        """Close the store; calling it twice is no error."""
