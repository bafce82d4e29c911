# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible alone goes on after, and the gate does not: one play, run once without the gate and once with it.

Each case is a way in which ``ansible-playbook`` starts the next batch although a host of the last one was lost, failed,
or came back wrong. The gate is included as a user would do it; nothing else of the play differs.
"""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab

BOOK = """\
- hosts: {hosts}
  gather_facts: false
{keywords}
  vars:
    gated: false
  tasks:
    - ansible.builtin.include_role: {{name: fleetaudit.kernel_memory.kernel_mem_audit, tasks_from: gate}}
      vars: {{kernel_mem_audit_phase: before}}
      when: gated | bool
{change}
    - ansible.builtin.include_role: {{name: fleetaudit.kernel_memory.kernel_mem_audit, tasks_from: gate}}
      vars: {{kernel_mem_audit_phase: after}}
      when: gated | bool
    - ansible.builtin.include_role: {{name: fleetaudit.kernel_memory.kernel_mem_audit, tasks_from: gate}}
      vars: {{kernel_mem_audit_phase: batch}}
      when: gated | bool
"""
UPGRADE = "    - ansible.builtin.command: sh LAB/upgrade.sh LAB/hosts/{{ inventory_hostname }}\n"
REBOOT = "    - ansible.builtin.command: sh LAB/reboot.sh LAB/hosts/{{ inventory_hostname }}\n"
PROBE = "    - ansible.builtin.command: cat LAB/hosts/{{ inventory_hostname }}/now/proc/meminfo\n"
SURVIVORS = '    - ansible.builtin.assert: {{that: "ansible_play_batch | length > 0"}}\n      run_once: true\n'.replace(
    "{{", "{"
).replace("}}", "}")
SKIPPED_FOR_ALL = (
    "    - ansible.builtin.fail: {msg: stop}\n      run_once: true\n      when: inventory_hostname != "
    "ansible_play_batch[0]\n"
)


def indented(tasks: str) -> str:
    """Tasks as the inside of a block."""
    return "".join(f"    {line}\n" for line in tasks.splitlines())


RESCUED = (
    "    - block:\n"
    + indented(UPGRADE + REBOOT)
    + "      rescue:\n"
    + indented("    - ansible.builtin.debug: {msg: rescued}\n")
)
RESCUED_REBOOT = (
    "    - block:\n"
    + indented(UPGRADE + REBOOT + PROBE)
    + "      rescue:\n"
    + indented("    - ansible.builtin.debug: {msg: rescued}\n")
)
ENDED = UPGRADE + "    - ansible.builtin.meta: end_batch\n" + REBOOT
IGNORED = UPGRADE + REBOOT + PROBE + "      ignore_unreachable: true\n"

CASES = {
    # number of the behaviour, keywords of the play, part of the first host, tasks
    "1 a host fails and there is no limit": ("serial: 2", "broken_upgrade", UPGRADE + REBOOT),
    "2 max_fail_percentage is by batch and does not add up": (
        "serial: 2\n  max_fail_percentage: 50",
        "broken_upgrade",
        UPGRADE + REBOOT,
    ),
    "4 max_fail_percentage does not count unreachable hosts": (
        "serial: 2\n  max_fail_percentage: 0",
        "down",
        UPGRADE + REBOOT + PROBE,
    ),
    "6 any_errors_fatal goes on with the next batch after an unreachable host": (
        "serial: 2\n  any_errors_fatal: true",
        "down",
        UPGRADE + REBOOT + PROBE,
    ),
    "8 a rescue runs on all hosts and they go on": ("serial: 2\n  any_errors_fatal: true", "broken_upgrade", RESCUED),
    "9 neither rescue nor always runs on an unreachable host": ("serial: 2", "down", RESCUED_REBOOT),
    "10 a rescued host is not counted": ("serial: 2\n  max_fail_percentage: 0", "broken_upgrade", RESCUED),
    "11 ignore_unreachable hides the host that did not come back": ("serial: 2", "down", IGNORED),
    "14 a failed host is no longer in the batch that a task looks at": (
        "serial: 2",
        "broken_upgrade",
        UPGRADE + REBOOT + SURVIVORS,
    ),
    "16 run_once is skipped for all where it is skipped for the first": (
        "serial: 2",
        "old_kernel",
        UPGRADE + REBOOT + SKIPPED_FOR_ALL,
    ),
    "22 end_batch is no failure": ("serial: 2", "good", ENDED),
    "25 a canary that comes back worse has not failed": ("serial: [1, '100%']", "regression", UPGRADE + REBOOT),
}


@pytest.mark.parametrize("case", CASES)
def test_ansible_alone_goes_on_and_the_gate_stops(lab: GateLab, case: str) -> None:
    """The second batch is touched without the gate, and never with it."""
    keywords, part, change = CASES[case]
    book = BOOK.format(hosts="all", keywords=f"  {keywords}", change=change)
    hosts = {"web1": part, "web2": "good", "web3": "good"}
    lab.hosts(hosts)
    alone = lab.book(book)
    assert "web3" in alone.touched, alone.output

    lab.hosts(hosts)
    gated = lab.book(book, "-e", "gated=true")
    assert "web3" not in gated.touched and "web1" in gated.touched, gated.output
    assert gated.exit_code != 0, gated.output
    assert gated.word in ("fail", "inconclusive"), gated.output


def test_3_and_19_a_batch_that_is_lost_whole_leaves_a_decision(lab: GateLab) -> None:
    """Ansible stops and runs no later task, so nothing can be reported: what was written when the batch began must
    not say pass.
    """
    book = BOOK.format(hosts="all", keywords="  serial: 1", change=UPGRADE + REBOOT)
    lab.hosts({"web1": "broken_upgrade", "web2": "good"})
    lost = lab.book(book, "-e", "gated=true")
    assert (lost.exit_code, lost.word, lost.touched) == (2, "inconclusive", ["web1"]), lost.output
    assert lost.reason_codes == ["under_way"]
    around = lab.book(book, "-e", "gated=true", "--limit", "web2")
    assert (around.exit_code, around.word, around.touched) == (2, "inconclusive", []), around.output
    assert around.reason_codes == ["stopped_before"]


def test_15_the_first_host_is_unreachable_in_a_task_that_runs_once(lab: GateLab) -> None:
    """An undelegated run_once task on a dead first host ends the play for all, with no word on the others. The
    gate's own tasks do not.
    """
    book = BOOK.format(hosts="all", keywords="  serial: 2", change=UPGRADE)
    lab.hosts({"web1": "unreachable", "web2": "good", "web3": "good"})
    held = lab.book(book, "-e", "gated=true")
    assert (held.exit_code, held.word, held.touched) == (2, "hold", []), held.output
    assert [host["outcome"] for host in held.decision["hosts"]] == ["bad", "good"]


def test_20_strategy_free_is_refused(lab: GateLab) -> None:
    """Under it run_once runs on every host, and hosts run ahead of the decision."""
    book = BOOK.format(hosts="all", keywords="  serial: 2", change=UPGRADE + REBOOT)
    lab.hosts({"web1": "regression", "web2": "good", "web3": "good"})
    assert lab.book(book, ANSIBLE_STRATEGY="free").touched == ["web1", "web2", "web3"]
    refused = lab.book(book, "-e", "gated=true", ANSIBLE_STRATEGY="free")
    assert refused.exit_code != 0 and refused.touched == [], refused.output
    assert "strategy: linear" in refused.output


def test_21_a_pattern_without_hosts_does_not_pass(lab: GateLab) -> None:
    """Ansible ends with 0. A play of one's own has no gate either then, since no task of it runs; the playbook of
    the collection has.
    """
    lab.hosts({"web1": "good"})
    assert (
        lab.book(BOOK.format(hosts="nosuch", keywords="  serial: 1", change=UPGRADE), "-e", "gated=true").exit_code == 0
    )
    assert lab.rolling("-e", "kernel_mem_audit_hosts=nosuch").exit_code == 2


def test_12_and_13_the_exit_code_says_less_than_the_decision(lab: GateLab) -> None:
    """ignore_unreachable with any_errors_fatal stops without a word; the decision names the host."""
    book = BOOK.format(hosts="all", keywords="  serial: 2\n  any_errors_fatal: true", change=IGNORED)
    lab.hosts({"web1": "down", "web2": "good", "web3": "good"})
    gated = lab.book(book, "-e", "gated=true")
    assert gated.exit_code != 0 and gated.touched == ["web1", "web2"], gated.output
    assert gated.word in ("fail", "inconclusive")
    assert any("web1" in reason["sentence"] for reason in gated.decision["reasons"])
