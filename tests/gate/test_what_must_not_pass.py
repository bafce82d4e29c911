# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways around the gate that were open once: variables, tags, a lost folder, a killed run, a hook that fails.

Each was seen to end with ``pass`` or with exit code 0, or to reboot a host for nothing.
"""

from __future__ import annotations

import shutil

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate import rollout_lab
from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import MIB, GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.gate.short_hands import (
    GATE,
    ONE,
    REASON,
    change_meminfo,
    given,
    good,
    hook,
    meminfo,
    policy,
    state,
    trail,
)

pytestmark = pytest.mark.once


def test_group_variables_can_not_choose_the_hosts(lab: GateLab) -> None:
    """Ansible reads ``hosts:`` before them, so the rollout would run over everything."""
    lab.hosts({"web1": "good", "db1": "good"}, kernel_mem_audit_hosts="web1")
    refused = lab.rolling()
    assert refused.exit_code != 0 and refused.touched == [], refused.output
    assert "kernel_mem_audit_hosts is set in the inventory" in refused.output
    checked = lab.play(GATE)
    assert checked.exit_code != 0 and "kernel_mem_audit_hosts is set in the inventory" in checked.output


@pytest.mark.parametrize(
    "name", ["expected_kernal", "undrain_task", "minimum_host", "gate_phaze"], ids=lambda name: str(name)
)
def test_a_misspelt_variable_is_refused(lab: GateLab, name: str) -> None:
    """It would do nothing, without a word."""
    lab.hosts(good(2))
    refused = lab.play(GATE, *given(**{name: "7"})) if name == "gate_phaze" else lab.rolling(*given(**{name: "7"}))
    assert refused.exit_code != 0 and refused.touched == [], refused.output
    assert f"kernel_mem_audit_{name}" in refused.output and "did you mean" in refused.output


def test_both_rules_of_the_kernel_count(lab: GateLab) -> None:
    """A wish so wide that the old kernel fulfils it does not excuse a host that comes back on the old kernel."""
    lab.hosts({"web1": "old_kernel", "web2": "good"})
    stopped = lab.rolling(*ONE, *given(expected_kernel="[56].*"))
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "fail", ["web1"]), stopped.output
    assert "old_kernel" in stopped.codes("web1")


def test_nobody_who_answers_is_no_pass(lab: GateLab) -> None:
    """Not even where the policy says that a host without data does not matter."""
    lab.hosts(good(2), kernel_mem_audit_environment="development")
    for name in good(2):
        meminfo(lab, name, "now").write_text("")
    checked = lab.play(GATE)
    assert (checked.exit_code, checked.word) == (2, "inconclusive"), checked.output
    lab.hosts({"web1": "unreachable", "web2": "unreachable"})
    accepting = policy(states={"unreachable": "accept", "unknown": "accept"})
    alone = lab.play(GATE, policy=accepting)
    assert (alone.exit_code, alone.word) == (2, "inconclusive"), alone.output


def test_no_data_after_a_change_is_never_accepted(lab: GateLab) -> None:
    """In no environment: the canary would say nothing, and everybody would follow it."""
    lab.hosts(good(2), kernel_mem_audit_environment="development")
    meminfo(lab, "web1").write_text("")
    stopped = lab.rolling(*ONE, policy=policy("development"))
    assert stopped.exit_code == 2 and stopped.word in ("fail", "inconclusive"), stopped.output
    assert stopped.touched == ["web1"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--tags", "kernel"),
        ("--skip-tags", "untagged"),
        ("--start-at-task", "Gate the batch"),
        ("--start-at-task", "Stop"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_tags_do_not_switch_the_gate_off(lab: GateLab, arguments: tuple[str, str]) -> None:
    """A job template with a tag would be green, and its workflow would go on."""
    lab.hosts({"web1": "sick"})
    stopped = lab.play(GATE, *arguments)
    assert stopped.exit_code != 0, stopped.output


def test_a_rolling_upgrade_with_a_tag_of_its_own_does_not_pass(lab: GateLab) -> None:
    """The steps of the change have no such tag, so nothing is changed, and that is no upgrade."""
    lab.hosts(good(2))
    stopped = lab.rolling(*ONE, "--tags", "x")
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "fail", []), stopped.output
    assert "not_rebooted" in stopped.codes("web1")


def test_a_limit_to_hosts_that_are_done_does_not_pass_while_a_stop_stands(lab: GateLab) -> None:
    """What reads the exit code would go on."""
    lab.hosts({"web1": "good", "web2": "regression", "web3": "good"})
    assert lab.rolling(*given(serial=1)).word == "fail"
    around = lab.rolling("--limit", "web1")
    assert (around.exit_code, around.word, around.touched) == (2, "fail", []), around.output
    assert around.reason_codes == ["stopped_before"]


def test_a_regression_on_a_small_host_is_seen(lab: GateLab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory that no counter names: 13 % of the RAM of a small host, more than any noise between two looks."""
    monkeypatch.setattr(rollout_lab, "MEMORY", 720 * MIB)
    lab.hosts(good(2))
    for name in good(2):
        for when in ("now", "next"):
            lab._meminfo(meminfo(lab, name, when), meminfo(lab, name, when), 30 * MIB)
        change_meminfo(meminfo(lab, name), MemFree=-100 * MIB, MemAvailable=-100 * MIB)
    stopped = lab.rolling()
    assert (stopped.exit_code, stopped.word) == (2, "fail"), stopped.output
    assert "worse" in stopped.codes("web1")


