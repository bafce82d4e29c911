# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run's name, times and places."""

from __future__ import annotations

import os
from datetime import datetime


def new_run_id(moment: datetime, suffix: str) -> str:
    """Return a run id that sorts by time; *suffix* tells apart two runs of one second."""
    return f"{moment.strftime('%Y%m%dT%H%M%SZ')}-{suffix}"


def check_run_id(run_id: str) -> str:
    """Return *run_id*. Raises ValueError if it can't be part of a file name."""
    if (
        0 < len(run_id) <= 100
        and all(sign.isascii() and (sign.isalnum() or sign in "-_.") for sign in run_id)
        and run_id[0] != "."
    ):
        return run_id
    raise ValueError(
        f"run_id is {run_id[:120]!r}; use up to 100 letters, digits, '-', '_' and '.', not beginning with '.'."
    )


def report_directory(given: str | None, working_folder: str, moment: datetime) -> str:
    """Return the absolute folder of a report: the given one or a new ``reports/<time>`` in the working folder."""
    if given:
        return os.path.abspath(os.path.join(working_folder, os.path.expanduser(given)))
    wanted = os.path.join(working_folder, "reports", moment.strftime("%Y-%m-%dT%H%M%SZ"))
    candidate, number = wanted, 2
    while os.path.exists(candidate):
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate


def check_writable(directory: str) -> None:
    """Raise ValueError if a report can't be written to *directory*: better said now than after an hour of gathering."""
    parent = directory
    while not os.path.lexists(parent):
        parent = os.path.dirname(parent)
    if not os.path.isdir(parent):
        raise ValueError(
            f"The report can't be written to {directory}: {parent} is not a folder; give another "
            "kernel_mem_audit_report_dir."
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        raise ValueError(
            f"The report can't be written to {directory}: {parent} is not writable; give another "
            "kernel_mem_audit_report_dir."
        )


def check_number_of_hosts(hosts: int, minimum: int, pattern: str) -> None:
    """Raise ValueError where a run has fewer hosts than it must have; a run that matched nothing is an error, not
    health.
    """
    if hosts == 0:
        raise ValueError(
            f"No host of the inventory matches the pattern {pattern!r} and the limit, so there is nothing to audit."
        )
    if hosts < minimum:
        raise ValueError(
            f"The pattern {pattern!r} and the limit match {hosts} hosts; kernel_mem_audit_minimum_hosts asks for "
            f"{minimum} at least."
        )
