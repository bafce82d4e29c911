# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that say they begin in the future: the clock of a controller was ahead once, and everything after would be
compared with that run until its time comes.
"""

from __future__ import annotations

from ..model.times import DAY
from .engine import Engine
from .judged import find_latest
from .series import rebuild


def mend_clock(engine: Engine, now: int) -> int:
    """Put runs that begin more than a day after *now* where they belong, with their samples: just after the run before
    them. Return how many there were.
    """
    query = "SELECT run_id, started_at FROM run WHERE started_at > ? ORDER BY run_id"
    if not engine.rows(query, (now + DAY,)):
        return 0
    with engine.writing():
        ahead = engine.rows(query, (now + DAY,))
        for run_id, started_at in ahead:
            ((before,),) = engine.rows(
                "SELECT max(started_at) FROM run WHERE run_id < ? AND started_at <= ?", (run_id, now)
            )
            began = now if before is None else int(before) + 1
            back = started_at - began
            engine.change("UPDATE run SET started_at = ? WHERE run_id = ?", (began, run_id))
            engine.change("UPDATE run_slice SET started_at = ? WHERE run_id = ?", (began, run_id))
            engine.change(
                "UPDATE sample SET collected_at = collected_at - ? WHERE run_id = ? AND collected_at > ?",
                (back, run_id, now),
            )
            engine.change(
                "UPDATE finding SET first_seen_at = ? WHERE run_id = ? AND first_seen_at > ?", (began, run_id, began)
            )
        runs = ", ".join(str(run_id) for run_id, _started_at in ahead)
        of_these = engine.rows(f"SELECT DISTINCT host_id FROM sample WHERE run_id IN ({runs}) ORDER BY host_id")
        hosts = [host_id for (host_id,) in of_these]
        rebuild(engine, hosts)
        find_latest(engine, hosts)
    return len(ahead)
