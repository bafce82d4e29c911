# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the whole audit costs against ansible.builtin.ping of the same hosts: CPU seconds, as a ratio within one run.

Counts controller and hosts apart: ansible-playbook with its workers and ssh clients and, over SSH, the sshd with its
sessions. From each figure that of a play without tasks over the same inventory is taken off. Hosts are loopback names
of this machine. Pipelining is on and the interpreter is fixed, which favours ping.

Usage: .venv/newest/bin/python benchmarks/audit_against_ping.py [--hosts 40] [--rounds 3] [--places local cold warm]
The ansible-core is the one of the virtual environment that runs this file.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".cache" / "collections"
sys.path.insert(0, str(COLLECTIONS))

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.loopback import Sshd

AUDIT = "fleetaudit.kernel_memory.audit"
PLAYS = {
    "empty": "- {hosts: all, gather_facts: false, tasks: []}\n",
    "ping": "- {hosts: all, gather_facts: false, tasks: [{ansible.builtin.ping: {}}]}\n",
    "raw": "- {hosts: all, gather_facts: false, tasks: [{ansible.builtin.raw: 'true'}]}\n",
}
CHEAP_EXCHANGE = '{"ansible_ssh_extra_args": "-o KexAlgorithms=^curve25519-sha256"}'
AUDITS = {
    "audit, a task each": ("kernel_mem_audit_gather=task", "kernel_mem_audit_transport=lean"),
    "a task each, light": ("kernel_mem_audit_gather=task", "kernel_mem_audit_transport=lean", CHEAP_EXCHANGE),
    "audit, module": ("kernel_mem_audit_gather=task", "kernel_mem_audit_transport=module"),
    "audit, one process": ("kernel_mem_audit_gather=fanout",),
    "one process, light": ("kernel_mem_audit_gather=fanout", "kernel_mem_audit_key_exchange=light"),
}
NOT_IN = {
    "local": ("a task each, light", "audit, one process", "one process, light"),
    "cold": (),
    "warm": ("a task each, light", "one process, light"),
}
GOALS = {
    "local": {"audit, a task each": 0.25, "audit, module": 1.10},
    "cold": {"audit, module": 1.10, "audit, one process": 0.42, "one process, light": 0.18},
    "warm": {"audit, a task each": 0.22, "audit, module": 1.10, "audit, one process": 0.15},
}


