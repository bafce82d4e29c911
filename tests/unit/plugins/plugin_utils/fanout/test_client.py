# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One client: what it is given and gives, its bounds, and its end with all that it started.

The clients are shell programs, real processes that do to us what ssh does: they answer late, without end, in pieces,
on two streams, start children, and close early. What they can't do is the network.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout import client as _client
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import Call, End
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.fanout.clients import (
    LONG,
    call,
    left,
    run,
)


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
    said = run(call("h", f"echo answer; sleep {marker} & exit 0"))["h"]
    assert (said.end, said.out) == (End.ENDED, b"answer\n")
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


def test_quoting_is_nobodys_business_here() -> None:
    """Arguments go to the client as they are."""
    odd = "a 'b' \"c\" $HOME ;"
    made = Call("h", (b"/bin/echo", odd.encode()), b"", LONG)
    assert run(made)["h"].out.decode().strip() == odd == shlex.split(shlex.quote(odd))[0]
