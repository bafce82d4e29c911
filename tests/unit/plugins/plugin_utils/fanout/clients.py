# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shell programs in the place of ssh: real processes, started by a loop as calls of hosts."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import Call, Said
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.loop import Loop

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
    """Processes that have *marker* in their command line, when those that were killed are gone: none, then.

    One that is not killed is waited for until the limit of the test, which names what it waited for.
    """
    while found := [line for line in command_lines() if marker in line]:
        time.sleep(0.05)
    return found


def command_lines() -> Iterator[str]:
    """The command lines of all other processes."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if path.parent.name != str(os.getpid()):
            with contextlib.suppress(OSError):
                yield path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