def cpu_of(pids: list[int]) -> float:
    """CPU seconds of processes, of their living descendants, and of all of those' children that have ended."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(entry.parent.name)] = int(fields[1])
        ticks[int(entry.parent.name)] = sum(int(field) for field in fields[11:15])
    family = set(pids)
    for _generation in range(8):
        family |= {pid for pid, parent in parents.items() if parent in family}
    return sum(ticks.get(pid, 0) for pid in family) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """CPU seconds of both sides."""

    controller: float
    hosts: float

    def less(self, other: Cost) -> Cost:
        """What is left when another is taken off."""
        return Cost(self.controller - other.controller, self.hosts - other.hosts)

    @property
    def whole(self) -> float:
        """Both together."""
        return self.controller + self.hosts


class Bench:
    """Runs plays over one inventory and counts their CPU."""

    def __init__(self, folder: Path, inventory: Path, sshd: Sshd | None, forks: int = 4) -> None:
        self.folder, self.inventory, self.sshd, self.forks = folder, inventory, sshd, forks
        for name, play in PLAYS.items():
            (folder / f"{name}.yml").write_text(play)

    def run(self, name: str, *, persist: bool = False) -> Cost:
        """What one run of a play costs, or of an audit in one of its ways."""
        arguments = [str(self.folder / f"{name}.yml")] if name in PLAYS else [AUDIT]
        for setting in AUDITS.get(name, ()):
            arguments += ["-e", setting]
        if name in AUDITS:
            arguments += ["-e", f"kernel_mem_audit_report_dir={self.folder}/report"]
        options = f"-o ControlMaster=auto -o ControlPersist={600 if persist else 'no'}"
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_SSH_ARGS": options,
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "cp"),
            "ANSIBLE_HOST_KEY_CHECKING": "false",
            "ANSIBLE_FORKS": str(self.forks),
        }
        daemons = [process.pid for process in self.sshd.processes] if self.sshd else []
        hosts_before, before = cpu_of(daemons), os.times()
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", str(self.inventory), *arguments]
        said = subprocess.run(
            command, env=environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        if said.returncode != 0:
            sys.exit(f"{' '.join(command)} failed:\n{said.stdout.decode()[-2000:]}")
        after = os.times()
        controller = after.children_user + after.children_system - before.children_user - before.children_system
        return Cost(controller, cpu_of(daemons) - hosts_before)


@contextmanager
def bench(hosts: int, place: str, forks: int = 4) -> Iterator[Bench]:
    """A Bench over *hosts* loopback names, reached locally or over SSH."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = {"ansible_python_interpreter": "/usr/bin/python3"}
        sshd = None
        if place != "local":
            (folder / "sshd").mkdir()
            sshd = Sshd(folder / "sshd", min(hosts, 250))
            sshd.start()
            variables |= sshd.variables()
        else:
            variables["ansible_connection"] = "local"
        inventory = folder / "hosts.json"
        names = {f"h{number:04}": {"ansible_host": f"127.0.1.{1 + number % 250}"} for number in range(hosts)}
        inventory.write_text(json.dumps({"all": {"hosts": names, "vars": variables}}))
        try:
            yield Bench(folder, inventory, sshd, forks)
        finally:
            if sshd:
                sshd.stop()


def measure(place: str, hosts: int, rounds: int) -> dict[str, Cost]:
    """Medians of the costs, the play without tasks taken off, by what ran."""
    seen: dict[str, list[Cost]] = {}
    names = ["ping", "raw", *(name for name in AUDITS if name not in NOT_IN[place])]
    with bench(hosts, place) as it:
        if place == "warm":
            it.run("raw", persist=True)
        for _round in range(rounds):
            empty = it.run("empty")
            for name in names:
                seen.setdefault(name, []).append(it.run(name, persist=place == "warm").less(empty))
    return {
        name: Cost(
            statistics.median(cost.controller for cost in costs), statistics.median(cost.hosts for cost in costs)
        )
        for name, costs in seen.items()
    }


def core_version() -> str:
    """The version of the ansible-core that runs."""
    said = subprocess.run([str(Path(sys.executable).parent / "ansible"), "--version"], capture_output=True, check=True)
    return said.stdout.decode().split("]")[0].split()[-1]


def print_rows(place: str, costs: dict[str, Cost], hosts: int) -> None:
    """Print the costs a host against those of ping, and how many hosts a minute two cores do for both sides."""
    ping = costs["ping"].whole
    for name, cost in costs.items():
        each = [1000 * seconds / hosts for seconds in (cost.controller, cost.hosts, cost.whole)]
        goal = GOALS[place].get(name)
        print(
            f"{place:6}{name:26}{each[0]:11.0f}{each[1]:7.0f}{each[2]:7.0f}{cost.whole / ping:9.2f}"
            f"{'' if goal is None else f'{goal:.2f}':>7}{2 * 60000 / each[2]:15,.0f}",
            flush=True,
        )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--places", nargs="+", default=["local", "cold", "warm"], choices=["local", "cold", "warm"])
    given = parser.parse_args()
    print(f"ansible-core {core_version()}, {given.hosts} hosts, medians of {given.rounds} rounds; CPU in ms a host")
    print(f"{'':32}{'controller':>11}{'host':>7}{'sum':>7}{'/ ping':>9}{'goal':>7}{'hosts a minute':>15}")
    for place in given.places:
        print_rows(place, measure(place, given.hosts, given.rounds), given.hosts)


if __name__ == "__main__":
    main()
