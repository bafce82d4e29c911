# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The callback C(summary): adds the last screen of an audit under whatever another callback shows."""

from __future__ import annotations

DOCUMENTATION = r"""
name: summary
type: aggregate
short_description: Ends the output of an audit with its verdict
version_added: 1.0.0
author:
  - The fleetaudit.kernel_memory authors (@fleetaudit)
description:
  - Shows the last screen of an audit below everything else, the recap included - hosts without data by their cause,
    what changed, which host runs out first and who holds its memory, the verdict, and where the report is. At most 30
    lines.
  - It changes nothing of what other callbacks show, and shows nothing where a program reads the output (callbacks whose
    output is JSON).
  - In AWX, set the environment variable C(ANSIBLE_CALLBACKS_ENABLED) to C(fleetaudit.kernel_memory.summary).
requirements:
  - Enabled with C(callbacks_enabled = fleetaudit.kernel_memory.summary) in C(ansible.cfg).
seealso:
  - plugin: fleetaudit.kernel_memory.quiet
    plugin_type: callback
"""

from ansible.plugins.callback import CallbackBase

from ..plugin_utils._callback import Ending, Result
from ..plugin_utils._screen import Terminal, read_by_people
from ..plugin_utils.screen.audience import SUMMARY


class CallbackModule(CallbackBase):
    """Adapter: keeps what tasks of this collection say, and shows it at the end."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = SUMMARY
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._ending = Ending()

    def v2_runner_on_ok(self, result: object) -> None:
        """Keep what belongs to the end."""
        self._ending.keep(Result.of(result))

    def v2_runner_on_failed(self, result: object, **_how: object) -> None:
        """A report that makes its play fail is one all the same."""
        self._ending.keep(Result.of(result, failed=True))

    def v2_playbook_on_stats(self, _stats: object) -> None:
        """Show it."""
        if read_by_people():
            terminal = Terminal()
            lines = self._ending.lines(terminal.style)
            if lines:
                terminal.lines(["", *lines])
