# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``plan``: save who is meant to be changed, before any host can fail, and say in which batches."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from ...words.labels import hosts_phrase, some_names
from ..known_rollout import known_rollout
from ..out_of_service import waiting_for_service
from ..run import GateRun
from ..stops import strictest
from .look import take_looks

_NAMES = 5


class Planned(TypedDict):
    """The number of a rollout's hosts, and the batches that the policy asks for."""

    targets: int
    serial: list[object]


def plan(run: GateRun, *, drains: bool = False, serves: bool = False) -> Planned:
    """Save the targets of a rollout, and return them with the batches that the policy asks for.

    *drains* and *serves* say that hosts are taken out of and brought back into service by steps of their own. Raises
    ValueError where hosts wait for a step that this run does not have.
    """
    known = known_rollout(run)
    records = run.folder.read_hosts(known.targets)
    waiting = waiting_for_service(known, records)
    if waiting and not serves:
        wait = "waits" if len(waiting) == 1 else "wait"
        raise ValueError(
            f"{hosts_phrase(len(waiting))} of the rollout {known.rollout} {wait} to be brought back into service "
            f"({some_names(sorted(waiting), _NAMES)}), and this run has no step for that; give "
            "kernel_mem_audit_undrain_tasks as the runs before did."
        )
    rollout = replace(known, drains=drains, serves=serves)
    run.folder.write_rollout(rollout)
    # Those of a run that has ended before a batch began: what an earlier kernel had may be known from them alone.
    take_looks(run)
    settings = run.settings(strictest(run, rollout.targets))
    return {
        "targets": len(rollout.targets),
        "serial": [settings["canary_hosts"], *(f"{share:g}%" for share in settings["batch_percent"])],
    }
