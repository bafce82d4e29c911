# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clients at once, from one thread: bounded in number, time and output, and none left whatever happens.

The clients are shell programs, real processes that do to us what ssh does: they answer late, without end, in pieces,
on two streams, start children, and close early. What they can't do is the network.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shlex
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

LONG = 60.0


def call(host: str, script: str, program: bytes = b"", **more: Any) -> Call:
    """A call of a shell program in the place of ssh."""
    settings = {"seconds": LONG, **more}
    return Call(host=host, arguments=(b"/bin/sh", b"-c", script.encode()), program=program, **settings)


def run(*calls: Call, at_once: int = 10) -> dict[str, Said]:
    """What each call came to."""
    came: dict[str, Said] = {}

    def finished(done: Call, said: Said) -> None:
        assert done.host not in came, "a call came to its end twice"
        came[done.host] = said

    assert Loop(at_once, finished, lambda: True).run(iter(calls))
    return came


def left(marker: str) -> list[str]:
    """Processes that have *marker* in their command line and don't go away."""
    found: list[str] = []
    for _look in range(100):
        found = [line for line in command_lines() if marker in line]
        if not found:
            break
        time.sleep(0.05)  # a process that was killed needs a moment to be gone
    return found


def command_lines() -> Iterator[str]:
    """The command lines of all other processes."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if path.parent.name != str(os.getpid()):
            with contextlib.suppress(OSError):
                yield path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")


def test_each_gets_its_own_input_and_gives_its_own_output() -> None:
    """Nothing of one host may reach another."""
    calls = [call(f"h{number}", "cat; echo err >&2; exit 3", b"program %d" % number) for number in range(30)]
    came = run(*calls)
    assert {host: said.out for host, said in came.items()} == {f"h{n}": b"program %d" % n for n in range(30)}
    assert all((said.end, said.exit_code, said.err) == (End.ENDED, 3, b"err\n") for said in came.values())


def test_a_large_program_and_a_large_answer_pass_each_other() -> None:
    """Pipes hold 64 KiB: who writes all before reading would wait for ever."""
    program = bytes(range(256)) * 1024
    assert run(call("h", "cat", program))["h"].out == program


def test_a_client_that_does_not_read_is_no_error() -> None:
    """ssh that can't connect closes its input unread; its words are what counts."""
    said = run(call("h", "exec <&-; echo refused >&2; exit 255", b"x" * 1000000))["h"]
    assert (said.end, said.exit_code, said.err) == (End.ENDED, 255, b"refused\n")


def test_late_clients_are_ended_with_all_that_they_started(tmp_path: Path) -> None:
    """A jump host's client is a child of ssh; it may not outlive it."""
    marker = f"11{os.getpid()}"
    said = run(call("h", f"sleep {marker} & sleep {marker}; echo no", seconds=0.2), call("other", "echo yes"))
    assert said["h"].end is End.LATE and said["h"].exit_code < 0 and said["other"].out == b"yes\n"
    assert left(marker) == []


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_flood_is_cut_at_its_bound(stream: str) -> None:
    """A host that sends without end costs bounded memory, and no place for the whole time."""
    said = run(call("h", f"exec cat /dev/zero >&{stream}"), call("other", "echo yes"))
    assert said["h"].end is End.FLOODED and said["other"].out == b"yes\n"
    assert len(said["h"].out) <= _client.MOST_OUTPUT_BYTES + 65536
    assert len(said["h"].err) <= _client.KEPT_ERROR_BYTES


def test_the_end_of_a_long_error_is_kept() -> None:
    """ssh prints the host's banner before the cause."""
    said = run(call("h", "head -c 100000 /dev/zero | tr '\\0' b >&2; echo cause >&2; exit 255"))["h"]
    assert said.end is End.ENDED and said.err.endswith(b"bcause\n") and len(said.err) == _client.KEPT_ERROR_BYTES


def test_a_client_that_is_gone_is_not_waited_for_while_a_child_holds_its_pipes() -> None:
    """What a login shell leaves running keeps the pipes open; ssh itself has ended and its answer is there."""
    marker = f"22{os.getpid()}"
    began = time.monotonic()
    said = run(call("h", f"echo answer; sleep {marker} & exit 0"))["h"]
    assert (said.end, said.out) == (End.ENDED, b"answer\n")
    assert time.monotonic() - began < LONG / 2
    assert left(marker) == []


def test_without_a_descriptor_for_the_end_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS and Linux before 5.3 have none."""

    def refuse(_pid: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    marker = f"33{os.getpid()}"
    came = run(call("h", f"echo answer; sleep {marker} & exit 5"), call("other", "cat", b"x"))
    assert (came["h"].out, came["h"].exit_code, came["other"].out) == (b"answer\n", 5, b"x")
    assert left(marker) == []


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
        return call("h", "echo second", pause=0.4) if said.out == b"first\n" else None

    assert Loop(2, finished, lambda: True).run(iter([call("h", "echo first"), call("other", "sleep 0.1; echo other")]))
    assert order == [("h", b"first\n"), ("other", b"other\n"), ("h", b"second\n")]
    assert time.monotonic() - began >= 0.4


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


def test_quoting_is_nobodys_business_here() -> None:
    """Arguments go to the client as they are."""
    odd = "a 'b' \"c\" $HOME ;"
    made = Call("h", (b"/bin/echo", odd.encode()), b"", LONG)
    assert run(made)["h"].out.decode().strip() == odd == shlex.split(shlex.quote(odd))[0]
