# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the gate's folder: JSON that is replaced in one step, and trails to which lines are only added.

Every file is replaced in one step, so a reader sees the old or the new one and never half.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

from ..files import atomic

FORMAT = 1
_LONGEST_FILE_NAME = 150

Plain = dict[str, Any]
"""A decision, a line of the trail, or another thing that goes out as it is."""


def read_json(path: str, formats: Collection[int] = (FORMAT,)) -> Plain | None:
    """Return what a file has; None where there is none. Raises ValueError where it can't be used."""
    try:
        with open(path, encoding="utf-8") as handle:
            content = json.load(handle)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as exc:
        raise ValueError(
            f"The gate's file {path} can't be read ({exc}); restore it, or begin a rollout of another name."
        ) from exc
    if not isinstance(content, dict) or content.get("format", FORMAT) not in formats:
        raise ValueError(
            f"The gate's file {path} is of another version of this collection; begin a rollout of another name."
        )
    return content


def write_json(path: str, content: Mapping[str, object]) -> None:
    """Replace a file. Raises ValueError."""
    replace_file(path, (json.dumps(content, ensure_ascii=True, indent=1) + "\n").encode("ascii"))


def read_lines(path: str) -> list[Plain]:
    """Return the lines of a trail, the oldest first; none where there is no trail."""
    try:
        with open(path, encoding="utf-8") as handle:
            lines = [json.loads(line) for line in handle]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, RecursionError) as exc:
        raise ValueError(f"The audit trail {path} can't be read ({exc}); restore it.") from exc
    return [line for line in lines if isinstance(line, dict)]


def add_line(path: str, entry: Plain) -> None:
    """Add a line to a trail. Raises ValueError."""
    line = (json.dumps(entry, ensure_ascii=True, sort_keys=True) + "\n").encode("ascii")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)
    except OSError as exc:
        raise ValueError(f"The gate's file {path} can't be written: {exc.strerror}.") from exc


def replace_file(path: str, content: bytes) -> None:
    """Write a file in one step: a reader sees the old one or the new one. Raises ValueError."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        atomic.replace_file(path, content, atomic.READABLE)
    except OSError as exc:
        raise ValueError(
            f"The gate's file {path} can't be written: {exc.strerror}; without it the rollout has no memory, so it "
            "stops."
        ) from exc


def file_name(host: str) -> str:
    """Return a host's name as a file name: what is not a letter, digit, ``_``, ``.`` or ``-`` escaped; a long name
    by its hash.
    """
    name = quote(host, safe="").replace("~", "%7E")
    name = f"%{name}" if name.startswith(".") else name
    if len(name) <= _LONGEST_FILE_NAME:
        return name
    return f"{name[:80]}%{hashlib.sha256(host.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
