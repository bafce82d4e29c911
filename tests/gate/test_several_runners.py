# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs and runners over the same hosts: two at once, one after the other without its folder, and a store that
goes away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import MIB, GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.gate.short_hands import (
    GATE,
    ONE,
    given,
    good,
    hook,
    meminfo,
    state,
)
from ansible_collections.fleetaudit.kernel_memory.tests.support.postgresql import Server
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def database() -> Iterator[Server]:
    """A PostgreSQL server."""
    with place_for_servers() as name:
        server = Server(Path(name))
        yield server
        server.stop()


def touched(lab: GateLab) -> list[str]:
    """The hosts that were upgraded, each as often as it was."""
    return sorted((lab.folder / "touched").read_text().split())


SLOW_DRAIN = """\
- name: Take the host out of service
  ansible.builtin.command: sleep 6
"""


def at_once(lab: GateLab, runs: Sequence[tuple[str, ...]], **environment: str) -> list[tuple[int, str]]:
    """Start rolling upgrades with these arguments at the same moment, and return what each ended with and said."""

    def run(number: int) -> tuple[int, str]:
        place = lab.folder / f"local-tmp-{number}"
        place.mkdir(exist_ok=True)
        outcome = lab.rolling(*runs[number], ANSIBLE_LOCAL_TEMP=str(place), **environment)
        return outcome.exit_code, " ".join(outcome.output.split())

    with ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(run, range(len(runs))))


@pytest.mark.parametrize("names", [("a", "b"), ("a", "a")], ids=["two rollouts", "one rollout twice"])
def test_two_runs_at_once_change_no_host_twice(lab: GateLab, names: tuple[str, str]) -> None:
    """The second is refused by name, and spoils nothing of the first."""
    lab.hosts(good(2))
    drain = given(drain_tasks=hook(lab, "slow.yml", SLOW_DRAIN))
    ended = at_once(lab, [(*drain, *given(rollout=name)) for name in names])
    assert touched(lab) == ["web1", "web2"], ended
    assert sorted(code for code, _output in ended) == [0, 2], ended
    assert "Another run is changing them" in next(output for code, output in ended if code == 2)


@pytest.mark.limit(400)
def test_three_runners_at_once_change_each_host_once(lab: GateLab, database: Server) -> None:
    """On three machines, two over a host that both want: one of these is refused whole, and the third knows of neither.
    What was refused goes on later with the host that it alone wants.
    """
    lab.hosts(good(4))
    drain = given(drain_tasks=hook(lab, "slow.yml", SLOW_DRAIN))

    def runner(name: str, hosts: str) -> tuple[str, ...]:
        return (*drain, *given(rollout=name, gate_dir=str(lab.folder / "runners" / name)), "--limit", hosts)

    where = {"KERNEL_MEM_AUDIT_HISTORY": database.by_socket}
    runs = [runner("north", "web1,web2"), runner("south", "web2,web3"), runner("west", "web4")]
    north, south, west = at_once(lab, runs, **where)
    assert west[0] == 0 and sorted((north[0], south[0])) == [0, 2], (north, south, west)
    refused, name, host = (north, "north", "web1") if north[0] else (south, "south", "web3")
    assert "Another run is changing them: host web2 is held by" in refused[1], refused
    assert touched(lab) == sorted({"web1", "web2", "web3", "web4"} - {host})
    later = lab.rolling(*runner(name, host), **where)
    assert (later.exit_code, later.touched) == (0, [host]), later.output


@pytest.mark.limit(400)
def test_a_relaunch_on_another_runner_goes_on_with_the_same_rollout(lab: GateLab, database: Server) -> None:
    """As in AWX, where a job's files are gone with the job: the state is in PostgreSQL, and the stop stands."""
    lab.hosts({"web1": "regression", "web2": "good"})
    where = {"KERNEL_MEM_AUDIT_HISTORY": database.by_socket}
    assert lab.rolling(*ONE, **where).word == "fail"
    shutil.rmtree(state(lab).parent)
    around = lab.rolling(*ONE, "--limit", "web2", **where)
    assert (around.exit_code, around.word, around.touched) == (2, "fail", []), around.output
    assert not (state(lab) / "rollout.json").exists()
    shutil.rmtree(state(lab).parent)
    lab._meminfo(meminfo(lab, "web1", "now"), meminfo(lab, "web1", "now"), 410 * MIB)
    on = lab.rolling(*ONE, **where)
    assert (on.exit_code, on.word, on.touched) == (0, "pass", ["web2"]), on.output
    shutil.rmtree(state(lab).parent)
    nothing = lab.play(GATE, *given(gate_phase="soak", rollout="another"), **where)
    assert (nothing.exit_code, nothing.word) == (0, "pass"), nothing.output
    assert "Nothing was rolled out" in nothing.output


