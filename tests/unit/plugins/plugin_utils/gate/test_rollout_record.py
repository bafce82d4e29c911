# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a rollout: its open batch, and stops that stand."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rollout_record import (
    Batch,
    Release,
    RolloutRecord,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON

ROLLOUT = RolloutRecord("rollout", NOON, ("a", "b"))


def test_the_last_batch_is_open_until_it_is_decided() -> None:
    """For the run that has begun it, and its hosts."""
    rollout = ROLLOUT.with_batch(Batch(1, "run-1", NOON, ("a",)))
    assert ROLLOUT.open_batch is None and rollout.open_batch == rollout.batches[0]
    assert rollout.open_batch_of("run-1", "a") and not rollout.open_batch_of("run-1", "b")
    assert not rollout.open_batch_of("run-2", "a")
    decided = rollout.with_batch(replace(rollout.batches[0], decision="fail"))
    assert decided.open_batch is None and len(decided.batches) == 1


def test_a_batch_stands_until_it_passes_or_is_released() -> None:
    """One that was never judged stands, too."""
    batch = Batch(1, "run-1", NOON, ("a",))
    assert batch.stands and replace(batch, decision="hold").stands
    assert not replace(batch, decision="pass").stands
    assert not replace(batch, decision="fail", released=Release("So it is.", NOON, "run-2")).stands


def test_targets_are_added_and_never_taken_away() -> None:
    """The denominator of all shares."""
    assert ROLLOUT.with_targets(["b", "c"]).targets == ("a", "b", "c")
