# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the history that a run names can be used: better said before the hosts are asked than found missing later."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ..history.location import SQLITE, VARIABLE, history_location
from ..history.opening import open_store
from ..history.store import HistoryError

REQUIRED = "kernel_mem_audit_history_required"

_NOT_YET = "yet; an audit makes it."


def history_problem(given: str | None, environment: Mapping[str, str], folder: str) -> str | None:
    """Return a sentence where the history can't be used, or None.

    *given* is the setting; without it the environment variable counts, and without that the usual file in *folder*,
    which nobody chose and which therefore need not be possible.
    """
    try:
        where = history_location(given, environment, folder)
    except HistoryError as exc:
        name = "kernel_mem_audit_history" if given else f"The environment's {VARIABLE}"
        return f"{name}: {exc}"  # never gone on with: what was written may be anything, a password included
    if where is None:
        return None
    try:
        open_store(where, create=False).close()
    except HistoryError as exc:
        if not str(exc).endswith(_NOT_YET):
            return _refused(str(exc))
        if where.engine == SQLITE and (given or environment.get(VARIABLE)):
            return _can_be_made(where.address)
    return None


def _can_be_made(path: str) -> str | None:
    """Return a sentence where a file that is not there can't be made, or None."""
    folder = os.path.dirname(path)
    while folder and not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    if not os.path.isdir(folder):
        return _refused(f"The history {path} can't be made: {folder} is not a folder.")
    if not os.access(folder, os.W_OK | os.X_OK):
        return _refused(f"The history {path} can't be made: {folder} is not writable.")
    return None


def _refused(sentence: str) -> str:
    return f"{sentence} Mend it, or give {REQUIRED}=false to go on without what earlier audits saw."
