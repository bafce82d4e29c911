# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit by one process against tools that read one file of the same hosts: CPU of both sides, within one run.

The others read /proc/meminfo; the audit starts a Python on the host and accounts for its memory. Their libraries lack
the key exchange sntrup761x25519-sha512, so the fair comparison is with the light exchange. They are installed for it in
an environment of their own:

    python3 -m venv /tmp/others && /tmp/others/bin/pip install pyinfra fabric parallel-ssh

Usage: .venv/newest/bin/python benchmarks/fanout_against_others.py --others /tmp/others [--hosts 100] [--rounds 2]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / ".cache" / "collections"), str(ROOT / "benchmarks")]

from audit_against_ping import Bench, Cost, bench, core_version, cpu_of

PROGRAMS = {
    "parallel-ssh": """
import sys
from pssh.clients import ParallelSSHClient
hosts, port, key = sys.argv[1].split(","), int(sys.argv[2]), sys.argv[3]
client = ParallelSSHClient(hosts, port=port, user="root", pkey=key, pool_size=50, num_retries=1)
said = client.run_command("cat /proc/meminfo", stop_on_errors=True)
assert all(next(iter(host.stdout)).startswith("MemTotal") for host in said)
""",
    "fabric": """
import sys
from fabric import ThreadingGroup
hosts, port, key = sys.argv[1].split(","), int(sys.argv[2]), sys.argv[3]
group = ThreadingGroup(*hosts, user="root", port=port, connect_kwargs={"key_filename": key})
said = group.run("cat /proc/meminfo", hide=True)
assert all(result.stdout.startswith("MemTotal") for result in said.values()) and len(said) == len(hosts)
""",
}


def run(it: Bench, command: list[str]) -> Cost:
    """What a command costs."""
    assert it.sshd is not None
    daemons = [process.pid for process in it.sshd.processes]
    hosts_before, before = cpu_of(daemons), os.times()
    said = subprocess.run(command, cwd=it.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if said.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{said.stdout.decode()[-2000:]}")
    after = os.times()
    controller = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(controller, cpu_of(daemons) - hosts_before)


def others(it: Bench, environment: Path, addresses: list[str]) -> dict[str, Cost]:
    """What the other tools cost, those that are installed."""
    assert it.sshd is not None
    given = [",".join(addresses), str(it.sshd.port), str(it.sshd.key)]
    costs = {}
    for name, program in PROGRAMS.items():
        path = it.folder / f"by_{name}.py"  # not the name of what it imports
        path.write_text(program)
        costs[name] = run(it, [str(environment / "bin" / "python"), str(path), *given])
    inventory = it.folder / "inventory.py"
    key = {
        "ssh_user": "root",
        "ssh_port": it.sshd.port,
        "ssh_key": str(it.sshd.key),
        "ssh_strict_host_key_checking": "no",
    }
    inventory.write_text(f"hosts = [(name, {key!r}) for name in {addresses!r}]\n")
    pyinfra = [str(environment / "bin" / "pyinfra"), "-y", "--parallel", "50", str(inventory)]
    costs["pyinfra"] = run(it, [*pyinfra, "exec", "--", "cat /proc/meminfo"])
    return costs


def main() -> None:
    """Measure and print a table a round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--others", type=Path, required=True)
    parser.add_argument("--hosts", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=2)
    given = parser.parse_args()
    addresses = [f"127.0.1.{1 + number}" for number in range(given.hosts)]
    for round_number in range(1, given.rounds + 1):
        with bench(given.hosts, "cold") as it:
            empty = it.run("empty")
            costs = {name: it.run(name).less(empty) for name in ("ping", "audit, one process", "one process, light")}
            costs |= others(it, given.others, addresses)
        cheapest = min(cost.whole for name, cost in costs.items() if name in (*PROGRAMS, "pyinfra"))
        print(f"ansible-core {core_version()}, {given.hosts} cold hosts, round {round_number}; CPU in ms a host")
        for name, cost in costs.items():
            each = [1000 * seconds / given.hosts for seconds in (cost.controller, cost.hosts, cost.whole)]
            print(
                f"{name:22} controller {each[0]:6.1f}  host {each[1]:6.1f}  sum {each[2]:6.1f}  / ping "
                f"{cost.whole / costs['ping'].whole:5.2f}  / cheapest {cost.whole / cheapest:5.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
