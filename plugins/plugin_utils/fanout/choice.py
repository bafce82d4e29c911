# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether hosts are asked by one process for all, or by a task each."""

from __future__ import annotations

from collections.abc import Mapping

from ..run.spool import FANOUT, TASK

AUTO = "auto"
GATHER = (AUTO, TASK, FANOUT)

FEWEST_HOSTS = 20
"""With fewer hosts there is little to save, and a line for each of them on the terminal is worth more."""

AWX_VARIABLES = ("awx_job_id", "tower_job_id")
"""AWX counts hosts, and says when each was last seen, by the results of tasks: one process for all has one result."""

MOST_AT_ONCE = 1000


def way_of(asked: str, hosts: int, variables: Mapping[str, object]) -> str:
    """Return the way of asking that *asked* means for so many hosts, in a play with these variables."""
    if asked != AUTO:
        return asked
    in_awx = any(variables.get(name) for name in AWX_VARIABLES)
    return TASK if in_awx or hosts < FEWEST_HOSTS else FANOUT


def check_at_once(at_once: int) -> int:
    """Return how many hosts are asked at a time. Raises ValueError where that is no sensible number."""
    if 1 <= at_once <= MOST_AT_ONCE:
        return at_once
    raise ValueError(f"kernel_mem_audit_at_once is {at_once}; give a number of hosts from 1 to {MOST_AT_ONCE}.")
