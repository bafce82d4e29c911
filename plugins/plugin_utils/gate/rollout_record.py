# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a rollout as a whole: its targets, its wish, and its batches with what was decided of each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Release:
    """Why, when and by which run the stop of a batch was lifted."""

    reason: str
    at: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch. ``decision`` is None while it is under way."""

    number: int
    run_id: str
    begun_at: str
    hosts: tuple[str, ...]
    may_touch: bool = False
    """Whether it was let through before the change; only then may a host of it be touched."""
    decision: str | None = None
    sentence: str | None = None
    decided_at: str | None = None
    worse_dimensions: tuple[str, ...] = ()
    released: Release | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not let through, by a decision or by a person."""
        return self.decision != "pass" and self.released is None


@dataclass(frozen=True, slots=True)
class RolloutRecord:
    """A rollout. ``drains`` and ``serves`` say that hosts are taken out of and brought back into service by steps of
    their own; ``wish_divides`` that some host did not run the wished kernel yet when the last batch began.
    """

    rollout: str
    created_at: str
    targets: tuple[str, ...] = ()
    expected_kernel: str | None = None
    drains: bool = False
    serves: bool = False
    wish_divides: bool = False
    accepted_dimensions: tuple[str, ...] = ()
    batches: tuple[Batch, ...] = ()

    @property
    def open_batch(self) -> Batch | None:
        """The batch that has begun and was not decided yet."""
        return self.batches[-1] if self.batches and self.batches[-1].decision is None else None

    def open_batch_of(self, run_id: str, host: str) -> Batch | None:
        """Return the open batch of a run, where it has *host*."""
        batch = self.open_batch
        return batch if batch is not None and batch.run_id == run_id and host in batch.hosts else None

    def with_targets(self, more: Collection[str]) -> RolloutRecord:
        """Return the rollout with more targets: a later run may add to them, and never takes away."""
        return replace(self, targets=tuple(dict.fromkeys([*self.targets, *more])))

    def with_batch(self, batch: Batch) -> RolloutRecord:
        """Return the rollout with a new batch, or with what has become of one."""
        others = [one for one in self.batches if one.number != batch.number]
        return replace(self, batches=tuple(sorted([*others, batch], key=lambda one: one.number)))
