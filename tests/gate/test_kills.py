# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout whose run is killed, with all of its children, at a moment that nobody has chosen: after a random number of
lines of its output. The same command then does the right thing.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import OLD, GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.gate.short_hands import given, good, hook, record
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import as_many_as

KILLS = as_many_as(2, 60)
LINES = 260
"""About as many as such a rollout prints."""
HOSTS = 6

DRAIN = """\
- name: Take the host out of service
  ansible.builtin.command: sh -c 'echo out >> LAB/hosts/{{ inventory_hostname }}/service'
"""
UNDRAIN = """\
- name: Bring the host back into service
  ansible.builtin.command: sh -c 'echo in >> LAB/hosts/{{ inventory_hostname }}/service'
"""


def killed_after(lab: GateLab, lines: int, *arguments: str) -> str:
    """Begin a rollout, and kill it and its children once it has printed so many lines; return these."""
    command = lab.command("fleetaudit.kernel_memory.rolling_upgrade", *lab.hooks(), *arguments)
    seen: list[str] = []
    with subprocess.Popen(
        command,
        cwd=lab.folder / "work",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=lab.environment(),
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            seen.append(line)
            if len(seen) >= lines:
                break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return "".join(seen)


@pytest.mark.once
@pytest.mark.limit(600)
@pytest.mark.parametrize("number", range(KILLS))
def test_a_kill_at_any_moment_leaves_what_the_same_command_can_finish(lab: GateLab, number: int) -> None:
    """No host is rebooted twice, none is left out of service without a word, and no reference is of the new kernel."""
    lab.hosts(good(HOSTS))
    arguments = (
        *given(serial=[2, "100%"], expected_kernel="6.12.*"),
        *given(drain_tasks=hook(lab, "drain.yml", DRAIN), undrain_tasks=hook(lab, "undrain.yml", UNDRAIN)),
    )
    seen = killed_after(lab, random.Random(number).randrange(1, LINES), *arguments)
    ended = lab.rolling(*arguments)
    if ended.exit_code != 0:
        # A task that was under way on a host may have been cut off with it; once more is enough.
        ended = lab.rolling(*arguments)
    story = f"{seen}\n--- killed here ---\n{ended.output}"
    assert (ended.exit_code, ended.word) == (0, "pass"), story
    rebooted = (lab.folder / "rebooted").read_text().split()
    assert sorted(rebooted) == sorted(good(HOSTS)), story
    for name in good(HOSTS):
        kept = record(lab, name)
        reference = kept["reference"]
        assert isinstance(reference, dict) and reference["facts"]["host"]["kernel_release"] == OLD, story
        assert (kept["status"], kept["in_service"]) == ("accepted", True), story
        service = (lab.folder / "hosts" / name / "service").read_text().split()
        assert service[-1] == "in", f"{name} is out of service\n{story}"
