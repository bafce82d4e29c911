# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes in which a rollout is kept, in a folder or in the store: a look, a host with its state, a batch, and all.

A host goes ``untouched`` -> ``fit`` -> ``begun`` -> ``accepted``, and is then ``in_service`` or not; or it is left out
as ``unfit``, ``bad``, ``refused`` with its batch, or ``overridden``. It never goes back behind ``begun``.
"""

from __future__ import annotations

from typing import Any, TypedDict

DONE = ("accepted", "overridden")
NOT_TOUCHED = ("untouched", "unfit", "fit")
TOUCHED = ("begun", "bad", "refused")
"""Touched, and not let through yet."""
STATES = (*NOT_TOUCHED, *TOUCHED, *DONE)


class Look(TypedDict, total=False):
    """One look at a host: when, what the gathering came to, and its facts where there are any."""

    taken_at: str
    outcome: str
    message: str | None
    facts: Any
    """Checked facts as they are stored; None where there are none."""
    run_id: str
    environment: str | None


class Reason(TypedDict):
    """Why a host is answered as it is. ``treatment`` is bad, inconclusive or accept (then it is only said)."""

    code: str
    sentence: str
    dimension: str | None
    treatment: str


class HostAnswer(TypedDict, total=False):
    """What the gate says of a host in one phase."""

    outcome: str
    reasons: list[Reason]
    may_touch: bool
    sick: bool
    judged_again: bool
    allowed_before: bool
    comparison: dict[str, Any] | None
    cured: list[str]
    findings: list[dict[str, object]]


class Attempt(TypedDict, total=False):
    """From where a host was changed. ``was_there``: it ran the wished kernel at its first look, and was not changed."""

    run_id: str
    taken_at: str
    boot_id: str | None
    kernel: str
    judged_again: bool
    was_there: bool


class Settled(TypedDict):
    """Whether a host was quiet in time after its boot."""

    is_settled: bool
    reason: str | None
    looks: int


class Service(TypedDict):
    """The last try to bring a host back into service; ``message`` says why it failed."""

    run_id: str
    at: str
    message: str | None


class HostRecord(TypedDict, total=False):
    """What is kept of a host. ``host`` and ``status`` are always there. ``reference`` is the look from before its
    change: it is never overwritten once the host is begun.
    """

    host: str
    status: str
    environment: str | None
    run_id: str | None
    first: Look | None
    reference: Look | None
    now: Look | None
    after: Look | None
    sick: bool | None
    before_answer: HostAnswer | None
    after_answer: HostAnswer | None
    candidate: Attempt
    attempt: Attempt | None
    settled: Settled | None
    waited_seconds: int
    step_failed: str | None
    allowed: bool
    in_service: bool
    service: Service


class Batch(TypedDict, total=False):
    """A batch. ``decision`` is None while it is under way."""

    number: int
    run_id: str
    begun_at: str
    hosts: list[str]
    may_touch: bool
    decision: str | None
    sentence: str
    decided_at: str
    worse_dimensions: list[str]
    released: dict[str, str]


class RolloutState(TypedDict, total=False):
    """A rollout. ``serves`` says that hosts are brought back into service by a step of their own; ``wish_divides`` that
    some host did not run the wished kernel yet when the last batch began.
    """

    rollout: str
    created_at: str
    targets: list[str]
    expected_kernel: str | None
    serves: bool
    wish_divides: bool
    accepted_dimensions: list[str]
    batches: list[Batch]


class Planned(TypedDict):
    """The number of a rollout's hosts, and the batches that the policy asks for."""

    targets: int
    serial: list[object]


class Touch(TypedDict):
    """What a host's own tasks are told: whether it may be changed, is to be judged, or to be brought back."""

    host: str
    outcome: str
    done: bool
    touch: bool
    judge: bool
    serve: bool
    judged_again: bool
    reasons: list[str]


def is_facts(one: Look | None) -> bool:
    """Return whether there is a look, and it has facts."""
    return one is not None and one["outcome"] == "facts"


def attempt_of(record: HostRecord) -> Attempt:
    """Return from where a host was changed; empty where it was not."""
    return record.get("attempt") or Attempt()


def is_settled(record: HostRecord, unknown: bool = False) -> bool:
    """Return whether a host was quiet after its boot; *unknown* where nobody has waited for that."""
    settled = record.get("settled")
    return unknown if settled is None else settled["is_settled"]


Records = dict[str, HostRecord]
Plain = dict[str, Any]
"""A decision, a line of the trail, or another thing that goes out as it is."""
