# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers by which a store knows runs and hosts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

from .engine import Engine, chunks
from .schema import clean_text, marks
from .store import RunRecord

GROUP_BITS = 7
"""Hosts are dealt with in groups of 128 whose numbers lie side by side, and so do their rows on the disk."""


def run_id_of(engine: Engine, run: RunRecord) -> tuple[int, bool]:
    """Return the id of a run, which is made where it is not there, and whether it was. The parts of a run are one run,
    which began when the first began.
    """
    name = clean_text(run.run_id)
    row = {
        "name": name,
        "started_at": run.started_at,
        "source": clean_text(run.source),
        "tool_version": clean_text(run.tool_version),
        "samples": 0,
    }
    is_new = engine.put("run", [tuple(row.values())], columns=tuple(row)) == 1
    if not is_new:
        engine.change(
            "UPDATE run SET started_at = ? WHERE name = ? AND started_at > ?", (run.started_at, name, run.started_at)
        )
    run_id = int(engine.rows("SELECT run_id FROM run WHERE name = ?", (name,))[0][0])
    engine.put("run_slice", [(run_id, clean_text(run.run_slice), run.started_at)])
    return run_id, is_new


def known_run_id(engine: Engine, name: str | None) -> int | None:
    """Return the id of a run, or None where there is none of that name."""
    if name is None:
        return None
    found = engine.rows("SELECT run_id FROM run WHERE name = ?", (clean_text(name),))
    return int(found[0][0]) if found else None


def host_ids_of(engine: Engine, names: Collection[str], now: int) -> dict[str, int]:
    """Return the ids of hosts by their (clean) names; those that are not there are made."""
    found: dict[str, int] = {}
    for chunk in chunks(names):
        there = known_host_ids(engine, chunk)
        if len(there) < len(chunk):
            engine.put("host", [(name, now) for name in chunk if name not in there])
            there = known_host_ids(engine, chunk)
        found.update(there)
    return found


def known_host_ids(engine: Engine, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of those hosts that are there, by their (clean) names."""
    found: dict[str, int] = {}
    for chunk in chunks(names):
        found.update(engine.rows(f"SELECT name, host_id FROM host WHERE name IN {marks(len(chunk))}", chunk))
    return found


def all_host_ids(engine: Engine) -> list[int]:
    """Return the ids of all hosts, in order."""
    return [host_id for (host_id,) in engine.rows("SELECT host_id FROM host ORDER BY host_id")]


def host_names(engine: Engine, hosts: Collection[int]) -> dict[int, str]:
    """Return the names of hosts by their ids."""
    found: dict[int, str] = {}
    for chunk in chunks(hosts):
        found.update(engine.rows(f"SELECT host_id, name FROM host WHERE host_id IN {marks(len(chunk))}", chunk))
    return found


def groups(hosts: Iterable[int]) -> Iterator[list[int]]:
    """Yield hosts (ids, in order) in groups of at most 128 that lie side by side."""
    for _group, members in groupby(hosts, lambda host_id: host_id >> GROUP_BITS):
        yield list(members)
