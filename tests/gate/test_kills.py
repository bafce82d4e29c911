# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout whose run is killed, with all of its children, at a moment that nobody has chosen: after a random number of
lines of its output. The same command then does the right thing, wherever the state is: in SQLite with the gate's folder
lost in between, in PostgreSQL, in the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import OLD, GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.gate.short_hands import given, good, hook, record, state
from ansible_collections.fleetaudit.kernel_memory.tests.support.postgresql import Server
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import as_many_as

KILLS = as_many_as(2, 60)
LINES = 260
"""About as many as such a rollout prints."""
HOSTS = 6
STORES = ("sqlite", "postgresql", "folder")

DRAIN = """\
- name: Take the host out of service
  ansible.builtin.command: sh -c 'echo out >> LAB/hosts/{{ inventory_hostname }}/service'
"""
UNDRAIN = """\
- name: Bring the host back into service
  ansible.builtin.command: sh -c 'echo in >> LAB/hosts/{{ inventory_hostname }}/service'
"""


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    """A PostgreSQL server."""
    with place_for_servers() as name:
        server = Server(Path(name))
        yield server
        server.stop()


def kept_of(lab: GateLab, history: str | None, rollout: str) -> dict[str, dict[str, object]]:
    """What is kept of each host, in a history or in the folder."""
    if history is None:
        return {name: record(lab, name) for name in good(HOSTS)}
    with closing(open_store(history, create=False)) as store:
        return {one.host: {**json.loads(one.document), "state": one.state} for one in store.rollouts.hosts(rollout)}


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
def test_a_kill_at_any_moment_leaves_what_the_same_command_can_finish(
    lab: GateLab, database: Server, number: int
) -> None:
    """No host is rebooted twice, none is left out of service without a word, and no reference is of the new kernel."""
    lab.hosts(good(HOSTS))
    where = STORES[number % len(STORES)]
    history = {"sqlite": str(lab.folder / "work" / "fleet.sqlite3"), "postgresql": database.by_socket}.get(where)
    rollout = "rollout" if history is None else f"kill-{number}"
    arguments = (
        *given(rollout=rollout, **({} if history is None else {"history": history})),
        *given(serial=[2, "100%"], expected_kernel="6.12.*"),
        *given(drain_tasks=hook(lab, "drain.yml", DRAIN), undrain_tasks=hook(lab, "undrain.yml", UNDRAIN)),
    )
    seen = killed_after(lab, random.Random(number).randrange(1, LINES), *arguments)
    if where == "sqlite":
        shutil.rmtree(state(lab).parent, ignore_errors=True)
    ended = lab.rolling(*arguments)
    if ended.exit_code != 0:
        # A task that was under way on a host may have been cut off with it; once more is enough.
        ended = lab.rolling(*arguments)
    story = f"{seen}\n--- killed here ---\n{ended.output}"
    assert (ended.exit_code, ended.word) == (0, "pass"), story
    rebooted = (lab.folder / "rebooted").read_text().split()
    assert sorted(rebooted) == sorted(good(HOSTS)), story
    for name, kept in kept_of(lab, history, rollout).items():
        reference = kept["reference"]
        assert isinstance(reference, dict) and reference["facts"]["host"]["kernel_release"] == OLD, story
        assert kept["state"] == "in_service", story
        service = (lab.folder / "hosts" / name / "service").read_text().split()
        assert service[-1] == "in", f"{name} is out of service\n{story}"
