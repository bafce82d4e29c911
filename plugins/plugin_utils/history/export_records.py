# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an export of a history has in it: one record a line of JSON, those of the store and of runs first, then those of
each host. ``load.py`` reads them back, and those of schema 1.
"""

from __future__ import annotations

from typing import Literal, TypedDict

Numbers = dict[str, int | None]
"""Numbers by their columns; null is not known."""


class StoreEntry(TypedDict):
    """Which schema the other records are of. Comes first."""

    record: Literal["store"]
    schema_version: int


class KernelEntry(TypedDict):
    """A kernel, which samples name by its key."""

    record: Literal["kernel"]
    kernel_key: int
    label: str


class RunEntry(TypedDict):
    """A run; ``slices`` has when each of its parts began."""

    record: Literal["run"]
    run: str
    started_at: int
    source: str
    tool_version: str
    reported_at: int | None
    judged_live: int | None
    slices: dict[str, int]


class MeasureEntry(TypedDict):
    """A kind of memory in the sums of a run."""

    name: str
    hosts: int
    sum_bytes: int
    shares: list[float | None]


class SumsEntry(TypedDict):
    """What a run comes to over the fleet."""

    record: Literal["sums"]
    run: str
    verdicts: dict[str, int]
    measures: list[MeasureEntry]


class HostEntry(TypedDict):
    """A host. Comes before whatever is of it."""

    record: Literal["host"]
    host: str
    first_seen_at: int


class SampleEntry(TypedDict):
    """A sample, amounts in KiB."""

    record: Literal["sample"]
    run: str
    host: str
    numbers: Numbers


class DayEntry(TypedDict):
    """The summary of a day of a host."""

    record: Literal["rollup"]
    host: str
    numbers: Numbers


class FindingEntry(TypedDict):
    """A finding; a number that is not known is null."""

    dimension: str
    kind: str
    severity: str
    status: str
    value: float | None
    limit_value: float | None
    first_seen_at: int


class JudgedEntry(TypedDict):
    """That a run judged a host, and what it found."""

    record: Literal["judged"]
    run: str
    host: str
    findings: list[FindingEntry]


class OwnersEntry(TypedDict):
    """The owners of memory on a host, as far as they differ from the record before: ``set`` are (kind, name, amount),
    ``gone`` are (kind, name).
    """

    record: Literal["owners"]
    host: str
    at: int
    read: list[int]
    set: list[tuple[int, str, int]]
    gone: list[tuple[int, str]]
    modules: list[str] | None


class RolloutHostEntry(TypedDict):
    """A host of a rollout."""

    host: str
    state: str
    document: str
    revision: int
    changed_at: int


class EventEntry(TypedDict):
    """A line of a rollout's trail."""

    at: int
    host: str | None
    who: str
    what: str
    detail: str


class RolloutEntry(TypedDict):
    """A rollout with its hosts and its trail. Leases are not exported: they are of a moment."""

    record: Literal["rollout"]
    name: str
    state: str
    target: str
    policy_digest: str
    document: str
    revision: int
    began_at: int
    changed_at: int
    hosts: list[RolloutHostEntry]
    trail: list[EventEntry]


Entry = (
    StoreEntry
    | KernelEntry
    | RunEntry
    | SumsEntry
    | HostEntry
    | SampleEntry
    | DayEntry
    | JudgedEntry
    | OwnersEntry
    | RolloutEntry
)
