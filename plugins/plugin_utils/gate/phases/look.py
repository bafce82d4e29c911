# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``look``: keep a look at a host as it is now, with no change at hand.

The worker that looks keeps it in a file of its own; the next phase that runs once takes all of them into the records.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from ...model.times import DAY
from ..before_after import earlier_of
from ..host_record import HostRecord, Look, is_facts
from ..host_state import HostState
from ..reference import kept_reference
from ..run import GateRun

YOUNG = DAY
"""Only looks in the first day of a boot are kept for later: that is when the hosts of the next rollout will be
compared.
"""


class Looked(TypedDict):
    """What a look came to."""

    host: str
    outcome: str


def keep_look(run: GateRun, host: str, environment: str, one: Look) -> Looked:
    """Keep a look at a host until it is taken."""
    run.folder.keep_look(host, {**one, "run_id": run.run_id, "environment": environment})
    if one["facts"] is not None and (one["facts"]["host"]["uptime_seconds"] or YOUNG) < YOUNG:
        run.folder.add_earlier(host, earlier_of(one["facts"]))
    return {"host": host, "outcome": one["outcome"]}


def take_looks(run: GateRun) -> None:
    """Take the looks that were kept into the records of their hosts."""
    looks = run.folder.kept_looks()
    if not looks:
        return
    for host, record in run.folder.read_hosts(looks).items():
        run.folder.write_host(_with_look(record, looks[host]))
    run.folder.drop_looks(looks)


def _with_look(record: HostRecord, one: Look) -> HostRecord:
    """Return a record with a look. Of a host that is only planned it is also what it is compared with, until there is a
    later one.
    """
    environment = one.get("environment") or record.environment
    # What hosts that are not changed have grown by in the meantime is counted from the first look.
    first = record.first if record.first is not None or not is_facts(one) else one
    record = replace(record, environment=environment, now=one, first=first)
    if record.state is HostState.PLANNED:
        # A look at an older kernel is kept until it is decided that the host is to be changed from where it is now.
        record = replace(record, reference=kept_reference(record.reference, one), sick=None)
    return record
