# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spool: one file a run, to which each host's worker appends one line of JSON, and which the report reads back.

Many processes append at once. Each record is one write to a file opened for appending, and begins with a newline, so
that a record cut short (by a full disk, say) can't spoil the next.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

FORMAT = 1
OUTCOMES = ("facts", "unreachable", "failed", "timed_out", "no_python", "not_linux", "no_answer")
MAXIMUM_RECORD_BYTES = 256 * 1024


@dataclass
class Spool:
    """What was read from spools: the last record of each host, and sentences on what was left out."""

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def record(
    *,
    run_id: str,
    host: str,
    written_at: str,
    outcome: str,
    message: str | None,
    groups: Iterable[str],
    environment: str | None,
    facts: Mapping[str, Any] | None,
    phase: str = "audit",
) -> dict[str, Any]:
    """Return one spool record. Raises ValueError for an outcome that is none of :data:`OUTCOMES`."""
    if outcome not in OUTCOMES:
        raise ValueError(f"The outcome {outcome!r} is not known; it must be one of {', '.join(OUTCOMES)}.")
    return {
        "format": FORMAT,
        "run_id": run_id,
        "phase": phase,
        "host": host,
        "written_at": written_at,
        "outcome": outcome,
        "message": message,
        "groups": list(groups),
        "environment": environment,
        "facts": None if facts is None else dict(facts),
    }


def append(path: str, entry: Mapping[str, Any]) -> None:
    """Append *entry* to the spool at *path*, creating it readable by its owner only. Raises ValueError where that
    fails.
    """
    line = ("\n" + json.dumps(entry, ensure_ascii=True, separators=(",", ":"), allow_nan=False) + "\n").encode("ascii")
    if len(line) > MAXIMUM_RECORD_BYTES:
        raise ValueError(
            f"The facts of this host are {len(line)} bytes long; the spool takes {MAXIMUM_RECORD_BYTES} at most."
        )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            written = os.write(handle, line)
        finally:
            os.close(handle)
    except OSError as exc:
        raise ValueError(f"The spool {path} on the controller can't be written: {exc.strerror}.") from exc
    if written != len(line):
        raise ValueError(f"The spool {path} on the controller was written in part only; is the disk full?")


def read(paths: Iterable[str], run_id: str) -> Spool:
    """Read spools and return the last record of each host of the run *run_id*.

    Records of other runs and lines that are no records are left out and counted in the notes.
    A spool that does not exist is empty (no host came so far as to write). Raises ValueError where one can't be read.
    """
    spool, foreign, broken = Spool(), 0, 0
    for path in paths:
        for line in _lines(path):
            entry = _parse(line)
            if entry is None:
                broken += 1
            elif entry["run_id"] != run_id:
                foreign += 1
            else:
                spool.records[entry["host"]] = entry
    if foreign:
        spool.notes.append(f"{foreign} spool records of other runs were left out.")
    if broken:
        spool.notes.append(f"{broken} spool lines could not be read and were left out.")
    return spool


def _lines(path: str) -> Iterable[bytes]:
    try:
        with open(path, "rb") as handle:
            yield from (line for line in handle if line.strip())
    except FileNotFoundError:
        return
    except OSError as exc:
        raise ValueError(f"The spool {path} can't be read: {exc.strerror}.") from exc


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or entry.get("format") != FORMAT:
        return None
    if not isinstance(entry.get("host"), str) or not isinstance(entry.get("run_id"), str):
        return None
    return entry
