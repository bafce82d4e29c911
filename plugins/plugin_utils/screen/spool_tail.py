# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows the spool while it is written: which hosts have answered, and which could not.

Both ways of asking hosts append a line for each host, so this is what progress comes from, whoever asks. A line may be
long; only its beginning is read, where the host and its outcome stand.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass

from ..run.spool import OUTCOMES

FACTS = "facts"

_READ_BYTES = 1 << 20
_BEFORE_FACTS = b',"facts":'


@dataclass(frozen=True, slots=True)
class Answer:
    """What one line says. *reason* is None where the host gave facts, else why it has none; *message* is its text."""

    host: str
    reason: str | None
    message: str


class SpoolTail:
    """Reads what was appended since it last looked. A spool that is not there yet has nothing."""

    def __init__(self, path: str, run_id: str) -> None:
        self.path, self.run_id = path, run_id
        self._place = 0
        self._rest = b""

    def new(self) -> Iterator[Answer]:
        """Yield the answers that came since the last call. Never raises: a screen is no reason to fail."""
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return
        try:
            while True:
                piece = os.pread(handle, _READ_BYTES, self._place)
                self._place += len(piece)
                *lines, self._rest = (self._rest + piece).split(b"\n")
                yield from filter(None, map(self._answer, lines))
                if not piece:
                    return
        except OSError:
            return
        finally:
            os.close(handle)

    def _answer(self, line: bytes) -> Answer | None:
        head, found, _facts = line.partition(_BEFORE_FACTS)
        try:
            entry = json.loads(head + b"}" if found else head)
        except (ValueError, RecursionError):
            return None
        if not isinstance(entry, dict) or entry.get("run_id") != self.run_id:
            return None
        host, outcome = entry.get("host"), entry.get("outcome")
        if not isinstance(host, str) or outcome not in OUTCOMES:
            return None
        cause = entry.get("cause")
        return Answer(
            host=host,
            reason=None if outcome == FACTS else cause if isinstance(cause, str) else outcome,
            message=str(entry.get("message") or ""),
        )
