# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the whole audit costs against ansible.builtin.ping of the same hosts: CPU seconds, as a ratio within one run.

Counts the controller and the hosts together: ansible-playbook with its workers and ssh clients and, over SSH, the sshd
with its sessions. From each figure that of a play without tasks over the same inventory is taken off. Hosts are
loopback names of this machine. Pipelining is on and the interpreter is fixed, which favours ping.

Usage: .venv/newest/bin/python benchmarks/audit_against_ping.py [--hosts 40] [--rounds 3] [--places local cold warm] The
ansible-core is the one of the virtual environment that runs this file.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".cache" / "collections"
sys.path.insert(0, str(COLLECTIONS))

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.loopback import Sshd

GOALS = {"local": 0.30, "cold": 0.55, "warm": 0.40}
AUDIT = "fleetaudit.kernel_memory.audit"
PLAYS = {
    "empty": "- {hosts: all, gather_facts: false, tasks: []}\n",
    "ping": "- {hosts: all, gather_facts: false, tasks: [{ansible.builtin.ping: {}}]}\n",
    "raw": "- {hosts: all, gather_facts: false, tasks: [{ansible.builtin.raw: 'true'}]}\n",
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


class Bench:
    """Runs plays over one inventory and counts their CPU."""

    def __init__(self, folder: Path, inventory: Path, sshd: Sshd | None) -> None:
        self.folder, self.inventory, self.sshd = folder, inventory, sshd
        for name, play in PLAYS.items():
            (folder / f"{name}.yml").write_text(play)

    def run(self, name: str, *, persist: bool = False) -> float:
        """CPU seconds of one run of the play *name*, or of the audit by a transport."""
        if name in PLAYS:
            arguments = [str(self.folder / f"{name}.yml")]
        else:
            arguments = [
                AUDIT,
                "-e",
                f"kernel_mem_audit_transport={name}",
                "-e",
                f"kernel_mem_audit_report_dir={self.folder}/report",
            ]
        options = f"-o ControlMaster=auto -o ControlPersist={60 if persist else 'no'}"
        environment = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_PIPELINING": "1",
            "ANSIBLE_SSH_ARGS": options,
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "cp"),
            "ANSIBLE_HOST_KEY_CHECKING": "false",
            "ANSIBLE_FORKS": "4",
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
        return controller + cpu_of(daemons) - hosts_before


@contextmanager
def bench(hosts: int, place: str) -> Iterator[Bench]:
    """A Bench over *hosts* loopback names, reached locally or over SSH."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = {"ansible_python_interpreter": "/usr/bin/python3"}
        sshd = None
        if place != "local":
            (folder / "sshd").mkdir()
            sshd = Sshd(folder / "sshd", hosts)
            sshd.start()
            variables |= sshd.variables()
        else:
            variables["ansible_connection"] = "local"
        inventory = folder / "hosts.json"
        names = {f"h{number:04}": {"ansible_host": f"127.0.1.{number}"} for number in range(1, hosts + 1)}
        inventory.write_text(json.dumps({"all": {"hosts": names, "vars": variables}}))
        try:
            yield Bench(folder, inventory, sshd)
        finally:
            if sshd:
                sshd.stop()


def measure(place: str, hosts: int, rounds: int) -> dict[str, float]:
    """Medians of CPU seconds, the play without tasks taken off, by what ran."""
    seen: dict[str, list[float]] = {}
    with bench(hosts, place) as it:
        if place == "warm":
            it.run("raw", persist=True)
        for _round in range(rounds):
            empty = it.run("empty")
            for name in ("ping", "lean", "module", "raw"):
                seen.setdefault(name, []).append(it.run(name, persist=place == "warm") - empty)
    return {name: statistics.median(figures) for name, figures in seen.items()}


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--places", nargs="+", default=["local", "cold", "warm"], choices=["local", "cold", "warm"])
    given = parser.parse_args()
    said = subprocess.run([str(Path(sys.executable).parent / "ansible"), "--version"], capture_output=True, check=True)
    version = said.stdout.decode().split("]")[0].split()[-1]
    print(
        f"ansible-core {version}, {given.hosts} hosts, medians of {given.rounds} rounds; CPU of controller and "
        "hosts, milliseconds a host"
    )
    print(f"{'':8}{'ping':>8}{'lean':>8}{'module':>8}{'raw':>8}{'lean/ping':>12}{'goal':>6}{'module/ping':>13}")
    for place in given.places:
        cpu = measure(place, given.hosts, given.rounds)
        each = {name: 1000 * seconds / given.hosts for name, seconds in cpu.items()}
        print(
            f"{place:8}{each['ping']:8.0f}{each['lean']:8.0f}{each['module']:8.0f}{each['raw']:8.0f}"
            f"{each['lean'] / each['ping']:12.2f}{GOALS[place]:6.2f}{each['module'] / each['ping']:13.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
