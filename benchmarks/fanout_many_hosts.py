# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts by one process: real ones and stand-ins in both ways, and simulated ones in their thousands.

Real: loopback names of this machine over sshd, cold connections, a light exchange of keys in both ways. Simulated: a
stand-in for ssh that waits and gives a saved answer; it shows what the controller bears, not what connecting costs. Its
own CPU is in the whole, and told apart as "clients". Memory is the largest sum of the proportional sizes of Ansible's
processes.

Usage: .venv/newest/bin/python benchmarks/fanout_many_hosts.py [--real 300] [--compared 200]
           [--simulated 4000 10000] [--wait 0.3]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / ".cache" / "collections"), str(ROOT / "benchmarks")]

from audit_against_ping import CHEAP_EXCHANGE, bench, cpu_of

from ansible_collections.fleetaudit.kernel_memory.tests.fanout.stand_in import StandIns

WAYS = {
    "one process": ("kernel_mem_audit_gather=fanout", "kernel_mem_audit_key_exchange=light"),
    "a task each": ("kernel_mem_audit_gather=task", CHEAP_EXCHANGE),
}


@dataclass
class Watched:
    """A run of ansible-playbook: what it printed, how long it took, and what it cost at most."""

    output: str
    seconds: float
    cpu: float
    most_mib: float


def watch(command: list[str], folder: Path, environment: dict[str, str]) -> Watched:
    """Run a command and look at the memory of Ansible's processes meanwhile."""
    before, began = os.times(), time.monotonic()
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    most = 0.0
    over = threading.Event()

    def look() -> None:
        nonlocal most
        while not over.wait(0.5):
            most = max(most, proportional_mib(process.pid))

    looking = threading.Thread(target=look)
    looking.start()
    code = process.wait()
    over.set()
    looking.join()
    after = os.times()
    printed = (folder / "output").read_text("utf-8", "replace")
    if code != 0:
        sys.exit(f"{' '.join(command)} failed:\n{printed[-2000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Watched(printed, time.monotonic() - began, cpu, most)


def proportional_mib(main: int) -> float:
    """The proportional set size of a process and of its workers, in MiB."""
    total = 0
    try:
        workers = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    except OSError:
        return 0.0
    for pid in [str(main), *workers]:
        try:
            total += int(re.findall(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)[0])
        except (OSError, IndexError):
            continue
    return total / 1024


def counted(report: Path) -> str:
    """How many hosts a report has, and how many without data."""
    counts = json.loads((report / "audit.json").read_text())["counts"]["all"]
    return f"{counts['total']:,} in the report, {counts['unknown']:,} without data or of a kernel that was counted"


def real(hosts: int) -> None:
    """Ask real loopback hosts in both ways."""
    for way, settings in WAYS.items():
        with bench(hosts, "cold", forks=20) as it:
            assert it.sshd is not None
            command = [str(Path(sys.executable).parent / "ansible-playbook"), "fleetaudit.kernel_memory.audit"]
            command += ["-i", str(it.inventory), "-e", f"kernel_mem_audit_report_dir={it.folder}/report"]
            for setting in settings:
                command += ["-e", setting]
            environment = {
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
                "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=no",
                "ANSIBLE_HOST_KEY_CHECKING": "false",
                "ANSIBLE_FORKS": "20",
            }
            daemons = [process.pid for process in it.sshd.processes]
            before = cpu_of(daemons)
            seen = watch(command, it.folder, environment)
            print(
                f"{hosts} real hosts, {way}: {1000 * seen.cpu / hosts:.0f} ms a host of the controller, "
                f"{1000 * (cpu_of(daemons) - before) / hosts:.0f} of the host; {seen.seconds:.0f} s of wall clock, at "
                f"most {seen.most_mib:.0f} MiB; {counted(it.folder / 'report')}",
                flush=True,
            )


def stand_ins_asked(hosts: int, wait: float, settings: tuple[str, ...]) -> tuple[Watched, str]:
    """Ask stand-ins that wait so many seconds; return what was seen, and what the report has."""
    with tempfile.TemporaryDirectory() as name:
        stand_ins = StandIns(Path(name), f"sleep {wait}")
        stand_ins.notes.rmdir()
        inventory = stand_ins.inventory({f"h{number:06}": {} for number in range(hosts)})
        command = [str(Path(sys.executable).parent / "ansible-playbook"), "fleetaudit.kernel_memory.audit", "-v"]
        command += ["-i", inventory, "-e", f"kernel_mem_audit_report_dir={name}/report", "--forks", "20"]
        for setting in settings:
            command += ["-e", setting]
        return watch(command, Path(name), stand_ins.environment()), counted(Path(name) / "report")


def compared(hosts: int, wait: float) -> None:
    """Ask stand-ins in both ways, and print the ratio of what they cost."""
    seen = {way: stand_ins_asked(hosts, wait, settings[:1]) for way, settings in WAYS.items()}
    for way, (cost, found) in seen.items():
        print(
            f"{hosts} stand-ins, {way}: {1000 * cost.cpu / hosts:.0f} ms of CPU a host with its client and its part of "
            f"plan and report, {hosts / cost.cpu:.1f} hosts a second of CPU, {cost.seconds:.0f} s of wall clock, "
            f"at most {cost.most_mib:.0f} MiB; {found}",
            flush=True,
        )
    one, task = (seen[way][0] for way in WAYS)
    print(
        f"One process / a task each: CPU {one.cpu / task.cpu:.2f}, wall clock {one.seconds / task.seconds:.2f}, memory "
        f"{one.most_mib / task.most_mib:.2f}"
    )


def simulated(hosts: int, wait: float, at_once: int) -> None:
    """Ask many stand-ins by one process."""
    seen, found = stand_ins_asked(
        hosts, wait, ("kernel_mem_audit_gather=fanout", f"kernel_mem_audit_at_once={at_once}")
    )
    cost = json.loads(re.findall(r'"cpu": (\{.*?\})', seen.output)[0])
    print(
        f"{hosts:,} simulated hosts, {at_once} at once: gathering {cost['own_s']:.1f} s of own CPU "
        f"({1000 * cost['own_s'] / hosts:.1f} ms a host, {1000 * cost['settings_s'] / hosts:.1f} for settings), "
        f"clients {cost['ssh_s']:.1f} s; whole run {seen.cpu:.1f} s, {seen.seconds:.0f} s of wall clock, at most "
        f"{seen.most_mib:.0f} MiB; {found}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=int, default=300)
    parser.add_argument("--compared", type=int, default=200)
    parser.add_argument("--simulated", type=int, nargs="*", default=[4000, 10000])
    parser.add_argument("--wait", type=float, default=0.3)
    parser.add_argument("--at-once", type=int, default=200)
    given = parser.parse_args()
    if given.real:
        real(given.real)
    if given.compared:
        compared(given.compared, given.wait)
    for hosts in given.simulated:
        simulated(hosts, given.wait, given.at_once)


if __name__ == "__main__":
    main()
