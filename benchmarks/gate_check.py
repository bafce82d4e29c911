# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a gate check costs against an audit of the same hosts: CPU of the controller and the local hosts, as a ratio
within one run.

Both ask every host by a task of its own: from 20 hosts on the audit can ask all from one process, which the gate can't.
From each figure that of a play without tasks is taken off.

Usage: .venv/newest/bin/python benchmarks/gate_check.py [--hosts 100] [--rounds 3]     (exit code 1: the goal is missed)
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".cache" / "collections"
GOAL = 1.2
PLAYS = {
    "empty": ("empty.yml",),
    "audit": ("fleetaudit.kernel_memory.audit", "-e", "kernel_mem_audit_gather=task"),
    "gate check": ("fleetaudit.kernel_memory.gate",),
}


def cpu_of(play: str, folder: Path) -> float:
    """CPU seconds of one run of a play."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "ANSIBLE_PIPELINING": "1"}
    environment["ANSIBLE_LOCALHOST_WARNING"] = "false"
    program = str(Path(sys.executable).parent / "ansible-playbook")
    before = os.times()
    said = subprocess.run(
        [program, "-i", "hosts.json", "--forks", "4", *PLAYS[play]],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    after = os.times()
    if said.returncode != 0 and b"GATE" not in said.stdout:
        sys.exit(f"{play} failed:\n{said.stdout.decode()[-2000:]}")
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> int:
    """Print the figures, and say whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = {"ansible_connection": "local", "ansible_python_interpreter": "/usr/bin/python3"}
        hosts = {f"host{number:04}": {} for number in range(given.hosts)}
        (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}))
        (folder / "empty.yml").write_text("- {hosts: all, gather_facts: false, tasks: []}\n")
        # One after the other in each round, so that other load weighs on all alike.
        rounds = [{play: cpu_of(play, folder) for play in PLAYS} for _round in range(given.rounds)]
    cost = {
        play: statistics.median(1000 * (figures[play] - figures["empty"]) / given.hosts for figures in rounds)
        for play in ("audit", "gate check")
    }
    for play, milliseconds in cost.items():
        print(f"{play:<12}{milliseconds:>8.0f} ms of CPU a host")
    ratio = statistics.median(
        (figures["gate check"] - figures["empty"]) / (figures["audit"] - figures["empty"]) for figures in rounds
    )
    met = ratio <= GOAL
    print(f"{'met   ' if met else 'MISSED'} a gate check costs {ratio:.2f} of an audit; the goal is {GOAL} at most")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
