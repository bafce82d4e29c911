# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout as the history keeps it: which it is, how far each host has come, who holds what, and what happened."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rollout:
    """One rolling upgrade. Times in seconds since 1970, by the clock of the store.

    ``document`` is JSON that the gate alone understands (its plan, say); ``revision`` counts the changes.
    """

    name: str
    state: str
    target: str
    """What is rolled out: the kernel that is expected, as the gate writes it. It never changes under one name."""
    policy_digest: str
    document: str
    revision: int
    began_at: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class RolloutHost:
    """How far one host of a rollout has come. ``document`` is JSON that the gate alone understands."""

    host: str
    state: str
    document: str
    revision: int
    changed_at: int


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may change something, since when and until when, by the clock of the store."""

    resource: str
    """What is leased: ``host:NAME`` or ``rollout:NAME``."""
    holder: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody does to a rollout or to a host of it: a line of its trail."""

    who: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RolloutEvent:
    """A line of a rollout's trail, with when it was done and to which host (None: to the rollout)."""

    at: int
    host: str | None
    step: Step
