# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""However a run ends, no client is left, nothing gathered is lost, and a report can be made of it."""

from __future__ import annotations

import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import GatheringError, Origin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import (
    FANOUT,
    TASK,
    WAYS,
    SpoolFile,
    Spools,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import Holder, SpoolHead
from ansible_collections.fleetaudit.kernel_memory.tests.fanout.stand_in import StandIns
from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import Fleet
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT, as_many_as

HOSTS = 40
NOON = "2026-11-24T12:00:00Z"
# Some answer at once, some after a while, one never.
WAIT = 'case "$host" in *5) sleep 0.2 ;; *19) sleep 600 ;; *) sleep 0.05 ;; esac'
COMMON = ("-e", "kernel_mem_audit_at_once=8", "-e", "kernel_mem_audit_timeout=3", "--forks", "8")
GATHER = ("-e", "kernel_mem_audit_gather=fanout", *COMMON)

# The hardest first: they are tried for each change. A worker of the ordinary way is not killed, since it may die while
# it holds the lock of Ansible's queue, for which Ansible waits for ever.
ENDS = [(FANOUT, "SIGKILL"), (TASK, "SIGKILL"), (FANOUT, "worker")]
ENDS += [(way, how) for how in ("SIGTERM", "SIGINT") for way in WAYS]
KILLS = as_many_as(len(ENDS[:3]), 100)
SIGNALS = [signal.SIGINT, signal.SIGHUP, *([signal.SIGTERM] if IS_NIGHT else [])]
"""Ansible hears SIGINT and SIGTERM alike and SIGHUP not at all: then the worker sees that it is alone."""


def until(condition: Callable[[], Any], process: subprocess.Popen[bytes] | None = None) -> Any:
    """Wait for a condition and return what it found. What waits in vain is ended by the end of *process*, or by the
    limit of the test.
    """
    while not (found := condition()):
        assert process is None or process.poll() is None or condition(), "Ansible has ended too early"
        time.sleep(0.02)
    return found


def end_of(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of Ansible; send SIGINT again and again meanwhile, as somebody at the terminal does.

    Ansible loses a SIGINT that comes while it forks (Python ignores what is raised there) and waits for the workers
    that it has ended; the next one ends it.
    """
    while True:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        else:
            return


def answered(spool: Path) -> dict[str, str]:
    """The hosts that a spool has, with their outcomes."""
    spools = Spools()
    spools.add(str(spool))
    return {host: entry["outcome"] for contents in spools.runs.values() for host, entry in contents.records.items()}


def fleet_of(folder: Path, hosts: int = HOSTS) -> StandIns:
    """Stand-ins, some slow, some silent for ever."""
    made = StandIns(folder, WAIT)
    made.inventory({f"h{number:03}": {} for number in range(hosts)})
    return made


def run_command(stand_ins: StandIns, command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command as somebody would who copies it from a message."""
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd="/", env=stand_ins.environment(), capture_output=True, check=False
    )


def report(stand_ins: StandIns) -> dict[str, Any]:
    """The only report."""
    (path,) = stand_ins.folder.glob("reports/*/audit.json")
    made: dict[str, Any] = json.loads(path.read_text())
    return made


def workers(main: int) -> list[int]:
    """The processes that a process has started."""
    path = Path(f"/proc/{main}/task/{main}/children")
    return [int(word) for word in path.read_text().split()] if path.exists() else []


def kill(stand_ins: StandIns, process: subprocess.Popen[bytes], way: str, how: str) -> None:
    """End a run and what is left of it; by one process nothing may be left but what nobody could end."""
    if how == "worker":
        for worker in workers(process.pid):
            os.kill(worker, signal.SIGKILL)
    else:
        process.send_signal(signal.Signals[how])
    end_of(process)
    if way == TASK or how == "worker":
        stand_ins.end()  # no client is ended by Ansible's own connection, nor by a worker that was killed
    until(lambda: not stand_ins.running())


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_kill_at_any_moment_loses_nothing_that_was_gathered(tmp_path: Path, seed: int) -> None:
    """Whatever stood in the spool at that moment stands in the report that its head's command makes; every host of
    the inventory is in it once, and the spool is gone then. By both ways.
    """
    chance = random.Random(seed)
    way, how = ENDS[seed % len(ENDS)]
    wanted, pause = chance.randrange(HOSTS), chance.random() * 0.3
    with fleet_of(tmp_path) as stand_ins:
        process = stand_ins.start("-e", f"kernel_mem_audit_gather={way}", *COMMON)
        until(lambda: stand_ins.spools() or process.poll() is not None)
        until(lambda: process.poll() is not None or len(answered(stand_ins.spools()[0])) >= wanted)
        time.sleep(pause)
        spool = stand_ins.spools()[0] if stand_ins.spools() else None
        before = answered(spool) if spool else {}
        kill(stand_ins, process, way, how)
        if spool is None or not spool.exists():
            assert report(stand_ins)["counts"]["all"]["total"] == HOSTS
            return
        assert before.items() <= answered(spool).items(), "what was acknowledged is gone"
        head = SpoolHead.read(str(spool))
        assert head is not None
        said = run_command(stand_ins, head.command)
        assert said.returncode == 0, said.stdout.decode()[-2000:]
        made = {entry["name"]: entry["no_data"] for entry in report(stand_ins)["hosts"]}
        assert sorted(made) == [f"h{number:03}" for number in range(HOSTS)]
        for host, outcome in before.items():
            assert (made[host] is None) is (outcome == "facts"), (host, outcome, made[host])
        assert not spool.exists()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_run_that_was_interrupted_goes_on_where_it_was(tmp_path: Path, number: signal.Signals) -> None:
    """The playbook of the audit asks only hosts that it has no facts of, under the same name; the report says so."""
    with fleet_of(tmp_path) as stand_ins:
        process = stand_ins.start(*GATHER)
        (spool,) = until(stand_ins.spools, process)
        until(lambda: len(answered(spool)) >= HOSTS // 3, process)
        process.send_signal(number)
        end_of(process)
        until(lambda: not stand_ins.running())
        first = {host for host, outcome in answered(spool).items() if outcome == "facts"}
        assert HOSTS // 4 <= len(first) < HOSTS
        for note in stand_ins.notes.iterdir():
            note.unlink()
        process = stand_ins.start(*GATHER, "-e", f"kernel_mem_audit_resume={spool}")
        assert process.wait() == 0, stand_ins.output()[-2000:]
        asked = {note.name for note in stand_ins.notes.iterdir()}
        assert asked == {f"h{number:03}" for number in range(HOSTS)} - first
        made = report(stand_ins)
        assert made["counts"]["all"]["unknown"] == 1 and made["counts"]["all"]["total"] == HOSTS
        assert any("was resumed" in note for note in made["notes"])
        assert not stand_ins.spools()


def test_a_full_disk_under_the_report_loses_no_answer(tmp_path: Path) -> None:
    """The error names the spool and the command, and the command makes the report once there is room."""
    stand_ins = fleet_of(tmp_path, 12)
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "none", str(small)], check=True)
    try:
        made = stand_ins.audit(*GATHER, "-e", f"kernel_mem_audit_report_dir={small}/report")
        assert made["exit_code"] == 2
        # The spool lies beside the report, so it was the first that did not fit.
        said = " ".join(made["output"].split())
        assert "was written in part only; is the disk full?" in said or "No space left" in said
        assert "Nothing that was gathered is lost" in said
        assert not stand_ins.running()
        (spool,) = small.glob("*.spool")
        head = SpoolHead.read(str(spool))
        assert head is not None and head.command in said
        had = answered(spool)
        subprocess.run(["mount", "-o", "remount,size=8m", str(small)], check=True)
        again = run_command(stand_ins, head.command)
        assert again.returncode == 0, again.stdout.decode()[-2000:]
        made = json.loads((small / "report" / "audit.json").read_text())
        assert {entry["name"] for entry in made["hosts"] if entry["no_data"] is None} >= {
            host for host, outcome in had.items() if outcome == "facts"
        }
        assert not spool.exists()
    finally:
        subprocess.run(["umount", str(small)], check=True)


