# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook on this machine where it traces: what it names, and what it leaves when the controller is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import instance
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible, Result
from ansible_collections.fleetaudit.kernel_memory.tests.investigate.asking_here import leak

MIB = 1 << 20
LOCAL = f"{{ansible_connection: local, ansible_python_interpreter: {sys.executable}}}"
HERE = f"all: {{hosts: {{web1: {LOCAL}}}}}"
QUICK = (
    "-e",
    json.dumps(
        {
            "kernel_mem_audit_investigate_windows": 3,
            "kernel_mem_audit_investigate_window": 1.0,
            "kernel_mem_audit_investigate_busy": False,
            "kernel_mem_audit_trace_seconds": 1.0,
            "kernel_mem_audit_trace_load": 1000,
            "kernel_mem_audit_report_dir": "out",
        }
    ),
)


@pytest.fixture
def ansible(tmp_path: Path) -> Ansible:
    """Ansible in an empty folder."""
    return Ansible(tmp_path)


def investigate(ansible: Ansible, *arguments: str, inventory: str = HERE) -> Result:
    """Run the playbook."""
    hosts = str(ansible.write("hosts.yml", inventory))
    return ansible.command("ansible-playbook", "fleetaudit.kernel_memory.investigate", "-i", hosts, *QUICK, *arguments)


def document(ansible: Ansible) -> dict[str, Any]:
    """What was written."""
    found: dict[str, Any] = json.loads((ansible.folder / "out" / "investigation.json").read_text())
    return found


def test_what_is_not_named_is_traced_where_that_is_asked_for(ansible: Ansible, tracefs: Path) -> None:
    """And only then; in check mode never."""
    with leak("unix_datagrams", 2 * MIB) as pid:
        untraced = investigate(ansible)
        assert untraced.exit_code == 0, untraced.output
        assert document(ansible)["hosts"][0]["traces"] == []
        assert "-e kernel_mem_audit_trace=true" in untraced.output, untraced.output
        checked = investigate(ansible, "--check", "-e", "kernel_mem_audit_trace=true")
        assert checked.exit_code == 0, checked.output
        traced = investigate(ansible, "-e", "kernel_mem_audit_trace=true")
    assert traced.exit_code == 0, traced.output
    host = document(ansible)["hosts"][0]
    assert [trace["removed"] for trace in host["traces"]] == [True] * len(host["traces"]) and host["traces"], (
        traced.output
    )
    found = [one for one in host["culprits"] if one["process"] and one["process"]["pid"] == pid]
    assert found and "unix_dgram_sendmsg" in found[0]["functions"], traced.output
    assert not list((tracefs / "instances").glob(instance.NAME + "*"))


def test_a_lost_controller_leaves_nothing_on_the_host(ansible: Ansible, tracefs: Path) -> None:
    """The operator's laptop goes to sleep in the middle of a trace."""
    book = ansible.write(
        "book.yml",
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - fleetaudit.kernel_memory.kernel_memory_investigate:\n"
        "        {windows: 2, window: 0.5, trace_always: true, trace_seconds: 5, trace_load: 1000, "
        "dimensions: [unaccounted]}\n",
    )
    hosts = ansible.write("hosts.yml", HERE)
    program = str(Path(sys.executable).parent / "ansible-playbook")
    with subprocess.Popen(
        [program, str(book), "-i", str(hosts)],
        cwd=ansible.folder,
        env=ansible.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + 60
        while not list((tracefs / "instances").glob(instance.NAME + "*")) and time.monotonic() < end:
            time.sleep(0.05)
        assert list((tracefs / "instances").glob(instance.NAME + "*"))
        os.killpg(process.pid, signal.SIGKILL)
    end = time.monotonic() + 60
    while list((tracefs / "instances").glob(instance.NAME + "*")) and time.monotonic() < end:
        time.sleep(0.2)
    assert not list((tracefs / "instances").glob(instance.NAME + "*"))
