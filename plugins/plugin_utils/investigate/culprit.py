# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who it is: a function, a process, an object, how sure that is, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from .looked import Process

CONFIDENCES = ("high", "medium", "low", "none")
SOURCES = ("trace", "profile", "objects", "caller", "cache")


@dataclass(frozen=True, slots=True)
class Culprit:
    """What makes kernel memory grow.

    ``stack`` are functions of the kernel, the innermost first; ``processes`` says how many processes came there, where
    that is known; ``process_share`` the part of it that is the named process's; ``share`` the part of what grows in the
    dimension; ``lost`` how many trace events were lost, None without a trace.
    """

    source: str
    confidence: str
    dimension: str | None
    stack: tuple[str, ...] = ()
    process: Process | None = None
    processes: int | None = None
    process_share: float | None = None
    what: str | None = None
    bytes_per_second: float | None = None
    number_per_second: float | None = None
    share: float | None = None
    lost: int | None = None
    detail: str | None = None

    @property
    def is_answer(self) -> bool:
        """Whether object or function *and* a process are named, with more than a guess."""
        named = bool(self.stack or self.what) and self.process is not None
        return named and self.confidence in ("high", "medium")

    @property
    def key(self) -> tuple[str, str, str]:
        """What is the same on two hosts that have the same culprit."""
        return (
            self.stack[0] if self.stack else "",
            self.process.command if self.process else "",
            "" if self.stack else self.what or "",
        )
