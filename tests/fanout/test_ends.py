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
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import Spools
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import SpoolHead
from ansible_collections.fleetaudit.kernel_memory.tests.fanout.stand_in import StandIns
from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import Fleet

KILLS = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 6
HOSTS = 60
# Some answer at once, some after a while, one never.
WAIT = 'case "$host" in *5) sleep 0.2 ;; *19) sleep 600 ;; *) sleep 0.05 ;; esac'
COMMON = ("-e", "kernel_mem_audit_at_once=12", "-e", "kernel_mem_audit_timeout=3", "--forks", "12")
GATHER = ("-e", "kernel_mem_audit_gather=fanout", *COMMON)


def until(what: str, condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Wait for a condition and return what it found."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited in vain for {what}")


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
        ["/bin/sh", "-c", command], cwd="/", env=stand_ins.environment(), capture_output=True, check=False, timeout=300
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


@pytest.mark.parametrize("seed", range(KILLS))
def test_a_kill_at_any_moment_loses_nothing_that_was_gathered(tmp_path: Path, seed: int) -> None:
    """Whatever stood in the spool at that moment stands in the report that its head's command makes; every host of
    the inventory is in it once, and the spool is gone then. By both ways.
    """
    chance = random.Random(seed)
    stand_ins = fleet_of(tmp_path)
    by_one = chance.random() < 0.7
    process = stand_ins.start("-e", f"kernel_mem_audit_gather={'fanout' if by_one else 'task'}", *COMMON)
    # A worker of the ordinary way may die while it holds the lock of Ansible's queue, for which Ansible waits for ever.
    how = chance.choice(["SIGINT", "SIGTERM", "SIGKILL", *(["worker"] if by_one else [])])
    wanted = chance.randrange(HOSTS)
    until("the spool", lambda: stand_ins.spools() or process.poll() is not None)
    until("answers", lambda: process.poll() is not None or len(answered(stand_ins.spools()[0])) >= wanted)
    time.sleep(chance.random() * 0.3)
    spool = stand_ins.spools()[0] if stand_ins.spools() else None
    before = answered(spool) if spool else {}
    if how == "worker":
        for worker in workers(process.pid):
            os.kill(worker, signal.SIGKILL)
    else:
        process.send_signal(getattr(signal, how))
    process.wait()
    if by_one and how != "worker":
        until(f"the end of all processes after {how}", lambda: not stand_ins.running())
    else:
        # After kill -9 of the one that asks, a client ends with its host; and Ansible's own connection ends none.
        until("the end of Ansible", lambda: not [line for line in stand_ins.running() if "ansible-playbook" in line])
    if spool is None or not spool.exists():
        assert report(stand_ins)["counts"]["all"]["total"] == HOSTS
        return
    after = answered(spool)
    assert before.items() <= after.items(), "what was acknowledged is gone"
    head = SpoolHead.read(str(spool))
    assert head is not None
    said = run_command(stand_ins, head.command)
    assert said.returncode == 0, said.stdout.decode()[-2000:]
    made = {entry["name"]: entry["no_data"] for entry in report(stand_ins)["hosts"]}
    assert sorted(made) == [f"h{number:03}" for number in range(HOSTS)]
    for host, outcome in before.items():
        assert (made[host] is None) is (outcome == "facts"), (host, outcome, made[host])
    assert not spool.exists()
    for line in stand_ins.running():
        os.kill(int(line.split()[0]), signal.SIGKILL)  # the clients of silent hosts


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_run_that_was_interrupted_goes_on_where_it_was(tmp_path: Path, number: signal.Signals) -> None:
    """The playbook of the audit asks only hosts that it has no facts of, under the same name; the report says so."""
    stand_ins = fleet_of(tmp_path)
    process = stand_ins.start(*GATHER)
    (spool,) = until("the spool", stand_ins.spools)
    until("answers", lambda: len(answered(spool)) >= 20)
    process.send_signal(number)
    process.wait()
    until("the end of all processes", lambda: not stand_ins.running())
    first = {host for host, outcome in answered(spool).items() if outcome == "facts"}
    assert 15 <= len(first) < HOSTS - 3
    for note in stand_ins.notes.iterdir():
        note.unlink()
    process = stand_ins.start(*GATHER, "-e", f"kernel_mem_audit_resume={spool}")
    assert process.wait(120) == 0, stand_ins.output()[-2000:]
    asked = {note.name for note in stand_ins.notes.iterdir()}
    assert asked == {f"h{number:03}" for number in range(HOSTS)} - first
    made = report(stand_ins)
    assert made["counts"]["all"]["unknown"] == 1 and made["counts"]["all"]["total"] == HOSTS
    assert any("was resumed" in note for note in made["notes"])
    assert not stand_ins.spools()


def test_the_next_run_names_what_a_killed_one_left(tmp_path: Path) -> None:
    """Nobody reads the terminal of a session that was lost."""
    stand_ins = fleet_of(tmp_path, 20)
    process = stand_ins.start(*GATHER)
    (spool,) = until("the spool", stand_ins.spools)
    until("answers", lambda: len(answered(spool)) >= 5)
    process.kill()
    process.wait()
    until("the end of all processes", lambda: not stand_ins.running())
    made = stand_ins.audit(*GATHER)
    assert made["exit_code"] == 0
    said = " ".join(made["output"].split())
    assert "ended without its report" in said and str(spool) in said.replace(" ", "") + said
    assert spool.exists() and stand_ins.spools() == [spool]


def test_a_full_disk_under_the_report_loses_no_answer(tmp_path: Path) -> None:
    """The error names the spool and the command, and the command makes the report once there is room."""
    stand_ins = fleet_of(tmp_path, 20)
    small = tmp_path / "small"
    small.mkdir()
    (tmp_path / "spools").mkdir()
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


def test_an_output_that_can_not_be_written_names_the_command(tmp_path: Path) -> None:
    """A folder at the place of an output: the report fails after an hour of gathering, and the hour is not lost."""
    stand_ins = fleet_of(tmp_path, 5)
    (tmp_path / "report" / "report.html").mkdir(parents=True)
    made = stand_ins.audit(*GATHER, "-e", "kernel_mem_audit_report_dir=report")
    assert made["exit_code"] == 2
    said = " ".join(made["output"].split())
    command = re.search(r"this makes the report from it: (cd .*?kernel_mem_audit_resume=\S+?\.spool)", said)
    assert command, said[-1500:]
    (tmp_path / "report" / "report.html").rmdir()
    again = run_command(stand_ins, command[1])
    assert again.returncode == 0, again.stdout.decode()[-2000:]
    assert json.loads((tmp_path / "report" / "audit.json").read_text())["counts"]["all"]["total"] == 5
    assert not list(tmp_path.glob("*.spool"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
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
    (spool,) = until("the spool", stand_ins.spools)
    until("answers", lambda: len(answered(spool)) >= 10)
    process.send_signal(number)
    process.wait()
    until("the end of all clients", lambda: not clients(fleet))
    assert not [line for line in command_lines() if "no-python" in line and str(fleet.folder) in line]
    assert answered(spool)["hanging"] == answered(spool)["silent"] == "failed"


def test_a_flood_and_a_silent_host_leave_nothing(fleet: Fleet, by_one: dict[str, Any]) -> None:
    """After an audit by one process no client of it is there, nor what flooded it from the host, nor a master that
    waits.
    """
    assert by_one["exit_code"] == 0
    until("the end of the flood", lambda: not [line for line in command_lines() if line.strip() == "cat /dev/zero"])
    own = [line for line in clients(fleet) if "ControlMaster=no" in shlex.split(line)]
    assert own == []


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
