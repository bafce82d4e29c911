# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever ends a reader that traces, and whenever: no instance, no process and no file is left, and the next run
works.
"""

from __future__ import annotations

import ctypes
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import instance
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.ask import ask
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.trace_plan import (
    COUNTED_AS_PAGES,
    Plan,
    Step,
)
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT, as_many_as

SETTINGS = Settings(trace=True, trace_seconds=0.5, trace_load=1000)
PAGES = Plan(
    "unaccounted",
    (
        Step("kmem/mm_page_alloc", "alloc", "pfn", ("!(gfp_flags & 8)",), {"order": "order"}, stack=True),
        Step("kmem/mm_page_free", "free", "pfn", ("",), {"bytes": 0}),
    ),
    COUNTED_AS_PAGES,
)
REQUEST = SETTINGS.trace_request([PAGES])
# A busy machine may take its time; what is there after that stays.
GONE_SECONDS = 30
SUBREAPER = 36
STEPS = ("mkdir", "fork", "open", "write", "close", "read", "waitpid", "rmdir")
TRACED_WELL = 0


@pytest.fixture(autouse=True)
def orphans() -> Iterator[None]:
    """This process inherits what a dead reader leaves, so that it can be counted."""
    library = ctypes.CDLL(None)
    library.prctl(SUBREAPER, 1, 0, 0, 0)
    yield
    library.prctl(SUBREAPER, 0, 0, 0, 0)


def instances(tracefs: Path) -> list[Path]:
    """The instances of ours that are there."""
    return [path for path in (tracefs / "instances").iterdir() if path.name.startswith(instance.NAME)]


def wait_until(holds: Callable[[], bool]) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + GONE_SECONDS
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def no_child() -> bool:
    """Whether every child, those inherited too, has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return True
    return False


class Calls:
    """The module ``os`` as the instance sees it in a reader that dies at one of its calls, alone or with its
    watchdog.
    """

    def __init__(self, step: int, *, with_watchdog: bool) -> None:
        self.step, self.with_watchdog = step, with_watchdog
        self.reader, self.watchdog, self.count = os.getpid(), 0, 0

    def __getattr__(self, name: str) -> object:
        found = getattr(os, name)
        return self._counted(name, found) if name in STEPS and os.getpid() == self.reader else found

    def _counted(self, name: str, call: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object) -> object:
            self.count += 1
            if self.count == self.step:
                if self.with_watchdog and self.watchdog:
                    os.kill(self.watchdog, signal.SIGKILL)
                os.killpg(0, signal.SIGKILL)
            result = call(*arguments)
            if name == "fork" and isinstance(result, int):
                self.watchdog = result
            elif name == "waitpid":
                self.watchdog = 0
            return result

        return counted


class Reader:
    """A child in a session of its own that traces this machine, and dies at a step of it (0: at none)."""

    def __init__(self, step: int = 0, *, with_watchdog: bool = False) -> None:
        self.counts, told = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.setsid()
                calls = Calls(step, with_watchdog=with_watchdog)
                vars(instance)["os"] = calls
                said = ask(dict(REQUEST))
                os.write(told, str(calls.count).encode())
                code = TRACED_WELL if said["refused"] is None and said["traces"][0]["removed"] else 2
            finally:
                os._exit(code)
        os.close(told)

    def kill(self) -> None:
        """Kill everything of its session."""
        os.killpg(self.pid, signal.SIGKILL)

    def ended(self) -> tuple[int, int]:
        """Wait for its end: its exit code (-9: killed), and how many steps it made (0: not told)."""
        _pid, status = os.waitpid(self.pid, 0)
        with os.fdopen(self.counts) as handle:
            told = handle.read()
        return os.waitstatus_to_exitcode(status), int(told or 0)


def assert_nothing_is_left(tracefs: Path) -> None:
    """No instance, and no process."""
    assert wait_until(no_child)
    assert not instances(tracefs)


def assert_the_next_run_works(tracefs: Path) -> None:
    """A run after the others traces, and cleans up after them and itself."""
    assert Reader().ended()[0] == TRACED_WELL
    assert_nothing_is_left(tracefs)


@pytest.fixture(scope="module")
def steps(tracefs: Path) -> int:
    """How many steps a reader makes that nobody kills."""
    code, count = Reader().ended()
    assert code == TRACED_WELL
    assert count > 30
    return count


def test_a_reader_that_is_killed_at_a_step_leaves_nothing(tracefs: Path, steps: int) -> None:
    """Each call that changes or reads the instance, one after the other; in the ordinary step every fifth, and the
    first twelve, in which the instance is made.
    """
    for step in range(1, steps + 1):
        if IS_NIGHT or step <= 12 or step % 5 == 0:
            assert Reader(step).ended()[0] == -signal.SIGKILL, f"step {step}"
            assert_nothing_is_left(tracefs)
    assert_the_next_run_works(tracefs)


def test_a_reader_that_is_killed_at_any_moment_leaves_nothing(tracefs: Path, figures: list[str]) -> None:
    """By the kernel, by an operator, by the end of a connection: nobody asks first."""
    chance = random.Random(11)
    before = set(os.listdir("/tmp"))
    kills, there = as_many_as(5, 50), 0
    for _kill in range(kills):
        reader = Reader()
        time.sleep(chance.uniform(0.0, 1.6))
        there += bool(instances(tracefs))
        reader.kill()
        reader.ended()
        assert_nothing_is_left(tracefs)
    figures.append(f"{kills} kills at random moments, {there} with an instance; nothing left after any")
    assert_the_next_run_works(tracefs)
    assert {name for name in set(os.listdir("/tmp")) - before if "fleetaudit" in name or "investigate" in name} == set()


def test_killed_with_its_watchdog_it_records_nothing_any_more(tracefs: Path, steps: int) -> None:
    """Then the kernel itself has switched the events off and taken the buffer back; the next run removes the rest."""
    left = 0
    for step in range(20, steps, 1 if IS_NIGHT else 9):
        code, _count = Reader(step, with_watchdog=True).ended()
        assert code == -signal.SIGKILL
        assert wait_until(no_child)
        for path in instances(tracefs):
            left += 1
            # A new instance is on, and has no events; the kernel's switch is set before any event is.
            recording = (path / "tracing_on").read_text().strip() == "1"
            events = (path / "events" / "enable").read_text().strip() != "0"
            assert not (recording and events), f"step {step}"
        assert_the_next_run_works(tracefs)
    assert left > 0


def test_one_that_hangs_is_switched_off_and_ended(tracefs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that neither goes on nor dies must not keep a host's events on."""
    monkeypatch.setattr(instance, "PATIENCE_SECONDS", 1)
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            made = instance.Instance(str(tracefs), 1024, 1.0)
            made.put("events/kmem/mm_page_free/enable", 1)
            made.put("tracing_on", 1)
            os.kill(os.getpid(), signal.SIGSTOP)
        finally:
            os._exit(3)
    assert wait_until(lambda: bool(instances(tracefs)))
    assert wait_until(lambda: not instances(tracefs))
    _pid, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    assert_nothing_is_left(tracefs)


def test_two_at_a_time_are_refused(tracefs: Path) -> None:
    """Two traces would double what a host bears, and each would see the other."""
    made = instance.Instance(str(tracefs), 1024, 30)
    try:
        said = ask(dict(REQUEST))
    finally:
        assert made.close()
    assert said["refused"] == ["instance", "busy", None]
    assert_nothing_is_left(tracefs)
