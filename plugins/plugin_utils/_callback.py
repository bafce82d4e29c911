# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What callbacks are given by Ansible, old and new, and what of it belongs to the end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ._plain import to_plain
from ._screen import shown_at_the_end
from .run.spool_head import SpoolHead
from .screen.content import Content, content_from
from .screen.style import Style

_GATHERS = "kernel_memory_facts"
_SETTINGS = "kernel_memory_settings"
_PLAN = "kernel_memory_plan"
_GATE = "kernel_memory_gate"
_REPORTS = ("kernel_memory_report", "kernel_memory_merge")
LONGEST_MESSAGE = 4000


@dataclass(frozen=True, slots=True)
class Planned:
    """A run that begins: where its answers arrive, and of how many hosts."""

    run_id: str
    spool: str
    hosts: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a task came to on a host."""

    host: str
    task: str
    action: str
    values: Mapping[str, object]
    failed: bool = False

    @classmethod
    def of(cls, given: object, *, failed: bool = False) -> Result:
        """Return what a callback is given; that it failed is told by which of its methods is called.

        Since ansible-core 2.19 the names in it have no line before them.
        """
        line = "" if hasattr(given, "result") else "_"
        values, task, host = (getattr(given, f"{line}{name}") for name in ("result", "task", "host"))
        return cls(str(host.get_name()), str(task.get_name()), str(task.action).rpartition(".")[2], values, failed)

    @property
    def message(self) -> str:
        """What it says, which may be of any kind."""
        return str(self.values.get("msg") or "")[:LONGEST_MESSAGE]

    @property
    def changed(self) -> bool:
        """Whether it changed something."""
        return bool(self.values.get("changed"))

    @property
    def gathers(self) -> bool:
        """Whether it asked a host."""
        return self.action == _GATHERS

    @property
    def reports(self) -> bool:
        """Whether it made a report: what it says belongs to the end."""
        return self.action in _REPORTS and self.content is not None

    @property
    def decision(self) -> str:
        """The last line of a gate's decision, which it has shown; empty for all else."""
        return str(self.values.get("last_line") or "") if self.action == _GATE else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the check of all settings has to say."""
        notes = self.values.get("notes") if self.action == _SETTINGS else None
        return tuple(map(str, notes)) if isinstance(notes, (list, tuple)) else ()

    @property
    def warns(self) -> bool:
        """Whether it has warnings that are said nowhere else."""
        return bool(self.values.get("warnings")) and not self.notes

    @property
    def planned(self) -> Planned | None:
        """The run that begins with it."""
        if self.action != _PLAN or self.failed:
            return None
        run_id, spool, hosts = (self.values.get(name) for name in ("run_id", "spool", "hosts"))
        return Planned(str(run_id), str(spool), hosts) if isinstance(hosts, int) else None

    @property
    def content(self) -> Content | None:
        """The last screen that it has."""
        screen = self.values.get("screen") if self.action in _REPORTS else None
        try:
            return content_from(to_plain(screen)) if isinstance(screen, Mapping) else None
        except (KeyError, TypeError, ValueError):
            return None


class Ending:
    """What stands at the end of a run."""

    def __init__(self) -> None:
        self.planned: Planned | None = None
        self._content: Content | None = None
        self._notes: tuple[str, ...] = ()
        self._failed = ""
        self._decision = ""

    def keep(self, result: Result) -> None:
        """Keep what belongs to the end."""
        self._notes = result.notes or self._notes
        self.planned = result.planned or self.planned
        self._decision = result.decision or self._decision
        if result.reports:
            self._content = result.content
            self._failed = result.message if result.failed else ""

    def is_said(self, result: Result) -> bool:
        """Whether a failure only repeats the decision of a gate, whose screen stands above it."""
        return bool(self._decision) and result.message == self._decision

    def lines(self, style: Style) -> list[str]:
        """Return the last screen; empty for a run that made no report."""
        if self._content is None:
            return []
        notes = (self._failed, *self._notes) if self._failed else self._notes
        return shown_at_the_end(self._content, notes, style)

    def interrupted(self) -> str | None:
        """Return how a run that ended early goes on, where it has gathered something."""
        try:
            head = SpoolHead.read(self.planned.spool) if self.planned is not None else None
        except ValueError:
            return None
        return head.command if head is not None else None
