# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with a finding is read a second time for who holds the memory, and loses nothing by it."""

from __future__ import annotations

import json
import sys

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible, Result

# Every Linux has more vmalloc memory than this, and by default nobody reads whose it is.
SMALL = {"percent_of_ram": 0.001, "at_least": 4096}
FLOOR = {"environments": {"production": {"limits": {"vmalloc": {"warning": SMALL}}}}}
LOCAL = f"{{ansible_connection: local, ansible_python_interpreter: {sys.executable}}}"
DEAD = "{ansible_host: 127.0.0.1, ansible_port: 1, ansible_connection: ssh}"
DIES = (
    "{ansible_host: 127.0.0.1, ansible_port: 1, "
    "ansible_connection: \"{{ 'ssh' if kernel_mem_audit_closer is defined else 'local' }}\"}"
)


def audit(ansible: Ansible, hosts: dict[str, str], *arguments: str, **settings: object) -> Result:
    """Audit hosts by a policy that finds vmalloc memory on each."""
    lines = "".join(f"    {name}: {variables}\n" for name, variables in hosts.items())
    given = json.dumps({"kernel_mem_audit_policy": FLOOR, **settings})
    return ansible.audit("-e", given, *arguments, inventory=f"all:\n  hosts:\n{lines}")


@pytest.mark.parametrize("transport", ["lean", "module", "shell"])
def test_who_holds_the_memory_is_read_where_a_finding_needs_it(ansible: Ansible, transport: str) -> None:
    """By every transport; what the finding does not need is not gathered, and the report says what was done."""
    result = audit(ansible, {"a": LOCAL, "b_dead": DEAD}, kernel_mem_audit_transport=transport)
    assert result.exit_code == 0, result.output
    host = result.host("a")
    assert host["verdict"] == "warning" and host["transport"] == transport
    assert "vmalloc_callers" in host["attribution"]
    assert "descriptors" not in host["attribution"]
    assert result.host("b_dead")["no_data"]["reason"] == "refused"
    assert any("1 host with a finding was read a second time" in note for note in result.audit["notes"])


def test_what_is_left_out_by_name_stays_left_out(ansible: Ansible) -> None:
    """Who does not want a file read has a reason."""
    result = audit(ansible, {"a": '{ansible_connection: local, kernel_mem_audit_gather_subset: ["!vmalloc"]}'})
    assert result.exit_code == 0, result.output
    assert result.host("a")["verdict"] == "warning"
    assert "vmalloc_callers" not in result.host("a")["attribution"]


def test_no_host_is_read_again_where_nobody_wants_it(ansible: Ansible) -> None:
    """0 is for those who count every connection."""
    result = audit(ansible, {"a": LOCAL}, kernel_mem_audit_closer_look=0)
    assert result.exit_code == 0, result.output
    assert result.host("a")["verdict"] == "warning"
    assert "vmalloc_callers" not in result.host("a")["attribution"]


def test_a_host_that_dies_in_between_keeps_its_first_reading(ansible: Ansible) -> None:
    """An audited host never becomes one without data by being looked at more closely."""
    result = audit(ansible, {"a": DIES})
    assert result.exit_code == 0, result.output
    assert "unreachable=0" in result.output and "ignored=1" in result.output
    host = result.host("a")
    assert (host["verdict"], host["no_data"]) == ("warning", None)
    assert "vmalloc_callers" not in host["attribution"]


def test_check_mode_reads_again_and_writes_nothing(ansible: Ansible) -> None:
    """What would be found is what is found."""
    result = audit(ansible, {"a": LOCAL}, "--check")
    assert result.exit_code == 0, result.output
    assert "1 host with a finding" in result.output and not result.wrote_report


ROLE = """
- hosts: all
  gather_facts: false
  roles: [fleetaudit.kernel_memory.kernel_mem_audit]
"""


def test_the_role_reads_them_again_too(ansible: Ansible) -> None:
    """In a play of somebody's own; a host that is not there stays the host without data that it was."""
    lines = f"all: {{hosts: {{a: {LOCAL}, b_dead: {DEAD}}}}}\n"
    settings = {"kernel_mem_audit_policy": FLOOR, "kernel_mem_audit_report_dir": "report"}
    result = ansible.play(ROLE, "-e", json.dumps(settings), inventory=lines)
    assert result.exit_code == 0, result.output
    read, lost = json.loads((ansible.folder / "report" / "audit.json").read_text())["hosts"]
    assert read["name"] == "a" and "vmalloc_callers" in read["attribution"]
    assert lost["no_data"]["reason"] == "refused"
