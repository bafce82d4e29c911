# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An investigation over a real sshd, by the lean transport and by a module, by a user who becomes root and who does
not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.loopback import ROOT, Sshd
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible
from ansible_collections.fleetaudit.kernel_memory.tests.investigate.asking_here import leak
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers, this_python

MIB = 1 << 20
SETTINGS = {
    "kernel_mem_audit_investigate_windows": 3,
    "kernel_mem_audit_investigate_window": 1.0,
    "kernel_mem_audit_investigate_busy": False,
    "kernel_mem_audit_report_dir": "out",
}


@pytest.fixture(scope="module")
def sshd() -> Iterator[Sshd]:
    """Three addresses of this machine."""
    with place_for_servers() as folder:
        server = Sshd(Path(folder), 3)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def test_a_leak_is_named_over_ssh(tmp_path: Path, sshd: Sshd) -> None:
    """The same machine asked in three ways at a time names the same process; whoever is not root is told what root
    would add.
    """
    plain: dict[str, Any] = {"ansible_user": "auditor"} if ROOT else {}
    hosts: dict[str, dict[str, Any]] = {
        "lean": {"ansible_host": "127.0.1.1", "ansible_python_interpreter": this_python()},
        "module": {
            "ansible_host": "127.0.1.2",
            "kernel_mem_audit_investigate_transport": "module",
            "ansible_python_interpreter": this_python(),
        },
        "plain": {"ansible_host": "127.0.1.3", **plain},
    }
    common = sshd.variables()
    ansible = Ansible(tmp_path)
    inventory = ansible.write(
        "hosts.yml", json.dumps({"all": {"hosts": {n: {**common, **v} for n, v in hosts.items()}}})
    )
    with leak("page_tables", 4 * MIB) as pid:
        said = ansible.command(
            "ansible-playbook", "fleetaudit.kernel_memory.investigate", "-i", str(inventory), "-e", json.dumps(SETTINGS)
        )
    assert said.exit_code == 0, said.output
    found = {host["name"]: host for host in json.loads((tmp_path / "out" / "investigation.json").read_text())["hosts"]}
    assert {name: host["outcome"] for name, host in found.items()} == dict.fromkeys(hosts, "investigated"), said.output
    assert [found[name]["transport"] for name in hosts] == ["lean", "module", "lean"]
    named = {
        name: (host["culprits"][0]["process"] or {}).get("pid") for name, host in found.items() if host["culprits"]
    }
    assert named == dict.fromkeys(hosts, pid), said.output
    shown = " ".join(said.output.split())
    assert f"pid {pid}" in shown and "on 3 of 3 hosts" in shown
    if ROOT:
        assert not found["plain"]["machine"]["root"] and found["plain"]["not_read"], said.output