@pytest.mark.limit(400)
def test_a_lost_folder_loses_nothing_where_the_state_is_in_sqlite(lab: GateLab) -> None:
    """The stop stands, and a run that is not told of the history does not begin anew."""
    lab.hosts({"web1": "regression", "web2": "good"})
    history = given(history="fleet.sqlite3")
    assert lab.rolling(*ONE, *history).word == "fail"
    untold = lab.rolling(*ONE)
    assert untold.exit_code == 2 and untold.touched == [], untold.output
    assert "give kernel_mem_audit_history as the runs before did" in " ".join(untold.output.split())
    shutil.rmtree(state(lab).parent)
    around = lab.rolling(*ONE, *history, "--limit", "web2")
    assert (around.exit_code, around.word, around.touched) == (2, "fail", []), around.output
    lab._meminfo(meminfo(lab, "web1", "now"), meminfo(lab, "web1", "now"), 410 * MIB)
    checked = lab.rolling(*ONE, *history, "--check")
    assert (checked.exit_code, checked.touched) == (0, []), checked.output
    on = lab.rolling(*ONE, *history)
    assert (on.exit_code, on.word, on.touched) == (0, "pass", ["web2"]), on.output


def test_the_hosts_of_a_run_that_is_gone_are_freed_by_one_command(lab: GateLab) -> None:
    """It was on another machine, so nobody can ask whether it lives; the refusal has the command."""
    lab.hosts(good(2))
    leases = [
        {"resource": name, "holder": "runner-2:17:4711:run-1", "since": 1, "until": 2**40}
        for name in ("host:web1", "rollout:kernel-11")
    ]
    state(lab).parent.mkdir(parents=True, exist_ok=True)
    (state(lab).parent / "leases.json").write_text(json.dumps(leases))
    refused = lab.rolling(*ONE)
    said = " ".join(refused.output.split())
    assert refused.exit_code == 2 and refused.touched == [], said
    assert "host web1 is held by process 17 on runner-2" in said
    assert "fleetaudit.kernel_memory.rollout_free -e kernel_mem_audit_rollout=kernel-11" in said
    command = ("fleetaudit.kernel_memory.rollout_free", "-i", "localhost,", *given(rollout="kernel-11"))
    without = lab.play(*command)
    assert without.exit_code == 2 and "kernel_mem_audit_free_reason is not set" in without.output, without.output
    freed = lab.play(*command, *given(free_reason="runner-2 was reinstalled"))
    assert freed.exit_code == 0 and "Free now: host web1, rollout kernel-11" in freed.output, freed.output
    line = json.loads((state(lab).parent / "kernel-11" / "trail.jsonl").read_text())
    assert (line["event"], line["reason"]) == ("freed", "runner-2 was reinstalled")
    on = lab.rolling(*ONE)
    assert (on.exit_code, on.word, on.touched) == (0, "pass", ["web1", "web2"]), on.output


def test_a_store_that_goes_away_stops_the_rollout(lab: GateLab, database: Server) -> None:
    """In the middle of a batch: nobody else is touched, and the same command goes on when it is back. It ends at once,
    with all its processes: after kill -9 of the first, the rest keep its memory for a while, and it can't start.
    """
    lab.hosts(good(2))
    where = {"KERNEL_MEM_AUDIT_HISTORY": database.by_socket}
    name = given(rollout="goes-away")
    stop = f"""\
- name: Reboot
  ansible.builtin.command: sh LAB/reboot.sh LAB/hosts/{{{{ inventory_hostname }}}}
- name: Lose the store
  shell: p=$(head -1 {database.data}/postmaster.pid); kill -QUIT $p; while kill -0 $p; do sleep 0.1; done
  delegate_to: localhost
"""
    gone = lab.rolling(*ONE, *name, *given(reboot_tasks=hook(lab, "losing.yml", stop)), **where)
    assert gone.exit_code == 2 and gone.touched == ["web1"], gone.output
    database.start()
    on = lab.rolling(*ONE, *name, **where)
    assert (on.exit_code, on.word, on.touched) == (0, "pass", ["web2"]), on.output
