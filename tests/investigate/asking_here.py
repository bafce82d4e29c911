# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask this machine the questions of an investigation, as a host is asked: by the program that travels, in a process of
its own; and make it leak meanwhile.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.ask import ask as ask_in_process
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import (
    Asked,
    ask_all,
    understood,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.program import program
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.lean import (
    command_for_input,
    read_answer,
)
from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import be_nobody
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import COLLECTIONS

LEAKING = "ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaking"
# Short windows, so that each kind of leak has its turn in a few seconds. The bound on load is raised and the floors are
# those of a quiet host, whatever else this machine does: leaks of some kinds can't be fast for long.
QUICK = Settings(windows=3, window_seconds=1.0, busy=False, trace=True, trace_seconds=1.0, trace_load=1000)
WITHOUT_TRACE = replace(QUICK, trace=False)

Plain = dict[str, Any]


def ask_here(request: Mapping[str, object], python: str = sys.executable) -> Plain:
    """Send one request to this machine as the lean transport sends it, and return the answer."""
    mark = secrets.token_hex(8)
    said = subprocess.run(
        ["sh", "-c", command_for_input((python,), mark)],
        input=program(mark, request),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    answer = read_answer(mark, said.stdout, said.stderr, said.returncode, (python,))
    assert answer.reading is not None, f"{answer.message} {said.stderr[-500:]}"
    return answer.reading


@contextmanager
def leak(kind: str, bytes_a_second: float) -> Iterator[int]:
    """A process that leaks, gone with all that it held afterwards; gives its number."""
    command = [sys.executable, "-S", "-m", LEAKING, kind, str(bytes_a_second)]
    surroundings, pipe = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}, subprocess.PIPE
    with subprocess.Popen(command, env=surroundings, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        try:
            said = process.stdout.readline()
            assert said == "leaking\n", f"{kind}: {process.stderr.read()[-500:]}"
            yield process.pid
            problem = process.stderr.read() if process.poll() is not None else ""
            assert not problem, f"{kind} ended: {problem[-500:]}"
        finally:
            process.stdin.close()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


class Nobody:
    """A child of this process that gives up every right and asks the same questions meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.reader, writer = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            try:
                be_nobody()
                told: Plain = {"readings": ask_all(lambda request: ask_in_process(dict(request)), settings).readings}
            except BaseException:
                told = {"failed": traceback.format_exc()}
            with os.fdopen(writer, "w") as handle:
                json.dump(told, handle)
            os._exit(0)
        os.close(writer)

    def asked(self) -> Asked:
        """What was answered."""
        with os.fdopen(self.reader) as handle:
            told = json.load(handle)
        os.waitpid(self.child, 0)
        assert "readings" in told, told["failed"]
        return understood(told["readings"], self.settings)


class Everybody:
    """What root with a trace, root without one and a plain user say of the same seconds."""

    def __init__(self, settings: Settings) -> None:
        nobody = Nobody(settings)
        try:
            self.traced = ask_all(ask_here, settings)
        finally:
            self.plain = nobody.asked()
        untraced = {name: answer for name, answer in self.traced.readings.items() if name != "trace"}
        self.untraced = understood(untraced, replace(settings, trace=False, trace_always=False))
