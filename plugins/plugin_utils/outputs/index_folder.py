# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which reports a folder has, read from the beginning of each audit.json, and its index.html, made anew at each run."""

from __future__ import annotations

import json
import os
import re

from ..model.times import is_time_text
from .file_modes import Modes
from .index import MARK, Run, index_page
from .write import write_files

NAME = "index.html"

_OF_A_REPORT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6}Z)(?:-(\d{1,6}))?")
_KEY = re.compile(r'"(counts|decision|generated_at|hosts)": (.*?),?\n')
_MOST_LINES = 100_000
_LOOKED_AT = 4096


def write_index(report_dir: str, page: str, audit_name: str = "audit.json", modes: Modes | None = None) -> str | None:
    """Make the index of the folder in which *report_dir* lies, and return its path, or None where there is none to be.

    *page* is the file of a report that is linked; *modes* are those of the reports, so that the index is for the same
    readers. There is an index only where the folder is one of reports: the report has a name that the audit gives, and
    no page of somebody else's stands there. Raises ValueError where it can't be written.
    """
    folder, name = os.path.split(os.path.abspath(report_dir))
    path = os.path.join(folder, NAME)
    if not _OF_A_REPORT.fullmatch(name) or not _is_ours(path):
        return None
    runs = runs_of(folder, page, audit_name)
    if not runs:
        return None
    write_files({path: index_page(runs)}, modes)
    return path


def runs_of(folder: str, page: str, audit_name: str = "audit.json") -> list[Run]:
    """Return the runs whose reports lie in a folder, the oldest first. What can't be read as a report is none."""
    try:
        names = sorted(name for name in os.listdir(folder) if _OF_A_REPORT.fullmatch(name))
    except OSError:
        return []
    found = (_run(folder, name, page, audit_name) for name in names)
    return sorted((run for run in found if run is not None), key=lambda run: (run.made_at, run.folder))


def _run(folder: str, name: str, page: str, audit_name: str) -> Run | None:
    head: dict[str, object] = {}
    path = os.path.join(folder, name, audit_name)
    if not os.path.isfile(path):  # a pipe would never end
        return None
    try:
        with open(path, encoding="ascii") as handle:
            for _number, line in zip(range(_MOST_LINES), handle, strict=False):
                # Keys stand at the begin of lines of their own, and the hosts come after those that are wanted.
                match = _KEY.fullmatch(line)
                if match is None:
                    continue
                if match[1] == "hosts":
                    break
                head[match[1]] = json.loads(match[2])
        linked = page if os.path.exists(os.path.join(folder, name, page)) else audit_name
        return _checked(name, linked, head)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _checked(name: str, page: str, head: dict[str, object]) -> Run | None:
    counts, decision, made_at = head["counts"], head["decision"], head["generated_at"]
    if not isinstance(counts, dict) or not isinstance(decision, dict) or not isinstance(made_at, str):
        return None
    if not is_time_text(made_at):
        return None
    numbers = {key: int(counts["all"][key]) for key in ("critical", "warning", "unknown", "ok", "total")}
    return Run(folder=name, page=page, made_at=made_at, sentence=str(decision["sentence"]), **numbers)


def _is_ours(path: str) -> bool:
    """Whether an index may be written there: there is none, or it is one of ours."""
    if not os.path.lexists(path):
        return True
    try:
        if os.path.islink(path) or not os.path.isfile(path):
            return False
        with open(path, encoding="utf-8", errors="replace") as handle:
            return MARK in handle.read(_LOOKED_AT)
    except OSError:
        return False
