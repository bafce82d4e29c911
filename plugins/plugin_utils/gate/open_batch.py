# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch that is open: which it is, the looks at its hosts, and how its decision is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from .host_record import Look, Records
from .json_files import Plain
from .rollout_record import Batch, RolloutRecord
from .run import GateRun


def open_batch(run: GateRun) -> tuple[RolloutRecord, Batch]:
    """Return the rollout and its open batch. Raises ValueError where none is open."""
    rollout = run.folder.read_rollout()
    batch = None if rollout is None else rollout.open_batch
    if rollout is None or batch is None:
        raise ValueError(
            "No batch of this rollout is open, so there is nothing to decide; the phase before comes first."
        )
    return rollout, batch


def hosts_of_batch(run: GateRun) -> list[str]:
    """Return the hosts of the batch that is open. Raises ValueError where none is."""
    return list(open_batch(run)[1].hosts)


def looks_of(records: Records, names: Sequence[str], which: Literal["reference", "after"]) -> dict[str, Look]:
    """Return a look of each host that has one, with the host's environment."""
    return {
        name: {**one, "environment": records[name].environment}
        for name in names
        if (one := records[name].reference if which == "reference" else records[name].after) is not None
    }


def note_decision(
    run: GateRun,
    batch: int | None,
    hosts: Sequence[str],
    decision: Plain,
    touched: Sequence[str],
    accepted: Sequence[str],
) -> None:
    """Add a decision to the trail, before the state says the same: so a state that says more was edited."""
    run.note(
        f"decided_{decision['phase']}",
        batch=batch,
        decision=decision["decision"],
        sentence=decision["sentence"],
        hosts=list(hosts),
        touched=list(touched),
        accepted=list(accepted),
        policy_sha256=decision["policy"]["sha256"],
    )


def closed(run: GateRun, batch: Batch, decision: Plain) -> Batch:
    """Return a batch with what was decided of it."""
    return replace(batch, decision=decision["decision"], sentence=decision["sentence"], decided_at=run.now)


def close(run: GateRun, rollout: RolloutRecord, batch: Batch, decision: Plain) -> None:
    """Write down the decision on a batch of which no host was changed."""
    note_decision(run, batch.number, batch.hosts, decision, (), ())
    run.folder.write_rollout(rollout.with_batch(closed(run, batch, decision)))
    run.folder.write_decision(decision)
