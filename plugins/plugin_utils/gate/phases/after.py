# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase ``after``: keep the last of the looks at a host after its change, once it has settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from ..host_record import HostRecord, Look, Settled, is_facts
from ..run import GateRun


class Looked(TypedDict):
    """What the looks came to, and whether the host has settled."""

    host: str
    outcome: str
    settled: bool
    looks: int
    waited_seconds: int
    reason: str | None


def old_boot_of(record: HostRecord) -> str | None:
    """Return the boot from which a host was changed: while it still runs that one it may be going down."""
    return None if record.attempt is None or record.attempt.was_there else record.attempt.boot_id


def keep_after(run: GateRun, host: str, looks: Sequence[Look], why: str | None, waited: int) -> Looked:
    """Keep the last look; *why* is the reason it has not settled, if it has not."""
    record, last = run.folder.read_host(host), looks[-1]
    reason = None if why is None else f"It has not settled within {waited} s: {why}"
    settled = Settled(why is None, reason, len(looks))
    record = replace(record, after=last, settled=settled, waited_seconds=waited)
    if record.state.is_touched and is_facts(last) and last["facts"]["host"]["boot_id"] != old_boot_of(record):
        record = record.seen_back()
    run.folder.write_host(record)
    return {
        "host": host,
        "outcome": last["outcome"],
        "settled": why is None,
        "looks": len(looks),
        "waited_seconds": waited,
        "reason": reason,
    }
