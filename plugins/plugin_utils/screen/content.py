# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an audit's last screen says, as bounded plain data: it travels in a task's result to whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ..model.plain import Plain

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Some(Plain):
    """Some hosts: how many, the first of their names, and what they are. ``step`` is what to do about it; of a change
    the finding that changed.
    """

    what: str
    number: int
    names: tuple[str, ...]
    step: str = ""


@dataclass(frozen=True, slots=True)
class Cause(Plain):
    """One cause: the host that it strikes first, and how many more have it. See :class:`words.outlook.Outlook`.

    ``since`` is in words: ``since 3 Nov`` of what grows, ``above since 3 Nov`` of what is over a limit.
    """

    host: str
    more: int
    verdict: str
    left: str
    days_left: float | None
    what: str
    pace: str
    since: str
    holder: str
    next_step: str
    command: str

    @property
    def pace_since(self) -> str:
        """How fast it grows, and since when."""
        return " ".join(part for part in (self.pace, self.since) if part)


@dataclass(frozen=True, slots=True)
class Content(Plain):
    """The whole of a last screen."""

    run_id: str
    decision: str
    critical: int
    warning: int
    without_data: int
    shared: int
    ok: int
    total: int
    ending: str
    """What the names of all hosts end in, from a dot on; empty for hosts without such an ending."""
    growth_judged: bool
    """Whether there is a past, so that an end would be known."""
    environments: tuple[Some, ...]
    """Critical hosts by environment, where there are several."""
    causes: tuple[Cause, ...]
    causes_total: int
    """How many causes there are; the rest is in the report."""
    no_data: tuple[Some, ...]
    changes_since: str
    """When the last run was, in words; empty where there is none to compare with."""
    changes: tuple[Some, ...]
    fleet: tuple[str, ...]
    """What the fleet shows as a whole, a sentence each."""
    waived: int
    long_standing: int
    """How many hosts have been above a limit for long, and are none the worse for it."""
    expired: tuple[str, ...]
    """Waivers that have ended and are still wanted, a few words each."""
    history: str
    notes: tuple[str, ...]
    notes_total: int
    missing: str
    """What of a merged audit is missing; else empty."""
    report: str
    """The path of the page, or of the first output; empty where nothing was written."""
    others: tuple[str, ...]


def content_from(given: Given) -> Content:
    """Return a content from its plain form. Raises KeyError and TypeError for what is none."""
    values = {one.name: given[one.name] for one in fields(Content)}
    for name in ("environments", "no_data", "changes"):
        values[name] = tuple(
            Some(str(row["what"]), int(row["number"]), tuple(row["names"]), str(row["step"])) for row in values[name]
        )
    values["causes"] = tuple(Cause(**{one.name: row[one.name] for one in fields(Cause)}) for row in values["causes"])
    for name in ("fleet", "expired", "notes", "others"):
        values[name] = tuple(map(str, values[name]))
    return Content(**values)