def test_the_audits_of_a_year_say_what_a_young_host_had(lab: GateLab) -> None:
    """After 100 days the old kernel has more than the new one has after two minutes, which proves nothing: what the old
    one had after two minutes stands in the history of audits.
    """
    lab.hosts(good(1))
    history = given(history="fleet.sqlite3")
    now, uptime = meminfo(lab, "web1", "now"), "proc/uptime"
    (now.parents[1] / uptime).write_text("130.00 200.00\n")
    assert lab.play("fleetaudit.kernel_memory.audit", *history).exit_code == 0
    (now.parents[1] / uptime).write_text("8640000.00 9000000.00\n")
    (now.parents[1] / "proc/sys/kernel/random/boot_id").write_text("00000000-0000-4000-8000-00000000f00d\n")
    lab._meminfo(now, now, 1500 * MIB)
    new = meminfo(lab, "web1")
    (new.parents[1] / uptime).write_text("120.00 200.00\n")
    lab._meminfo(new, new, 1400 * MIB)
    stopped = lab.rolling(*history)
    assert (stopped.exit_code, stopped.word) == (2, "fail"), stopped.output
    assert "worse" in stopped.codes("web1") and "400" in stopped.output, stopped.output


OWN_PLAY = """\
- hosts: all
  gather_facts: false
  serial: 1
  ignore_errors: true
  tasks:
    - ansible.builtin.include_role: {name: fleetaudit.kernel_memory.kernel_mem_audit, tasks_from: gate}
      vars: {kernel_mem_audit_phase: before}
    - ansible.builtin.command: sh LAB/upgrade.sh LAB/hosts/{{ inventory_hostname }}
      when: kernel_mem_audit_gate_host.touch
    - ansible.builtin.command: sh LAB/reboot.sh LAB/hosts/{{ inventory_hostname }}
      when: kernel_mem_audit_gate_host.touch
    - ansible.builtin.include_role: {name: fleetaudit.kernel_memory.kernel_mem_audit, tasks_from: gate}
      vars: {kernel_mem_audit_phase: after}
    - ansible.builtin.include_role: {name: fleetaudit.kernel_memory.kernel_mem_audit, tasks_from: gate}
      vars: {kernel_mem_audit_phase: batch}
"""


def test_ignored_errors_do_not_lead_past_a_stop(lab: GateLab) -> None:
    """Whoever ignores the failed task is still told not to touch the host."""
    lab.hosts({"web1": "regression", "web2": "good", "web3": "good"})
    stopped = lab.book(OWN_PLAY)
    assert (stopped.word, stopped.touched) == ("fail", ["web1"]), stopped.output


