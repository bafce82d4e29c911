# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clients at once, from one thread: bounded in number, and none left whatever happens."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout import client as _client
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import Call, End, Said
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.loop import MOST_THROUGH_ONE_JUMP, Loop
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.fanout.clients import (
    LONG,
    call,
    left,
    run,
)


def test_no_more_than_wanted_run_at_a_time(tmp_path: Path) -> None:
    """The bound is what the operator gives for the controller's memory; calls are drawn as there is room."""
    drawn = itertools.count()
    most = 0

    def calls() -> Iterator[Call]:
        for number in range(40):
            next(drawn)
            yield call(str(number), f"touch {tmp_path}/{number}; sleep 0.05; rm {tmp_path}/{number}")

    ended = 0

    def finished(_call: Call, _said: Said) -> None:
        nonlocal most, ended
        ended += 1
        most = max(most, len(os.listdir(tmp_path)) + 1)
        begun = int(repr(drawn).strip("count()"))
        assert begun - ended <= 7

    assert Loop(7, finished, lambda: True).run(calls())
    assert ended == 40 and most <= 7


def test_few_at_a_time_through_one_jump_host(tmp_path: Path) -> None:
    """sshd drops connections from the tenth on that has not logged in; the others need not wait for them."""
    through = [call(f"j{n}", f"touch {tmp_path}/{n}; sleep 0.1; rm {tmp_path}/{n}", jump=b"jump") for n in range(30)]
    most = 0
    order = []

    def finished(done: Call, _said: Said) -> None:
        nonlocal most
        order.append(done.host)
        most = max(most, len(os.listdir(tmp_path)) + (done.jump != b""))

    others = [call(f"o{n}", "true") for n in range(30)]
    assert Loop(50, finished, lambda: True).run(iter([*through, *others]))
    assert sorted(order) == sorted(made.host for made in [*through, *others])
    assert most <= MOST_THROUGH_ONE_JUMP


def test_a_second_call_for_a_host_waits_its_pause() -> None:
    """Who was turned away at a full door comes back later, and meanwhile the others are served."""
    began = time.monotonic()
    order: list[tuple[str, bytes]] = []

    def finished(done: Call, said: Said) -> Call | None:
        order.append((done.host, said.out))
        return call("h", "echo second", pause=2.0) if said.out == b"first\n" else None

    assert Loop(2, finished, lambda: True).run(iter([call("h", "echo first"), call("other", "echo other")]))
    assert sorted(order[:2]) == [("h", b"first\n"), ("other", b"other\n")] and order[2:] == [("h", b"second\n")]
    assert time.monotonic() - began >= 2.0


def test_what_cannot_be_started_is_said() -> None:
    """A wrong ssh_executable costs its hosts, not the run."""
    missing = Call("h", (b"/no/such/ssh",), b"", LONG)
    came = run(missing, call("other", "echo yes"))
    assert came["h"].end is End.NOT_STARTED and b"No such file" in came["h"].err
    assert came["other"].out == b"yes\n"


def test_without_room_for_another_process_it_waits_for_those_that_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit on processes or descriptors that others use up, too, must not cost a host its answer."""
    real, failures = _client.subprocess.Popen, iter([False, True, True] + [False] * 99)

    def popen(*arguments: Any, **more: Any) -> Any:
        if next(failures):
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real(*arguments, **more)

    monkeypatch.setattr(_client.subprocess, "Popen", popen)
    came = run(call("a", "sleep 0.2; echo a"), call("b", "echo b"), call("c", "echo c"))
    assert {host: said.out for host, said in came.items()} == {"a": b"a\n", "b": b"b\n", "c": b"c\n"}


def test_an_end_that_is_wanted_leaves_no_client() -> None:
    """Ctrl-C: what runs is ended and said to be interrupted, nothing more is started."""
    marker = f"44{os.getpid()}"
    came: dict[str, Said] = {}
    rounds = itertools.count()
    loop = Loop(5, lambda done, said: came.__setitem__(done.host, said), lambda: next(rounds) < 2)
    calls = (call(str(number), f"trap '' TERM INT; sleep {marker}") for number in range(100))
    assert loop.run(calls) is False
    assert len(came) == 5 and {said.end for said in came.values()} == {End.INTERRUPTED}
    assert left(marker) == []


def test_an_error_in_the_middle_leaves_no_client() -> None:
    """A full disk under the spool ends the run; the error comes out, and no child is left."""
    marker = f"55{os.getpid()}"

    def finished(_call: Call, _said: Said) -> None:
        raise RuntimeError("the disk is full")

    calls = [call("first", "true"), *(call(str(number), f"sleep {marker}") for number in range(5))]
    with pytest.raises(RuntimeError, match="the disk is full"):
        Loop(6, finished, lambda: True).run(iter(calls))
    assert left(marker) == []


def test_descriptors_are_given_back() -> None:
    """4,000 hosts after each other must not run out of what 50 at a time need."""
    before = len(os.listdir("/proc/self/fd"))
    run(*(call(str(number), "cat", b"x") for number in range(40)))
    run(call("late", "sleep 9", seconds=0.1), call("flood", "cat /dev/zero"), Call("none", (b"/no/ssh",), b"", 1.0))
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_limit_of_descriptors_is_raised_or_kept(tmp_path: Path) -> None:
    """Many at once need four each; where the hard limit forbids it, fewer are asked at once and none is lost."""
    script = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, int(sys.argv[1])))\n"
        "from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.loop import Loop\n"
        "from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import Call\n"
        "ends = []\n"
        "calls = (Call(str(n), (b'/bin/sh', b'-c', b'sleep 0.01'), b'', 60.0) for n in range(120))\n"
        "Loop(100, lambda call, said: ends.append(said.end.name), lambda: True).run(calls)\n"
        "assert ends == ['ENDED'] * 120, ends\n"
    )
    for hard in ("4096", "100"):
        path = os.pathsep.join(sys.path)
        done = subprocess.run(
            [sys.executable, "-c", script, hard],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()[-500:]
