# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""kernel_memory_facts in a user's own play: keywords that work, and clear answers to those that can't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible

SPOOL = "spool: spool.jsonl, run_id: r1"


def play(arguments: str, keywords: str = "", then: str = "") -> str:
    """A play with one gathering task."""
    return f"""
- hosts: all
  gather_facts: false
  tasks:
    - fleetaudit.kernel_memory.kernel_memory_facts: {{{arguments}}}
{keywords}
    - ansible.builtin.assert:
        that: {then or "ansible_facts.kernel_memory.kernel_total_bytes > 0"}
"""


def test_facts_and_filter_in_a_users_play(ansible: Ansible) -> None:
    """The documented per-host use: gather, then judge with the filter."""
    then = "(ansible_facts.kernel_memory | fleetaudit.kernel_memory.classify).verdict in ['ok', 'warning', 'critical']"
    result = ansible.play(play("", then=then))
    assert result.exit_code == 0, result.output


def test_delegate_to_gathers_the_delegate(ansible: Ansible) -> None:
    """As with any facts module, the delegate is read and the facts are the inventory host's."""
    inventory = "all: {hosts: {web1: {ansible_host: 192.0.2.1}, helper: {ansible_connection: local}}}"
    result = ansible.play(play("", "      delegate_to: helper"), "--limit", "web1", inventory=inventory)
    assert result.exit_code == 0, result.output


def test_loop_works_without_a_spool(ansible: Ansible) -> None:
    """A loop over roots, say, is a plain use."""
    result = ansible.play(play("proc_root: '{{ item }}'", "      loop: [/proc]"))
    assert result.exit_code == 0, result.output


def test_async_brings_facts_by_the_module(ansible: Ansible, tmp_path: Path) -> None:
    """async needs the ordinary module; the task must not fail for it."""
    # Ansible writes below $HOME and looks below the home in passwd, which are two here.
    given = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "ansible_async_dir": str(tmp_path / "jobs")}
    result = ansible.play(play("", "      async: 60\n      poll: 1"), "-e", json.dumps(given))
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("keyword", "line"), [("loop", "loop: [1]"), ("delegate_to", "delegate_to: web1"), ("async", "async: 60")]
)
def test_spool_refuses_what_would_mix_up_hosts(ansible: Ansible, keyword: str, line: str) -> None:
    """A spool line that can't be told apart must not be written."""
    result = ansible.play(play(SPOOL, f"      {line}"))
    assert result.exit_code != 0
    assert f"spool can't be combined with {keyword}" in result.output
    assert not (ansible.folder / "spool.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("deadline: 0", "deadline is 0; give a number of seconds from 1 to 300"),
        ("proc_root: proc", "give an absolute path on the host"),
        ("transport: telnet", "transport must be one of"),
        ("spool: x", "spool needs run_id"),
        ("proc_root: /nowhere", "/nowhere"),
        ("colour: red", "colour"),
    ],
)
def test_bad_arguments_get_one_sentence(ansible: Ansible, arguments: str, sentence: str) -> None:
    """What is wrong, where, what to do; and no facts."""
    result = ansible.play(play(arguments))
    assert result.exit_code == 2
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_check_mode_gathers(ansible: Ansible) -> None:
    """Nothing is changed by gathering, so check mode gives the same facts."""
    result = ansible.play(play(""), "--check")
    assert result.exit_code == 0, result.output
    assert "changed=0" in result.output


def test_spool_may_be_kept(ansible: Ansible) -> None:
    """A spool given by the user stays, private to the user."""
    result = ansible.play(play(SPOOL, then="true"))
    assert result.exit_code == 0, result.output
    assert (ansible.folder / "spool.jsonl").stat().st_mode & 0o777 == 0o600


def test_role_audits_the_hosts_of_its_play(ansible: Ansible) -> None:
    """The role is the same audit inside anybody's play."""
    book = """
- hosts: all
  gather_facts: false
  roles: [fleetaudit.kernel_memory.kernel_mem_audit]
"""
    result = ansible.play(
        book, inventory="all: {hosts: {a: {ansible_connection: local}, b: {ansible_port: 1, ansible_host: 127.0.0.1}}}"
    )
    assert result.exit_code == 0, result.output
    assert result.host("a")["no_data"] is None
    assert result.host("b")["no_data"]["reason"] == "refused"


def test_role_refuses_a_wrong_variable(ansible: Ansible) -> None:
    """argument_specs is the reference and is enforced."""
    book = """
- hosts: all
  gather_facts: false
  roles:
    - {role: fleetaudit.kernel_memory.kernel_mem_audit, kernel_mem_audit_fail_on: [nothing]}
"""
    result = ansible.play(book)
    assert result.exit_code == 2
    assert "kernel_mem_audit_fail_on" in result.output