def test_ignored_errors_do_not_lead_past_a_hold(lab: GateLab) -> None:
    """Nobody of the batch is touched where one of it may not be."""
    lab.hosts({"web1": "unreachable", "web2": "good"})
    held = lab.book(OWN_PLAY.replace("serial: 1", "serial: 2"))
    assert (held.word, held.touched) == ("hold", []), held.output


def test_the_next_kernel_needs_another_name(lab: GateLab) -> None:
    """All hosts would be done already, and the second month a green nothing."""
    lab.hosts(good(1))
    assert lab.rolling(*given(expected_kernel="6.12.*")).exit_code == 0
    refused = lab.rolling(*given(expected_kernel="6.18.*"))
    assert (refused.exit_code, refused.touched) == (2, []), refused.output
    assert "6.12.*" in refused.output and "kernel_mem_audit_rollout" in refused.output


def test_a_host_that_is_done_and_off_its_kernel_holds(lab: GateLab) -> None:
    """It was booted back since; "done" would be a lie."""
    lab.hosts(good(2))
    assert lab.rolling().exit_code == 0
    tree = lab.folder / "hosts" / "web1"
    shutil.rmtree(tree / "now")
    shutil.move(tree / "past", tree / "now")
    held = lab.rolling()
    assert (held.exit_code, held.word, held.touched) == (2, "hold", []), held.output


def test_a_stop_ends_where_all_its_hosts_were_judged_again_in_a_batch_that_passed(lab: GateLab) -> None:
    """One of three is bad still, which the policy allows."""
    lab.hosts({"web1": "good", "web2": "broken_upgrade", "web3": "good", "web4": "good"})
    (lab.folder / "hosts" / "web1" / "broken_upgrade").touch()
    rules = policy(canary_hosts=3, batch_percent=[100], maximum_bad_percent=34, maximum_bad_percent_in_all=34)
    assert lab.rolling(policy=rules).word == "fail"
    (lab.folder / "hosts" / "web1" / "broken_upgrade").unlink()
    again = lab.rolling(policy=rules)
    assert (again.exit_code, again.word) == (0, "pass"), again.output
    assert "web4" in again.touched


def test_an_override_works_in_the_same_command(lab: GateLab) -> None:
    """In a workflow of AWX there is no other; it lifts the stop that stands, with a line in the trail."""
    lab.hosts({"web1": "regression", "web2": "good", "web3": "good"})
    assert lab.rolling(*ONE).word == "fail"
    on = lab.rolling(*ONE, *given(override=REASON))
    assert (on.exit_code, on.word, on.touched) == (0, "pass", ["web2", "web3"]), on.output
    assert [line["reason"] for line in trail(lab) if line["event"] == "override"] == [REASON]


def test_a_small_pool_sees_half_as_much_again(lab: GateLab) -> None:
    """Two hosts are too few for a test, so each is held against itself with a stricter rule."""
    lab.hosts(good(2))
    for name in good(2):
        lab._meminfo(meminfo(lab, name, "now"), meminfo(lab, name, "now"), 700 * MIB)
        lab._meminfo(meminfo(lab, name), meminfo(lab, name), 1290 * MIB)
    stopped = lab.rolling()
    assert (stopped.exit_code, stopped.word) == (2, "fail"), stopped.output
    assert "worse" in stopped.codes("web1")


def test_a_host_that_lost_memory_is_bad(lab: GateLab) -> None:
    """Half of its RAM is gone after the reboot: a module, a balloon, a wrong flavour."""
    lab.hosts(good(2))
    gone = -8 * 1024 * MIB
    change_meminfo(meminfo(lab, "web1"), MemTotal=gone, MemFree=gone, MemAvailable=gone)
    stopped = lab.rolling(*ONE)
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "fail", ["web1"]), stopped.output
    assert "memory_lost" in stopped.codes("web1")
    assert "16 GiB" in stopped.output and "8 GiB" in stopped.output


