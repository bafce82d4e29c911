# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves behind that failed, was killed, or lost its folder: the next one does the right thing with it."""

from __future__ import annotations

import shutil

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import OLD, GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.gate.short_hands import (
    ONE,
    TWO,
    given,
    good,
    hook,
    policy,
    record,
    state,
)

pytestmark = pytest.mark.once
FAILING_UNDRAIN = """\
- name: Bring back
  ansible.builtin.shell: |
    echo {{ inventory_hostname }} >> LAB/undrained
    test ! -e LAB/hosts/{{ inventory_hostname }}/stays_out
"""


def test_a_host_that_can_not_be_brought_back_stops_the_rollout(lab: GateLab) -> None:
    """Else one batch after the other is out of service. The same command tries it again."""
    lab.hosts(good(4))
    undrain = given(undrain_tasks=hook(lab, "undrain.yml", FAILING_UNDRAIN))
    (lab.folder / "undrained").write_text("")
    (lab.folder / "hosts" / "web1" / "stays_out").touch()
    stopped = lab.rolling(*TWO, *undrain)
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "hold", ["web1", "web2"]), stopped.output
    assert "web1" in stopped.decision["sentence"]
    (lab.folder / "hosts" / "web1" / "stays_out").unlink()
    (lab.folder / "undrained").write_text("")
    on = lab.rolling(*TWO, *undrain)
    assert (on.exit_code, on.word, on.touched) == (0, "pass", ["web3", "web4"]), on.output
    assert sorted((lab.folder / "undrained").read_text().split()) == ["web1", "web3", "web4"]


def test_a_lost_folder_does_not_turn_a_stop_into_a_pass(lab: GateLab) -> None:
    """The sick level would be the new reference, and every host would follow."""
    lab.hosts({"web1": "regression", "web2": "good"})
    wish = given(expected_kernel="6.12.*")
    assert lab.rolling(*ONE, *wish).word == "fail"
    (state(lab) / "rollout.json").unlink()
    half = lab.rolling(*ONE, *wish, "--limit", "web2")
    assert half.exit_code == 2 and half.touched == [], half.output
    assert "rollout.json" in half.output
    shutil.rmtree(state(lab).parent)
    lost = lab.rolling(*ONE, *wish)
    assert lost.exit_code == 2 and lost.word != "pass" and lost.touched == [], lost.output


KILLING_REBOOT = """\
- name: Reboot
  ansible.builtin.command: sh LAB/reboot.sh LAB/hosts/{{ inventory_hostname }}
- name: End the run
  ansible.builtin.shell: kill -9 {{ lookup('pipe', 'echo $PPID') }}
  delegate_to: localhost
"""


def test_a_run_that_was_killed_keeps_the_reference_of_before(lab: GateLab) -> None:
    """The host boots while the run is begun again: it is judged then, and not changed once more."""
    lab.hosts({"web1": "regression", "web2": "good"})
    wish = given(expected_kernel="6.12.*")
    killed = lab.rolling(*ONE, *wish, *given(reboot_tasks=hook(lab, "killing.yml", KILLING_REBOOT)))
    assert killed.exit_code != 0 and killed.touched == ["web1"], killed.output
    down = lab.folder / "hosts" / "web1" / "is_down"
    down.touch()
    held = lab.rolling(*ONE, *wish)
    assert (held.exit_code, held.word, held.touched) == (2, "hold", []), held.output
    assert held.decision["state"]["unknown"] == ["web1"]
    down.unlink()
    stopped = lab.rolling(*ONE, *wish)
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "fail", []), stopped.output
    reference = record(lab, "web1")["reference"]
    assert isinstance(reference, dict) and reference["facts"]["host"]["kernel_release"] == OLD


def test_a_hook_that_hangs_ends(lab: GateLab) -> None:
    """It would hold a batch out of service for ever."""
    lab.hosts(good(2))
    hanging = hook(lab, "hanging.yml", "- name: Wait\n  ansible.builtin.command: sleep 3600\n")
    stopped = lab.rolling(*ONE, *given(drain_tasks=hanging, hook_timeout=3))
    assert (stopped.exit_code, stopped.word) == (2, "fail"), stopped.output
    assert "step_failed" in stopped.codes("web1") and stopped.touched == []


def test_a_limit_of_all_tasks_does_not_end_the_settling(lab: GateLab) -> None:
    """Waiting for a host to settle takes longer than a task usually does."""
    lab.hosts(good(2))
    slow = policy(settle={"minimum_uptime_seconds": 60, "at_most_seconds": 20, "interval_seconds": 7})
    passed = lab.rolling(*ONE, policy=slow, ANSIBLE_TASK_TIMEOUT="6")
    assert (passed.exit_code, passed.word, len(passed.touched)) == (0, "pass", 2), passed.output
