# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of reports: a link to the latest, and the removal of old ones. Nothing that an audit did not write is ever
removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import stat
import tempfile
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from ..files.atomic import LONGEST_KEPT
from .index_folder import NAME as INDEX
from .write import RENDERERS

LATEST = "latest"
MOST_NAMED = 5
_JUST_MADE_SECONDS = 60

_OF_A_REPORT = re.compile(r"(\d{4}-\d{2}-\d{2}T\d{6}Z)(?:-(\d{1,6}))?")
_SCHEMA_LINE = re.compile(rb'"schema": "fleetaudit\.kernel_memory\.audit/\d+"')
_BESIDE_OUTPUTS = ("compare.json", "compare.md", "decision.json", "report.css")


@dataclass
class Pruned:
    """What pruning did: the folders that are gone, oldest first, and sentences on those that had to go and could
    not.
    """

    removed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def remove_unfinished(report_dir: str, file_names: Collection[str] = ()) -> list[str]:
    """Remove what runs that were killed while they wrote have left in *report_dir*, in the reports beside it and of
    their index, and folders that hold nothing else; return the paths.

    Only files of the form that unfinished outputs have are removed, and none that a process still writes. What can't
    be looked at or removed stays.
    """
    folder, own = os.path.split(os.path.abspath(report_dir))
    unfinished = _unfinished({*RENDERERS, *_BESIDE_OUTPUTS, *file_names})
    try:
        listed = os.listdir(folder)
    except OSError:
        return []
    beside = [os.path.join(folder, name) for name in listed if _OF_A_REPORT.fullmatch(name)]
    removed = []
    if _OF_A_REPORT.fullmatch(own):  # the folder of another report has no index of ours
        of_index = _unfinished({INDEX})
        left = [os.path.join(folder, name) for name in listed if of_index.fullmatch(name)]
        removed += [path for path in left if _remove_if_left(path)]
    for place in dict.fromkeys([*sorted(beside), os.path.abspath(report_dir)]):
        if os.path.islink(place) or not os.path.isdir(place):
            continue
        with contextlib.suppress(OSError):
            names = os.listdir(place)
            gone = [name for name in names if unfinished.fullmatch(name) and _remove_if_left(os.path.join(place, name))]
            removed += [os.path.join(place, name) for name in gone]
            if gone and len(gone) == len(names) and place in beside:
                os.rmdir(place)
                removed.append(place)
    return removed


def _unfinished(names: Collection[str]) -> re.Pattern[str]:
    """Return the form of the names that files have while they are written."""
    kept = sorted(re.escape(name[:LONGEST_KEPT]) for name in names)
    return re.compile(rf"\.(?:{'|'.join(kept)})\.[a-z0-9_]{{8}}")


def _remove_if_left(path: str) -> bool:
    """Remove a file that no process has locked; return whether it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A file that has just been made is not locked yet.
            if (
                not stat.S_ISREG(os.fstat(handle).st_mode)
                or time.time() - os.fstat(handle).st_mtime < _JUST_MADE_SECONDS
            ):
                return False
            os.unlink(path)
        finally:
            os.close(handle)
    except OSError:
        return False
    return True


def link_latest(report_dir: str, name: str = LATEST) -> tuple[str | None, str | None]:
    """Make the link *name* beside *report_dir* lead to it, in one step, and return its path and no sentence.

    Where that can't be done, return no path and a sentence that says why: a report is no worse for the lack of a link.
    """
    folder, target = os.path.split(os.path.abspath(report_dir))
    link = os.path.join(folder, name)
    if target == name:
        return None, f"The report's own folder is called {name}, so there is no link to it."
    if os.path.lexists(link) and not os.path.islink(link):
        return None, f"{link} is not a link, so it stays as it is and does not lead to the latest report."
    try:
        # A name that is free now may not be free a moment later; in a folder of its own it is.
        with tempfile.TemporaryDirectory(prefix=f".{name}.", dir=folder) as temporary:
            made = os.path.join(temporary, name)
            os.symlink(target, made)
            os.replace(made, link)
    except (OSError, NotImplementedError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else str(exc)
        return None, f"The link {link} to the latest report can't be made: {reason}."
    return link, None


def check_keep(keep: int | None) -> int | None:
    """Return how many reports are kept, None for all of them. Raises ValueError where that is below 1."""
    if keep is not None and keep < 1:
        raise ValueError(
            f"The number of reports to keep is {keep}; it must be 1 at least, since the newest report is never removed."
        )
    return keep


def prune_reports(
    report_dir: str, keep: int | None, file_names: Collection[str] = (), audit_name: str = "audit.json"
) -> Pruned:
    """Remove the oldest reports beside *report_dir* so that the *keep* newest stay; None removes nothing.

    A folder is a report if it has a name that the audit gives (``2026-11-24T120000Z``, or that and ``-2``) and holds an
    *audit_name* of ours. It is removed if it holds nothing but outputs: files that are called so, or as in
    *file_names*. *report_dir* itself always stays, and so does every link.
    """
    pruned = Pruned()
    if check_keep(keep) is None:
        return pruned
    folder, current = os.path.split(os.path.abspath(report_dir))
    try:
        with os.scandir(folder) as entries:
            named = [
                entry.name
                for entry in entries
                if _OF_A_REPORT.fullmatch(entry.name) and entry.is_dir(follow_symlinks=False)
            ]
    except OSError as exc:
        pruned.notes.append(f"Old reports in {folder} can't be looked for: {exc.strerror}.")
        return pruned
    reports = sorted(
        (name for name in named if name == current or _is_ours(os.path.join(folder, name, audit_name))), key=_age
    )
    known = {*RENDERERS, *_BESIDE_OUTPUTS, *file_names, audit_name}
    # The report that was just made counts as one of those that stay, whatever it is called.
    others = [name for name in reports if name != current]
    for name in others[: max(0, len(others) - (keep or 1) + 1)]:
        problem = _remove(os.path.join(folder, name), known, audit_name)
        if problem is None:
            pruned.removed.append(os.path.join(folder, name))
        else:
            pruned.notes.append(problem)
    return pruned


def _age(name: str) -> tuple[str, int]:
    match = _OF_A_REPORT.fullmatch(name)
    return (match[1], int(match[2] or 1)) if match else (name, 0)


def _is_ours(path: str) -> bool:
    """Whether a file is an audit.json. Its keys are lines of their own, so that no host can write such a line."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, "rb") as handle:
            return any(_SCHEMA_LINE.match(line) for line in handle)
    except OSError:
        return False


def _remove(path: str, known: Collection[str], mark: str) -> str | None:
    """Remove a folder that holds nothing but *known* files; return why not, or None."""
    try:
        with os.scandir(path) as entries:
            held = [(entry.name, entry.is_file(follow_symlinks=False)) for entry in entries]
        foreign = sorted(name for name, is_file in held if not is_file or name not in known)
        if foreign:
            more = f" and {len(foreign) - MOST_NAMED} more" if len(foreign) > MOST_NAMED else ""
            return (
                f"The old report {path} stays, since it holds what no audit wrote: "
                f"{', '.join(foreign[:MOST_NAMED])}{more}."
            )
        # The mark of a report goes last: a removal that is cut short can be finished by the next.
        for name, _is_file in sorted(held, key=lambda entry: entry[0] == mark):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(path, name))
        os.rmdir(path)
    except FileNotFoundError:
        return None
    except OSError as exc:
        return f"The old report {path} can't be removed: {exc.strerror}."
    return None