@pytest.mark.parametrize("wish", [(), given(expected_kernel="6.12.*")], ids=["no wish", "a wish"])
def test_a_host_with_the_new_kernel_is_not_rebooted(lab: GateLab, wish: tuple[str, ...]) -> None:
    """It is looked at and judged. What it was before is not known, so it can't be said that nothing got worse."""
    lab.hosts(good(3))
    tree = lab.folder / "hosts" / "web1"
    shutil.rmtree(tree / "now")
    shutil.move(tree / "next", tree / "now")
    held = lab.rolling(*wish)
    assert "web1" not in held.touched, held.output
    assert (held.exit_code, held.word) == (2, "inconclusive"), held.output
    if wish:
        on = lab.rolling(*wish, *given(override=REASON))
        assert (on.exit_code, on.word, on.touched) == (0, "pass", []), on.output


def test_check_mode_says_which_step_would_fail(lab: GateLab) -> None:
    """A dry run that passes while every hook fails is worse than none."""
    lab.hosts(good(2))
    failing = hook(lab, "failing.yml", "- name: Install\n  ansible.builtin.fail: {msg: no such repository}\n")
    dry = lab.rolling("--check", *given(upgrade_tasks=failing))
    assert (dry.exit_code, dry.touched, dry.decision) == (2, [], None), dry.output
    assert "no such repository" in dry.output and "GATE FAIL" in dry.output


def test_an_old_decision_is_gone_before_anything_can_die(lab: GateLab) -> None:
    """A file that still says pass would be read as the answer of this run."""
    lab.hosts(good(2))
    assert lab.play(GATE).word == "pass"
    few = lab.play(GATE, *given(minimum_hosts=50))
    assert (few.exit_code, few.word) == (2, "inconclusive"), few.output
    assert "50" in few.output and "2 hosts" in few.output


def test_hooks_are_checked_before_anything_is_touched(lab: GateLab) -> None:
    """An undrain file that is missing must not be found after the reboot."""
    lab.hosts(good(2))
    refused = lab.rolling(*given(undrain_tasks="nowhere.yml"))
    assert refused.exit_code == 2 and refused.touched == [], refused.output
    assert "kernel_mem_audit_undrain_tasks" in refused.output and "nowhere.yml" in refused.output
    broken = lab.rolling(*given(drain_tasks=hook(lab, "broken.yml", "- name: [")))
    assert broken.exit_code == 2 and broken.touched == [], broken.output
    assert "kernel_mem_audit_drain_tasks" in broken.output


def test_a_file_of_another_host_is_refused_with_a_sentence(lab: GateLab) -> None:
    """Somebody has copied it."""
    lab.hosts({"web1": "regression", "web2": "good"})
    assert lab.rolling(*ONE).word == "fail"
    shutil.copy(state(lab) / "hosts" / "web2.json", state(lab) / "hosts" / "web1.json")
    refused = lab.rolling(*ONE)
    assert refused.exit_code == 2 and refused.touched == [], refused.output
    assert "is of the host web2" in refused.output


@pytest.mark.parametrize(
    ("file", "was", "edited"),
    [
        ("hosts/web1.json", '"state": "failed"', '"state": "accepted"'),
        ("hosts/web1.json", '"state": "failed"', '"state": "in_service"'),
        ("hosts/web1.json", None, '{"host": "web1", "state": "planned", "format": 2}'),
        ("rollout.json", '"decision": "fail"', '"decision": "pass"'),
        ("rollout.json", '"released": null', '"released": {"reason": "So it is.", "at": "now", "run_id": "r"}'),
    ],
)
def test_a_state_that_was_edited_is_found_by_the_trail(lab: GateLab, file: str, was: str | None, edited: str) -> None:
    """A stop that is rubbed out in the state of a host or of a batch still stands in the trail."""
    lab.hosts({"web1": "regression", "web2": "good"})
    assert lab.rolling(*ONE).word == "fail"
    path = state(lab) / file
    assert was is None or was in path.read_text()
    path.write_text(edited if was is None else path.read_text().replace(was, edited))
    refused = lab.rolling(*ONE)
    assert refused.exit_code == 2 and refused.touched == [], refused.output
    assert "the trail" in refused.output and "somebody has edited one of them" in refused.output