def left_behind(folder: Path) -> Path:
    """A spool with one answer, as a run leaves it whose process was killed."""
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    holder = Holder.of(ended.pid)
    ended.wait()
    path = folder / "kernel-memory-killed.spool"
    SpoolHead("killed", NOON, str(folder / "killed"), False, "cd / && the-command", holder).write(str(path), NOON)
    SpoolFile(str(path)).append(Origin("killed", "h000", (), None).record(GatheringError("failed", "It failed.")))
    return path


def test_an_output_that_can_not_be_written_names_the_command(tmp_path: Path) -> None:
    """A folder at the place of an output: the report fails after an hour of gathering, and the hour is not lost.

    And the run names what a killed one left: nobody reads the terminal of a session that was lost.
    """
    killed = left_behind(tmp_path)
    stand_ins = fleet_of(tmp_path, 5)
    (tmp_path / "report" / "report.html").mkdir(parents=True)
    made = stand_ins.audit(*GATHER, "-e", "kernel_mem_audit_report_dir=report")
    assert made["exit_code"] == 2
    said = " ".join(made["output"].split())
    assert "The run killed of" in said and "ended without its report" in said and "cd / && the-command" in said
    command = re.search(r"this makes the report from it: (cd .*?kernel_mem_audit_resume=\S+?\.spool)", said)
    assert command, said[-1500:]
    (tmp_path / "report" / "report.html").rmdir()
    again = run_command(stand_ins, command[1])
    assert again.returncode == 0, again.stdout.decode()[-2000:]
    assert json.loads((tmp_path / "report" / "audit.json").read_text())["counts"]["all"]["total"] == 5
    assert list(tmp_path.glob("*.spool")) == [killed]


