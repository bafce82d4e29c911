# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rollout that a run begins or goes on with, and what must be so before it may: the state is compared with the
trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..words.labels import some_names
from .json_files import Plain
from .rollout_record import RolloutRecord
from .run import GateRun

_NAMES = 5


def known_rollout(run: GateRun) -> RolloutRecord:
    """Return the rollout with the targets and the wish of this run. Raises ValueError where it can't go on with it."""
    found = run.folder.read_rollout()
    if found is None:
        _check_nothing_was_lost(run)
    record = found or RolloutRecord(run.folder.rollout, run.now)
    wished = record.expected_kernel
    if wished is not None and run.expected_kernel is not None and wished != run.expected_kernel:
        raise ValueError(
            f"The rollout {run.folder.rollout} is one to the kernel {wished}, and not to {run.expected_kernel}; give "
            "the next kernel a rollout of its own with kernel_mem_audit_rollout."
        )
    record = replace(record.with_targets(run.targets), expected_kernel=run.expected_kernel or wished)
    if found is not None:
        _check_against_trail(run, record)
    return record


def _check_nothing_was_lost(run: GateRun) -> None:
    changed = [record.host for record in run.folder.all_hosts() if record.attempt is not None]
    if changed:
        raise ValueError(
            f"{run.folder.path} has hosts that were changed already ({some_names(sorted(changed), _NAMES)}), but its "
            "rollout.json is gone, and with it what was decided; restore it, or begin a rollout of another name."
        )


def _check_against_trail(run: GateRun, record: RolloutRecord) -> None:
    """Refuse a state that says more than the trail: each decision is added to the trail first."""
    lines = run.folder.read_trail()
    records = run.folder.read_hosts(record.targets)
    let_through, touched = _hosts_in(lines, record.targets), _touched_in(lines)
    edited = [name for name in record.targets if name not in let_through and records[name].state.is_done]
    if edited:
        raise ValueError(
            f"The state of {some_names(edited, _NAMES)} says that the rollout let it through, {_and_the_trail(run)}"
        )
    forgotten = [name for name in record.targets if name in touched and records[name].state.is_untouched]
    if forgotten:
        raise ValueError(
            f"The state of {some_names(forgotten, _NAMES)} says that the rollout has not touched it, "
            f"{_and_the_trail(run)}"
        )
    passed = _batches_in(lines)
    numbers = [str(batch.number) for batch in record.batches if not batch.stands and batch.number not in passed]
    if numbers:
        raise ValueError(
            f"The state of the rollout says that batch {', '.join(numbers)} was let through, {_and_the_trail(run)}"
        )


def _and_the_trail(run: GateRun) -> str:
    return (
        f"and the trail {run.folder.path}/trail.jsonl does not; somebody has edited one of them. Restore both, or "
        "begin a rollout of another name."
    )


def _hosts_in(lines: Sequence[Plain], targets: Sequence[str]) -> set[str]:
    """Return the hosts that were let through by the trail."""
    let_through: set[str] = set()
    for line in lines:
        if line.get("event") == "decided_batch":
            # Lines of 0.1.0 have no list of the hosts that were let through.
            before = line["hosts"] if line["decision"] == "pass" else ()
            let_through.update(line["accepted"] if "accepted" in line else before)
        elif line.get("event") == "override" and "batch" in line:
            let_through.update(line["overridden"] if "overridden" in line else targets)
    return let_through


def _touched_in(lines: Sequence[Plain]) -> set[str]:
    """Return the hosts that were touched by the trail, as far as it tells."""
    return {str(name) for line in lines for name in line.get("touched") or ()}


def _batches_in(lines: Sequence[Plain]) -> set[int]:
    """Return the numbers of the batches that were let through by the trail."""
    return {
        line["batch"]
        for line in lines
        if "batch" in line
        and (line.get("event") == "override" or (line.get("event") == "decided_batch" and line["decision"] == "pass"))
    }
