# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wish to end, noted and obeyed between two steps, so that no child is forgotten.

Ansible's workers end at SIGINT and SIGTERM without a word and without their children (from ansible-core 2.19 on by
ending their process group, which an ssh client with a session of its own is not in). So the signal is noted first, and
given to Ansible when the children are gone.
"""

from __future__ import annotations

import os
import signal
from types import FrameType, TracebackType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """While it is entered, it holds back the signals that end a process; when it is left, they do what they did."""

    def __init__(self) -> None:
        self._came: list[int] = []
        self._parent = os.getppid()

    def may_go_on(self) -> bool:
        """Return whether nobody wants an end, and the process that started this one is still there."""
        return not self._came and os.getppid() == self._parent

    def __enter__(self) -> Interruption:
        # What is ignored (nohup) stays so.
        wanted = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._note) for number in wanted}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
        if self._came:
            os.kill(os.getpid(), self._came[0])

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._came.append(number)
