# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A signal that ends a process is noted, obeyed between two steps, and then given on."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, sys, time
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.signals import Interruption
# As a shell or nohup leaves it, whichever started these tests.
signal.signal(signal.SIGHUP, signal.SIG_IGN if sys.argv[1] == "ignored" else signal.SIG_DFL)
with Interruption() as interruption:
    print("ready", flush=True)
    end = time.monotonic() + 1
    while interruption.may_go_on() and (sys.argv[1] == "obeyed" or time.monotonic() < end):
        time.sleep(0.01)
    print("children ended", flush=True)
print("after", flush=True)
"""


def started(how: str) -> subprocess.Popen[bytes]:
    """A process that waits for a signal."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, how], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_children_are_ended_before_the_process(number: signal.Signals) -> None:
    """Ansible's own handler ends the process without a word; it comes last."""
    process = started("obeyed")
    process.send_signal(number)
    said, _nothing = process.communicate()
    assert said.startswith(b"children ended\n") and b"after" not in said
    assert process.returncode in (-number, 1)


def test_what_is_ignored_stays_ignored() -> None:
    """nohup ansible-playbook goes on when the terminal is gone."""
    process = started("ignored")
    process.send_signal(signal.SIGHUP)
    said, _nothing = process.communicate()
    assert said == b"children ended\nafter\n" and process.returncode == 0


def test_a_worker_whose_ansible_is_gone_ends() -> None:
    """kill -9 of ansible-playbook leaves its worker, which would ask thousands of hosts for nobody."""
    script = (
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1], 'obeyed'], stdout=subprocess.PIPE)\n"
        "assert child.stdout.readline() == b'ready\\n'\n"
        "print(child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.run(
        [sys.executable, "-c", script, SCRIPT], env=environment, stdout=subprocess.PIPE, check=False
    )
    child = int(parent.stdout)
    descriptor = os.pidfd_open(child) if os.path.exists(f"/proc/{child}") else None
    if descriptor is not None:
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            selector.select()  # until it has ended
        os.close(descriptor)
