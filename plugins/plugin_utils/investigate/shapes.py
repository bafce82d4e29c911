# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of plain data: ``investigation.json`` and its hosts. Its schema says what each field means.

Bytes a second and objects a second are numbers; what is not known is None.
"""

from __future__ import annotations

from typing import TypedDict

from .checking import Plain


class ProcessShape(TypedDict):
    """A process, or the command of many."""

    command: str
    pid: int | None
    user: int | None
    unit: str | None
    parent: int | None
    parent_command: str | None


class CulpritShape(TypedDict):
    """Who it is, and what that rests on."""

    sentence: str
    source: str
    confidence: str
    dimension: str | None
    functions: list[str]
    process: ProcessShape | None
    processes: int | None
    process_share: float | None
    what: str | None
    detail: str | None
    bytes_per_second: float | None
    number_per_second: float | None
    share: float | None
    events_lost: int | None


class DimensionShape(TypedDict):
    """How fast a dimension grows, and the dimension that it only follows."""

    bytes_per_second: int
    follows: str | None


class GrowthShape(TypedDict):
    """Something that grows; ``unit`` is ``bytes`` or ``objects``."""

    kind: str
    name: str
    unit: str
    per_second: float
    noise: float
    windows: list[float]


class WindowsShape(TypedDict):
    """What the windows were."""

    number: int
    seconds: float
    busy: bool
    dimension_floor_bytes: float


class QuestionShape(TypedDict):
    """What became of a question."""

    name: str
    state: str
    sentence: str


class StepShape(TypedDict):
    """What may be done next; without a command it is empty."""

    sentence: str
    command: str


class SiteShape(TypedDict):
    """A place in the kernel, and by whom it was reached: texts with shares."""

    functions: list[str]
    share: float
    bytes_per_second: int
    processes: int
    by: list[tuple[str, float]]


class TraceShape(TypedDict):
    """One trace."""

    dimension: str
    events: list[str]
    entries: int
    lost: int
    kept_one_in: int
    seconds: float
    late: bool
    removed: bool
    bytes_per_second: int
    counted_bytes_per_second: float | None
    sites: list[SiteShape]


class MachineShape(TypedDict):
    """What a host is; ``modules`` are names with marks."""

    kernel: str
    build: str
    architecture: str
    cpus: int
    page_bytes: int
    boot_id: str | None
    taint: int
    foreign_modules: list[str]
    modules: list[list[str]]
    root: bool
    load: list[str]
    python: str | None


class SettingsShape(TypedDict):
    """How it was asked, as far as the answer depends on it."""

    busy: bool | None
    dimensions: list[str]
    trace: bool
    trace_seconds: float


class LostHost(TypedDict):
    """A host that gave no answer, and why; ``role`` is ``sick``, ``healthy`` or ``asked``."""

    name: str
    role: str
    outcome: str
    message: str | None


class InvestigatedHost(LostHost):
    """A host that answered, with its readings."""

    asked_at: str
    seconds: float
    transport: str
    sentence: str
    confidence: str
    answered: bool
    grows: bool
    culprits: list[CulpritShape]
    dimensions: dict[str, DimensionShape]
    growing: list[GrowthShape]
    groups: dict[str, int]
    largest: dict[str, list[tuple[str, int]]]
    merged: dict[str, list[str]]
    windows: WindowsShape
    asked_dimensions: list[str]
    questions: list[QuestionShape]
    traces: list[TraceShape]
    ruled_out: list[str]
    not_read: list[str]
    next: list[StepShape]
    machine: MachineShape
    settings: SettingsShape
    readings: dict[str, Plain]


HostShape = InvestigatedHost | LostHost


class SharedShape(TypedDict):
    """A culprit that hosts have in common."""

    sentence: str
    subject: str
    sick: list[str]
    of_sick: int
    healthy: list[str]
    of_healthy: int


class CountsShape(TypedDict):
    """How many hosts there are."""

    hosts: int
    investigated: int
    sick: int
    healthy: int


class ToolShape(TypedDict):
    """What made it."""

    name: str
    version: str


class InvestigationShape(TypedDict):
    """The investigation of several hosts."""

    schema: str
    tool: ToolShape
    generated_at: str
    audit_run_id: str | None
    sentence: str
    shared: list[SharedShape]
    differences: list[str]
    counts: CountsShape
    notes: list[str]
    hosts: list[HostShape]
