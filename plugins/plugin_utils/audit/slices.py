# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in parts: what jobs that share nothing but the history store are called, and one spool of the records that they
left there.

AWX deals the hosts of a sliced job out to jobs of a workflow of its own. A job is not told that it is a slice, only
which workflow it is in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..history.location import Location
from ..model.times import DAY, is_time_text, seconds_of, utc_text
from ..run.spool import Spool
from .entry import Entry
from .not_judged import no_data

SPOOL = "spool"
HISTORY = "history"
SOURCES = (SPOOL, HISTORY)

RESULT = "kernel_mem_audit_result"
"""The name under which set_stats gives a run's result to the next jobs of a workflow."""

WORKFLOW_VARIABLES = ("awx_workflow_job_id", "tower_workflow_job_id")
MAXIMUM_SPREAD = DAY
"""Records that are so much older than a run's latest are of another day, under the same name."""


def workflow_job(variables: Mapping[str, object]) -> str | None:
    """Return the id of the AWX workflow that this job is in, or None."""
    for name in WORKFLOW_VARIABLES:
        found = str(variables.get(name) or "")
        if found.isascii() and found.isdigit():
            return found
    return None


def run_id_of_workflow(job: str, earlier: object) -> str:
    """Return the run id that all jobs of one audit in an AWX workflow have: ``awx-JOB``.

    *earlier* is what an audit before this one in the same workflow has left by set_stats; with it this is the second
    (``awx-JOB-2``), and so on.
    """
    name = f"awx-{job}"
    before = (
        re.fullmatch(rf"{name}(?:-(\d{{1,6}}))?", str(earlier.get("run_id"))) if isinstance(earlier, Mapping) else None
    )
    return name if before is None else f"{name}-{int(before[1] or 1) + 1}"


def keeps_records(given: bool | None, job: str | None, where: Location | None) -> bool:
    """Return whether a run keeps its records for a report of several slices. Without a word (None) it does in a
    workflow with PostgreSQL.

    It does not matter whether the store at *where* can be reached: that the slice's records are lost must be said.
    """
    return given if given is not None else job is not None and where is not None and where.is_shared


def spool_of_slices(records: Iterable[Mapping[str, object]], run_id: str, store: str, targets: Sequence[str]) -> Spool:
    """Return the records of slices as one spool, with sentences on how many came. Raises ValueError where none did."""
    found = {str(entry["host"]): dict(entry) for entry in records}
    if not found:
        raise ValueError(
            f"The history {store} has no record of the run {run_id}, so there is nothing to report. Slices leave "
            "their records in the store that "
            "they are given (kernel_mem_audit_history), under their run id (kernel_mem_audit_run_id), for a week; "
            "both must be the same here."
        )
    times = sorted(written for entry in found.values() if (written := written_at(entry)))
    oldest = utc_text(seconds_of(times[-1]) - MAXIMUM_SPREAD) if times else ""
    old = [host for host, entry in found.items() if (written_at(entry) or oldest) < oldest]
    for host in old:
        del found[host]
    wanted = set(targets)
    first = next((written for written in times if written >= oldest), "an unknown time")
    spool = Spool(found)
    spool.notes.append(
        f"Slices have reported {len(wanted.intersection(found)):,} of {len(wanted):,} hosts: their records of the "
        f"run {run_id}, written from "
        f"{first} to {times[-1] if times else 'an unknown time'}, are from the history {store}."
    )
    if old:
        spool.notes.append(
            f"{len(old):,} records of this run are more than a day older than its latest, and left out; the next run "
            "needs another run id."
        )
    return spool


def not_reported(host: Entry, run_id: str) -> Entry:
    """Return a host of the audit of all slices: of one that no slice has reported it says why it has no data, and what
    to do.
    """
    if host.no_data is None or host.no_data.reason != "not_run":
        return host
    why = no_data("not_run", host.name, f"no slice of the run {run_id} has reported it.")
    step = (
        f"See which slice failed, audit its hosts again with kernel_mem_audit_run_id={run_id}, and make the report "
        "once more"
    )
    return replace(host, no_data=replace(why, next_step=step))


def written_at(entry: Mapping[str, object]) -> str | None:
    """Return when a record was written (ISO 8601), or None where that is not known."""
    written = entry.get("written_at")
    return written if is_time_text(written) else None


def begun_at(records: Iterable[Mapping[str, object]], planned: str) -> str:
    """Return when the first of the slices wrote a record, or *planned* if that was before."""
    return min([planned, *(written for entry in records if (written := written_at(entry)))])
