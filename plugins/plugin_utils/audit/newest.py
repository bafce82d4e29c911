# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which audit a path stands for: a file, the folder of a report, or the newest report of a folder of reports."""

from __future__ import annotations

import os
import re

NAME, LATEST = "audit.json", "latest"
_OF_A_REPORT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z(?:-\d{1,6})?")


def newest_report(path: str) -> str:
    """Return the audit.json that *path* stands for; ``reports/latest`` is the newest of ``reports``, also where no run
    was told to make a link of that name.

    Reports are told by the names that the audit gives them, or by their age. Raises :class:`ValueError` where there is
    none. A path where nothing is comes back as it is.
    """
    folder, name = os.path.split(path)
    if name == LATEST and not os.path.lexists(path) and os.path.isdir(folder or os.curdir):
        path = folder or os.curdir
    if not os.path.isdir(path):
        return path
    inside = os.path.join(path, NAME)
    if os.path.isfile(inside):
        return inside
    with os.scandir(path) as entries:
        folders = [entry.path for entry in entries if entry.is_dir(follow_symlinks=False)]
    reports = [one for one in (os.path.join(folder, NAME) for folder in folders) if os.path.isfile(one)]
    if not reports:
        raise ValueError(f"{path} holds neither an audit.json nor folders with one.")
    named = [one for one in reports if _OF_A_REPORT.fullmatch(os.path.basename(os.path.dirname(one)))]
    return max(named, key=_age) if named else max(reports, key=os.path.getmtime)


def _age(path: str) -> tuple[str, int]:
    """Order the names of reports: time, then the number of the report within a second."""
    time, _dash, number = os.path.basename(os.path.dirname(path)).partition("Z-")
    return time.rstrip("Z"), int(number or 1)
