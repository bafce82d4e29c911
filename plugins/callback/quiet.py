# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback C(quiet): progress, what goes wrong, and the verdict at the end; nothing of hosts that are well."""

from __future__ import annotations

DOCUMENTATION = r"""
name: quiet
type: stdout
short_description: Shows progress, what goes wrong, and ends with the verdict
version_added: 1.0.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - On a terminal one line says how many hosts have answered, how many of them gave no data, how fast it goes and how
    long it will take. In a log such a line comes from time to time.
  - A host without data has one line when that is known (the first 20 hosts; the rest are counted), a task that fails or
    changes something has one, and what is well has none.
  - The screen ends with the same last screen that the callback C(summary) adds, at most 30 lines, whatever the fleet;
    there is no recap.
  - It works for every playbook. C(-v) names each task when it begins.
options:
  log_every:
    description: Seconds between two lines of progress where the output is no terminal.
    type: float
    default: 30
    env:
      - name: KERNEL_MEM_AUDIT_LOG_EVERY
    ini:
      - section: callback_kernel_memory_quiet
        key: log_every
requirements:
  - Chosen with C(stdout_callback = fleetaudit.kernel_memory.quiet) in C(ansible.cfg), or with the environment variable
    C(ANSIBLE_STDOUT_CALLBACK).
seealso:
  - plugin: fleetaudit.kernel_memory.summary
    plugin_type: callback
"""

import atexit
import os
import threading
import time
from typing import Protocol

from ansible.plugins.callback import CallbackBase

from ..plugin_utils._callback import Ending, Result
from ..plugin_utils._screen import Terminal
from ..plugin_utils.screen.audience import QUIET
from ..plugin_utils.screen.following import Following
from ..plugin_utils.screen.spool_tail import SpoolTail

_LOOK_EVERY_SECONDS = 0.5


class Named(Protocol):
    """A task or a play of Ansible's."""

    def get_name(self) -> str:
        """Return its name."""


class CallbackModule(CallbackBase):
    """Adapter: gives what happens to the pure code of the screen."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = QUIET

    def __init__(self) -> None:
        super().__init__()
        self._terminal, self._ending = Terminal(), Ending()
        self._following: Following | None = None
        self._lock, self._asked = threading.Lock(), threading.Event()
        self._process, self._over = os.getpid(), False
        atexit.register(self._interrupted)

    def v2_playbook_on_task_start(self, task: Named, **_how: object) -> None:
        """Name the task where somebody wants to know."""
        if self._display.verbosity:
            self._say("TASK      ", task.get_name(), "")

    def v2_playbook_on_play_start(self, play: Named) -> None:
        """The report's play comes when all hosts have been asked."""
        if play.get_name().strip() == "Report":
            self._end_following()

    def v2_runner_on_ok(self, result: object) -> None:
        """Show warnings, changes and what a task wants to say; keep what belongs to the end."""
        found = self._kept(result)
        if found.warns:
            self._handle_warnings(found.values)
        if found.changed:
            self._say("CHANGED   ", f"{found.host}: {found.task}", "")
        elif found.action == "debug" and found.message:
            self._say("          ", found.message, "")

    def v2_runner_on_failed(self, result: object, ignore_errors: bool = False) -> None:
        """A host that could not be asked is one without data; every other failure is told whole."""
        found = self._kept(result, failed=True)
        if found.gathers:
            self._without_data(found, "failed")
        elif not (found.reports or ignore_errors or self._ending.is_said(found)):
            self._say("FAILED    ", f"{found.host}: {found.task}: {found.message}", "critical")

    def v2_runner_on_unreachable(self, result: object) -> None:
        """As a failure."""
        found = self._kept(result)
        if found.gathers:
            self._without_data(found, "unreachable")
        else:
            self._say("FAILED    ", f"{found.host}: {found.task}: unreachable: {found.message}", "critical")

    def v2_playbook_on_stats(self, _stats: object) -> None:
        """End with the verdict."""
        self._end_following()
        self._over = True
        lines = self._ending.lines(self._terminal.style)
        if lines:
            self._terminal.lines(["", *lines])

    def _kept(self, result: object, *, failed: bool = False) -> Result:
        found = Result.of(result, failed=failed)
        self._ending.keep(found)
        planned = found.planned
        if planned is not None and self._following is None:
            tail, every = SpoolTail(planned.spool, planned.run_id), float(self.get_option("log_every"))
            self._following = Following(tail, planned.hosts, self._terminal, time.monotonic, every)
            self._following.begin()
            self._asked.clear()
            threading.Thread(target=self._follow, args=(self._following,), daemon=True).start()
        return found

    def _say(self, lead: str, words: str, kind: str) -> None:
        with self._lock:
            self._terminal.say(lead, words, kind)

    def _follow(self, following: Following) -> None:
        while not self._asked.wait(_LOOK_EVERY_SECONDS):
            with self._lock:
                if not self._asked.is_set():
                    following.look()

    def _end_following(self) -> None:
        with self._lock:
            self._asked.set()
            following, self._following = self._following, None
            if following is not None:
                following.end()

    def _without_data(self, found: Result, reason: str) -> None:
        with self._lock:
            if self._following is not None:
                # The spool knows more of why, if the host came that far.
                self._following.look()
                self._following.add(found.host, reason, found.message)

    def _interrupted(self) -> None:
        """A run that was interrupted has no end: say what it has, and how to go on."""
        if self._over or os.getpid() != self._process:
            return
        self._end_following()
        command = self._ending.interrupted()
        if command:
            self._terminal.say("INTERRUPTED  ", "What was gathered is kept. This makes the report from it:", "unknown")
            self._terminal.lines([command])
