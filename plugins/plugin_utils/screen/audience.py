# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who reads what a run prints: people, or a program that would trip over a line that is none of its format."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

QUIET = "fleetaudit.kernel_memory.quiet"
SUMMARY = "fleetaudit.kernel_memory.summary"

_FOR_PEOPLE = frozenset(
    """
    default minimal oneline tree awx_display yaml dense unixy debug skippy actionable selective diy counter_enabled
    default_without_diff print_task tasks_only timestamp stderr say
    """.split()
)
_FOR_PROGRAMS = frozenset(("json", "jsonl", "null", "cgroup_memory_recap"))


class Audience(Enum):
    """Who reads standard output."""

    PEOPLE = "people"
    PROGRAM = "program"
    UNKNOWN = "unknown"
    """A callback of somebody's own: standard error is safe there."""
    OURS = "ours"
    """A callback of this collection is there, and shows by itself what people should see."""


def audience_of(stdout_callback: str, enabled: Iterable[str] = ()) -> Audience:
    """Return who reads standard output under a stdout callback, with others enabled beside it."""
    name = stdout_callback.rpartition(".")[2].lower()
    if stdout_callback == QUIET:
        return Audience.OURS
    if name in _FOR_PROGRAMS or "json" in name:
        return Audience.PROGRAM
    if SUMMARY in enabled:
        return Audience.OURS
    return Audience.PEOPLE if name in _FOR_PEOPLE else Audience.UNKNOWN
