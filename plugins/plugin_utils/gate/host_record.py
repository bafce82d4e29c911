# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a host in a rollout: one frozen record, whose state moves forwards only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypedDict

from .host_state import HostState, check_move


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


@dataclass(frozen=True, slots=True)
class Attempt:
    """From where a host was changed: its boot and its kernel (release and architecture) before, and when that was.

    ``was_there``: it ran the wished kernel at its first look, and was not changed.
    """

    run_id: str
    taken_at: str
    boot_id: str | None
    kernel: str
    was_there: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether a host was quiet in time after its boot, and why not."""

    is_settled: bool
    reason: str | None
    looks: int


@dataclass(frozen=True, slots=True)
class Service:
    """The last try to bring a host back into service; ``message`` says why it failed."""

    run_id: str
    at: str
    message: str | None


@dataclass(frozen=True, slots=True)
class HostRecord:
    """What is kept of a host. ``reference`` is the look from before its change: it is never overwritten once the host
    is begun. ``first`` is the first look with facts, ``now`` the last look without a change, ``after`` that after one.
    """

    host: str
    state: HostState = HostState.PLANNED
    environment: str | None = None
    run_id: str | None = None
    """The run that has looked at it last before a change."""
    first: Look | None = None
    reference: Look | None = None
    now: Look | None = None
    after: Look | None = None
    sick: bool | None = None
    """Whether it was ill before its change; None where nobody has asked yet."""
    before_answer: HostAnswer | None = None
    after_answer: HostAnswer | None = None
    attempt: Attempt | None = None
    settled: Settled | None = None
    waited_seconds: int | None = None
    step_failed: str | None = None
    is_allowed: bool = False
    """It is bad, and its batch could bear that."""
    is_overridden: bool = False
    service: Service | None = None

    def moved(self, to: HostState) -> HostRecord:
        """Return the record in another state. Raises ValueError where the host can't go there."""
        check_move(self.host, self.state, to)
        return replace(self, state=to)

    def seen_back(self) -> HostRecord:
        """Return the record of a host that was looked at after its change; one that was judged before stays so."""
        return self if self.state in (HostState.BACK, HostState.JUDGED) else self.moved(HostState.BACK)

    @property
    def was_there(self) -> bool:
        """Whether it ran the wished kernel at its first look, and so was never out of service."""
        return self.attempt is not None and self.attempt.was_there

    def is_settled(self, unknown: bool = False) -> bool:
        """Return whether it was quiet after its boot; *unknown* where nobody has waited for that."""
        return unknown if self.settled is None else self.settled.is_settled

    def waits_for_service(self, serves: bool) -> bool:
        """Return whether it was let through and must still be brought back; *serves*: the rollout has a step for
        that.
        """
        if self.state in (HostState.ACCEPTED, HostState.OVERRIDDEN):
            return serves and not self.was_there
        return self.state is HostState.RETURNING


Records = dict[str, HostRecord]


def is_facts(one: Look | None) -> bool:
    """Return whether there is a look, and it has facts."""
    return one is not None and one["outcome"] == "facts"
