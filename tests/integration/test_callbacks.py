# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the terminal shows under the callbacks of this collection, and that others' output stays theirs."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import PATIENT, Ansible

FLEET = """
all:
  hosts:
    a: {ansible_connection: local}
    b: {ansible_connection: local}
    dead: {ansible_host: 127.0.0.1, ansible_port: 1}
    undefined: {ansible_connection: "{{ nothing_here }}"}
"""
QUIET = "fleetaudit.kernel_memory.quiet"
SUMMARY = "fleetaudit.kernel_memory.summary"
PLUGINS = str(Path(__file__).parent / "callback_plugins")


@pytest.mark.parametrize("way", ["task", "fanout"])
def test_quiet_shows_who_has_no_data_and_ends_with_the_verdict(ansible: Ansible, way: str) -> None:
    """Both ways of asking hosts report through the same spool; hosts that are well have no line."""
    result = ansible.audit("-e", f"kernel_mem_audit_gather={way}", inventory=FLEET, ANSIBLE_STDOUT_CALLBACK=QUIET)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "ASKING    4 hosts"
    assert sum(line.startswith("NO DATA   dead: Connection refused: ") for line in lines) == 1, result.output
    assert sum(line.startswith("NO DATA   undefined: Gathering failed: ") for line in lines) == 1
    assert "ASKED     4 of 4 hosts, 2 without data" in lines
    assert not any(word in result.output for word in ("RECAP", "TASK [", "PLAY [", "ok:", "[ERROR]", "UNREACHABLE"))
    assert any(line.startswith("NO DATA   2 of 4 hosts: of these nothing is known.") for line in lines[-4:])
    assert lines[-1].startswith("REPORT    reports/")


def test_a_verdict_that_fails_the_play_is_still_the_end(ansible: Ansible) -> None:
    """With the reason beside it."""
    arguments = ("-e", "kernel_mem_audit_fail_on=unknown")
    result = ansible.audit(*arguments, inventory=FLEET, ANSIBLE_STDOUT_CALLBACK=QUIET)
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("REPORT    reports/")
    assert "NOTE      " in result.output and "fail_on" in result.output, result.output


def test_summary_adds_the_last_screen_and_changes_nothing_else(ansible: Ansible) -> None:
    """The recap stays, and the verdict stands below it."""
    result = ansible.audit("-l", "a,dead", inventory=FLEET, ANSIBLE_CALLBACKS_ENABLED=SUMMARY)
    recap, _head, end = result.output.partition("PLAY RECAP")
    assert "TASK [Gather kernel memory]" in recap and "REPORT    " not in recap
    assert "PARTIAL   2 hosts were asked (--limit a,dead): this says nothing of the others." in end
    assert end.rstrip().splitlines()[-1].startswith("REPORT    reports/")


@pytest.mark.parametrize("way", ["task", "fanout"])
@pytest.mark.parametrize("enabled", ["", SUMMARY])
def test_a_program_reads_its_own_format(ansible: Ansible, way: str, enabled: str) -> None:
    """A sentence before a JSON document makes it none."""
    inventory = ansible.write("hosts.yml", FLEET)
    said = subprocess.run(
        [
            str(Path(sys.executable).parent / "ansible-playbook"),
            "fleetaudit.kernel_memory.audit",
            "-i",
            str(inventory),
            *("-e", f"kernel_mem_audit_gather={way}"),
            *PATIENT,
        ],
        cwd=ansible.folder,
        env={
            **ansible.environment,
            "ANSIBLE_CALLBACK_PLUGINS": PLUGINS,
            "ANSIBLE_STDOUT_CALLBACK": "one_json",
            **({"ANSIBLE_CALLBACKS_ENABLED": enabled} if enabled else {}),
        },
        capture_output=True,
        check=False,
    )
    assert "a" in json.loads(said.stdout)["hosts"], said.stderr.decode()[-2000:]


def test_a_terminal_has_progress_and_an_interrupted_run_says_how_to_go_on(ansible: Ansible) -> None:
    """A hundred hosts that hang, Ctrl-C, and what was gathered is not lost without a word."""
    slow = ansible.write("slow-python", "#!/bin/sh\nsleep 600\n")
    slow.chmod(0o755)
    hosts = "".join(
        f"    h{number}: {{ansible_connection: local, ansible_python_interpreter: {slow}}}\n" for number in range(100)
    )
    inventory = ansible.write("hosts.yml", f"all:\n  hosts:\n    well: {{ansible_connection: local}}\n{hosts}")
    ours, theirs = pty.openpty()
    program = Path(sys.executable).parent / "ansible-playbook"
    running = subprocess.Popen(
        [str(program), "fleetaudit.kernel_memory.audit", "-i", str(inventory), *PATIENT],
        cwd=ansible.folder,
        env={**ansible.environment, "ANSIBLE_STDOUT_CALLBACK": QUIET, "TERM": "xterm", "ANSIBLE_FORKS": "5"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    said = _read_until(ours, b"1 of 101 hosts")
    Thread(target=_interrupt, args=(running,), daemon=True).start()
    said += _read_until(ours, None)
    running.wait()
    text = said.decode()
    assert "\r\x1b[K" in text
    end = text.rpartition("INTERRUPTED")[2]
    assert "What was gathered is kept. This makes the report from it:" in " ".join(end.split()), text[-3000:]
    assert "fleetaudit.kernel_memory.report" in end and "kernel_mem_audit" in end


def _interrupt(running: subprocess.Popen[bytes]) -> None:
    """Send it to all that run in a terminal, as Ctrl-C does, and again: Ansible that forks at that moment loses it, and
    waits for ever for hosts that it has given up.
    """
    while running.poll() is None:
        os.killpg(running.pid, signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            running.wait(10)


def _read_until(handle: int, wanted: bytes | None) -> bytes:
    """Read a terminal until it has shown some words, or until its other side is closed."""
    said = b""
    while wanted is None or wanted not in said:
        try:
            piece = os.read(handle, 65536)
        except OSError:
            piece = b""
        if not piece:
            return said
        said += piece
        time.sleep(0)
    return said
