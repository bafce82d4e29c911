# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A limit of time for each test: one that hangs fails, and says where it stood and which processes it left waiting.

The limit is there for what never ends, and no test is judged by it: it is many times what the slowest takes on a busy
machine. A test that needs more says so by ``@pytest.mark.limit(seconds)``. It is a signal, which Python hears between
two of its steps and in every wait; for what does not hear it ``tools/run_tests.py`` has a limit for each of its steps.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT

USUAL_SECONDS = 600
NIGHTLY_SECONDS = 6 * 3600
"""A property with 20,000 examples, say."""


def seconds_of(item: pytest.Item) -> int:
    """The limit of a test."""
    marker = item.get_closest_marker("limit")
    own = int(marker.args[0]) if marker else USUAL_SECONDS
    return max(own, NIGHTLY_SECONDS) if IS_NIGHT else own


class TimeLimit:
    """The plugin that sets a limit around each test with its fixtures."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Run a test under its limit."""
        seconds = seconds_of(item)

        def end(_signal: int, _frame: FrameType | None) -> None:
            pytest.fail(f"{item.nodeid} did not end in {seconds} s. {waited_for()}")

        before = signal.signal(signal.SIGALRM, end)
        signal.alarm(seconds)
        try:
            return (yield)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)


def waited_for() -> str:
    """A sentence that names the processes that this one has started and that are still there."""
    found = [f"{pid} ({command_of(pid)})" for pid in descendants(os.getpid())]
    return f"It left waiting: {', '.join(found)}." if found else "It waited for no process."


def descendants(of: int) -> list[int]:
    """The processes below a process, parents before children."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may have any sign in it; state and parent come after it.
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found, next_ones = [], [of]
    while next_ones:
        next_ones = [child for parent in next_ones for child in children.get(parent, [])]
        found += next_ones
    return found


def command_of(pid: int) -> str:
    """The command line of a process, shortened."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()[:200]
    except OSError:
        return "gone meanwhile"
