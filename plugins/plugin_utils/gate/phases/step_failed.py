# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``step_failed``: write down that a step of the change failed on a host, with a look at what it left."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from ..host_record import Look
from ..run import GateRun


class StepFailed(TypedDict):
    """The step, and what the look came to."""

    host: str
    outcome: str
    step_failed: str


def keep_failed_step(run: GateRun, host: str, one: Look, message: str) -> StepFailed:
    """Note the step. How bad that is says the decision on the batch."""
    record = run.folder.read_host(host)
    run.folder.write_host(replace(record, step_failed=message, after=one, settled=None))
    return {"host": host, "outcome": one["outcome"], "step_failed": message}
