# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is killed within a step of a rollout: what is kept says how far the host has come, a run that can't go on
says who stays out of service, and the same command then does the right thing.
"""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.gate.short_hands import ONE, given, good, hook, record

pytestmark = pytest.mark.once

STEPS = {
    "drain": "sh -c 'echo out >> LAB/hosts/{{ inventory_hostname }}/service'",
    "upgrade": "sh LAB/upgrade.sh LAB/hosts/{{ inventory_hostname }}",
    "reboot": "sh LAB/reboot.sh LAB/hosts/{{ inventory_hostname }}",
    "undrain": "sh -c 'echo in >> LAB/hosts/{{ inventory_hostname }}/service'",
}
KILLING = """\
- name: End the run
  ansible.builtin.shell: kill -9 {{ lookup('pipe', 'echo $PPID') }}
  delegate_to: localhost
"""


def hooks(lab: GateLab, killed_in: str | None = None) -> tuple[str, ...]:
    """All four hooks; that of one step kills the run once it has done its work."""
    files = {}
    for step, command in STEPS.items():
        text = f"- name: The step {step}\n  ansible.builtin.command: {command}\n"
        files[f"{step}_tasks"] = hook(lab, f"{step}-hook.yml", text + (KILLING if step == killed_in else ""))
    return (*ONE, *given(expected_kernel="6.12.*", **files))


@pytest.mark.parametrize(
    ("step", "state", "said", "touched_again"),
    [
        ("drain", "draining", "being drained", True),
        ("upgrade", "drained", "drained, perhaps changed", True),
        ("reboot", "changed", "changed", False),
    ],
)
def test_a_run_that_is_killed_in_a_step_goes_on_from_there(
    lab: GateLab, step: str, state: str, said: str, touched_again: bool
) -> None:
    """Drained and not rebooted: changed once more. Rebooted: judged. Where it can't be reached it is said to be out."""
    lab.hosts(good(2))
    killed = lab.rolling(*hooks(lab, step))
    assert killed.exit_code != 0 and record(lab, "web1")["state"] == state, killed.output
    down = lab.folder / "hosts" / "web1" / "is_down"
    down.touch()
    held = lab.rolling(*hooks(lab))
    assert (held.exit_code, held.word, held.touched) == (2, "hold", []), held.output
    assert f"1 host stays out of service: web1 ({said}); the same command" in " ".join(held.output.split()), held.output
    assert record(lab, "web1")["state"] == state
    down.unlink()
    passed = lab.rolling(*hooks(lab))
    assert (passed.exit_code, passed.word) == (0, "pass"), passed.output
    assert passed.touched == (["web1", "web2"] if touched_again else ["web2"])
    assert (lab.folder / "rebooted").read_text().split() == ["web1", "web2"]
    for name in good(2):
        assert record(lab, name)["state"] == "in_service"
        assert (lab.folder / "hosts" / name / "service").read_text().split()[-1] == "in"


def test_a_run_that_is_killed_while_a_host_is_brought_back_brings_it_back_again(lab: GateLab) -> None:
    """Nothing else is done to it; a run that has no step for that is refused, and does not say that all is done."""
    lab.hosts(good(2))
    killed = lab.rolling(*hooks(lab, "undrain"))
    assert killed.exit_code != 0 and record(lab, "web1")["state"] == "accepted", killed.output
    without = lab.rolling(*ONE, *given(expected_kernel="6.12.*"))
    assert (without.exit_code, without.touched) == (2, []), without.output
    assert "kernel_mem_audit_undrain_tasks" in without.output and "(web1)" in without.output
    passed = lab.rolling(*hooks(lab))
    assert (passed.exit_code, passed.word, passed.touched) == (0, "pass", ["web2"]), passed.output
    assert record(lab, "web1")["state"] == "in_service"