@pytest.mark.parametrize("number", [signal.SIGTERM, *([signal.SIGINT] if IS_NIGHT else [])])
def test_over_real_ssh_nothing_is_left_on_either_side(fleet: Fleet, number: signal.Signals) -> None:
    """The clients of hosts that hang and flood are ended, and with them what they ran on the host and on the jump
    host.
    """
    folder = fleet.folder / f"interrupted-{number.name}"
    folder.mkdir()
    stand_ins = StandIns(folder)  # for its environment alone
    (folder / "hosts.json").symlink_to(fleet.inventory)
    process = stand_ins.start(
        "-e", "kernel_mem_audit_gather=fanout", "-e", "kernel_mem_audit_timeout=60", "--limit", "hanging:silent:saved*"
    )
    (spool,) = until(stand_ins.spools, process)
    until(lambda: len(answered(spool)) >= 10, process)
    process.send_signal(number)
    end_of(process)
    until(lambda: not clients(fleet))
    assert not [line for line in command_lines() if "no-python" in line and str(fleet.folder) in line]
    assert answered(spool)["hanging"] == answered(spool)["silent"] == "failed"


def test_a_flood_and_a_silent_host_leave_nothing(fleet: Fleet, by_one: dict[str, Any]) -> None:
    """After an audit by one process no client of it is there, nor what flooded it from the host, nor a master that
    waits.
    """
    assert by_one["exit_code"] == 0
    until(lambda: not [line for line in command_lines() if line.strip() == "cat /dev/zero"])
    own = [line for line in clients(fleet) if "ControlMaster=no" in shlex.split(line)]
    assert own == []


def test_a_task_that_timed_out_leaves_no_client(fleet: Fleet, by_task: dict[str, Any]) -> None:
    """Ansible ends the action and not the ssh that it waits for, which would hold what it runs on the host."""
    timed_out = [host for host in by_task["hosts"] if (host["no_data"] or {}).get("reason") == "timed_out"]
    hosts = json.loads(fleet.inventory.read_text())["all"]["hosts"]
    addresses = {hosts[host["name"]]["ansible_host"] for host in timed_out}
    assert addresses
    until(lambda: not [line for line in command_lines() if line.startswith("ssh ") and addresses & set(line.split())])


def clients(fleet: Fleet) -> list[str]:
    """The command lines of ssh clients that use the fleet's key and that one process has started."""
    return [
        line
        for line in command_lines()
        if line.startswith("ssh ") and str(fleet.folder) in line and "ControlMaster=no" in line
    ]


def command_lines() -> list[str]:
    """The command lines of all processes."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return found
