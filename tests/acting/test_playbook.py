# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook and the task on this machine, with a real leak: as an operator runs them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

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


def test_a_leak_is_named_and_written_down(ansible: Ansible) -> None:
    """The answer on the screen, in JSON and for a ticket; a host that can't be reached costs itself only."""
    inventory = (
        f"all: {{hosts: {{web1: {LOCAL}, "
        "gone: {ansible_host: 127.0.0.1, ansible_port: 1, ansible_connection: ssh}}}"
    )
    with leak("page_tables", 4 * MIB) as pid:
        said = investigate(ansible, "-e", "kernel_mem_audit_investigate_bundle=true", inventory=inventory)
    assert said.exit_code == 0, said.output
    hosts = {host["name"]: host for host in document(ansible)["hosts"]}
    assert hosts["gone"]["outcome"] == "unreachable"
    culprit = hosts["web1"]["culprits"][0]
    assert (culprit["process"]["pid"], culprit["what"]) == (pid, "page tables"), said.output
    assert "has more and more page tables" in " ".join(said.output.split())
    assert "page tables" in (ansible.folder / "out" / "investigation.md").read_text()
    assert (ansible.folder / "out" / "investigation-bundle.tar.gz").stat().st_size > 1000


def test_by_the_ordinary_module_it_is_the_same(ansible: Ansible) -> None:
    """Where a connection carries no standard input, or a policy wants modules."""
    with leak("page_tables", 4 * MIB) as pid:
        said = investigate(ansible, "-e", "kernel_mem_audit_investigate_transport=module")
    assert said.exit_code == 0, said.output
    host = document(ansible)["hosts"][0]
    assert (host["transport"], host["culprits"][0]["process"]["pid"]) == ("module", pid), said.output


def test_too_many_hosts_are_refused_before_any_is_touched(ansible: Ansible) -> None:
    """A forgotten --limit is one sentence and no investigation."""
    inventory = json.dumps(
        {"all": {"hosts": {f"web{number}": {"ansible_connection": "local"} for number in range(11)}}}
    )
    said = investigate(ansible, inventory=inventory)
    assert said.exit_code != 0
    assert "match 11 hosts, and an investigation takes 10 at most" in " ".join(said.output.split())
    assert not (ansible.folder / "out").exists()


def test_the_worst_hosts_of_an_audit_are_asked(ansible: Ansible) -> None:
    """By the audit that this collection made of the same inventory."""
    level = {"percent_of_ram": 0.0001, "at_least": 1}
    policy = {"environments": {"production": {"limits": {"slab_unreclaimable": {"warning": level}}}}}
    inventory = f"all: {{hosts: {{web1: {LOCAL}, web2: {LOCAL}}}}}"
    audited = ansible.audit(
        "-e", json.dumps({"kernel_mem_audit_policy": policy, "kernel_mem_audit_history": "none"}), inventory=inventory
    )
    assert audited.wrote_report, audited.output
    bad = [host["name"] for host in audited.audit["hosts"] if host["findings"]]
    said = investigate(ansible, "-e", f"kernel_mem_audit_from={audited.report_dir}", inventory=inventory)
    assert said.exit_code == 0, said.output
    made = document(ansible)
    assert made["audit_run_id"] == audited.audit["run_id"]
    assert {host["name"] for host in made["hosts"] if host["role"] == "sick"} == set(bad)
    assert made["hosts"][0]["asked_dimensions"] == ["slab_unreclaimable"]
    page = (ansible.folder / "out" / "report.html").read_text(encoding="utf-8")
    assert '<section id="investigation">' in page and audited.audit["run_id"] in page


def test_no_answer_at_all_is_a_failure(ansible: Ansible) -> None:
    """An empty success would be believed."""
    gone = "all: {hosts: {gone: {ansible_host: 127.0.0.1, ansible_port: 1, ansible_connection: ssh}}}"
    said = investigate(ansible, inventory=gone)
    assert said.exit_code != 0
    assert "None of 1 host could be investigated." in " ".join(said.output.split())
    assert document(ansible)["hosts"][0]["outcome"] == "unreachable"


@pytest.mark.parametrize("argument", ["window=0", "trace_seconds=60", "transport=shell", "dimensions=['slab']"])
def test_a_wrong_setting_is_one_sentence(ansible: Ansible, argument: str) -> None:
    """Before the host is asked anything."""
    name, _sign, value = argument.partition("=")
    book = (
        "- hosts: all\n  gather_facts: false\n  tasks:\n    - fleetaudit.kernel_memory.kernel_memory_investigate:\n"
        f"        {name}: {value}\n"
    )
    said = ansible.play(book)
    assert said.exit_code != 0
    assert name in said.output and "Traceback" not in said.output
