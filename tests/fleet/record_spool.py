# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record what the test fleet leaves behind: the spool of one audit over SSH, and thirty days of history before it.

Usage: .venv/newest/bin/python tests/fleet/record_spool.py          (some minutes; as root, so that every host is there)

Writes tests/samples/spool. All figures come from tests/samples: the fleet's live hosts, too, read a saved tree here. In
each tree one counter moves from day to day by its host's fate, and free memory the other way, so that the account adds
up. The past is audited on the trees without SSH, the last day over SSH.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import Fleet, loopback_fleet, own_boot_id

RECORDED = ROOT / "tests" / "samples" / "spool"
LAST = 1_793_512_800
"""The moment of the recorded audit: 2026-11-01 06:00 UTC."""
DAY, DAYS = 86400, 30
RUN_ID = "recorded"


@dataclass(frozen=True)
class Fate:
    """What one host's counter does: percent of RAM a day, or at once on the last days."""

    field: str
    a_day: float = 0.0
    at_the_end: float = 0.0
    last_days: int = 1

    def percent(self, day: int) -> float:
        """Percent of RAM that the counter has more than in its saved tree, *day* days before the last."""
        return self.a_day * (DAYS - day) + (self.at_the_end if day < self.last_days else 0.0)


FATES = {
    "saved01": Fate("SUnreclaim", a_day=0.5),
    "saved02": Fate("SUnreclaim", a_day=0.1),
    "saved03": Fate("PageTables", a_day=0.3),
    "saved04": Fate("SReclaimable", a_day=0.8),
    "saved05": Fate("Percpu", a_day=0.15),
    "saved06": Fate("VmallocUsed", a_day=0.4),
    "saved07": Fate("KernelStack", a_day=0.05),
    "saved08": Fate("nothing", a_day=0.4),
    "saved09": Fate("SUnreclaim", at_the_end=8),
    "saved10": Fate("PageTables", at_the_end=6, last_days=5),
    "saved11": Fate("SUnreclaim", a_day=0.5),
    "saved12": Fate("nothing", at_the_end=9),
}
PARTS_OF = {"SUnreclaim": ["Slab"], "SReclaimable": ["Slab", "KReclaimable"]}


class Tree:
    """The saved tree of one host of the fleet, which can be of any day."""

    def __init__(self, name: str, root: Path) -> None:
        self.root, self.fate = root, FATES.get(name, Fate("SUnreclaim"))
        self.noise = random.Random(name)
        lines = (root / "proc/meminfo").read_text().splitlines()
        self.saved = {line.split(":")[0]: int(line.split()[1]) for line in lines}
        self.units = {line.split(":")[0]: " kB" * line.endswith("kB") for line in lines}
        kernel = root / "proc/sys/kernel"
        kernel.mkdir(parents=True, exist_ok=True)
        version = root / "proc/version"
        release = version.read_text().split()[2] if version.is_file() else "6.18.0"
        (kernel / "osrelease").write_text(f"{release}\n")
        (kernel / "arch").write_text("x86_64\n")

    def become(self, day: int) -> None:
        """Be as *day* days before the last."""
        now, total = dict(self.saved), self.saved["MemTotal"]
        more = int(total * (self.fate.percent(day) + self.noise.uniform(-0.05, 0.05)) / 100)
        for name in (self.fate.field, *PARTS_OF.get(self.fate.field, [])):
            if name in now:
                now[name] += more
        for name in ("MemFree", "MemAvailable"):
            now[name] -= more if name == "MemFree" or self.fate.field != "SReclaimable" else 0
        text = "".join(f"{name}:{value:>16}{self.units[name]}\n" for name, value in now.items())
        (self.root / "proc/meminfo").write_text(text)
        (self.root / "proc/uptime").write_text(f"{(40 - day) * DAY}.00 {(40 - day) * DAY}.00\n")
        os.utime(self.root / "proc/meminfo", (LAST - day * DAY, LAST - day * DAY))


def without_this_machine(fleet: Fleet) -> dict[str, Any]:
    """The fleet's inventory, changed so that every host reads a saved tree."""
    inventory: dict[str, Any] = json.loads(fleet.inventory.read_text())
    hosts = inventory["all"]["hosts"]
    shared = own_boot_id(fleet.folder, "live", hosts["saved04"])
    kernel = Path(shared["kernel_mem_audit_proc_root"], "sys/kernel")
    (kernel / "random/boot_id").write_text("00000000-0000-4000-8000-000000000099\n")
    for name in ("live", "live-again"):
        hosts[name] |= shared
    fleet.inventory.write_text(json.dumps(inventory))
    return inventory


def trees(fleet: Fleet, inventory: dict[str, Any]) -> dict[str, Tree]:
    """The trees by host; that of a host in a root of its own stays as it is."""
    roots = {
        name: Path(variables["kernel_mem_audit_proc_root"]).parent
        for name, variables in inventory["all"]["hosts"].items()
        if "kernel_mem_audit_proc_root" in variables
    }
    return {name: Tree(name, root) for name, root in roots.items() if root.is_relative_to(fleet.folder)}


def audit(fleet: Fleet, day: int, *arguments: str) -> None:
    """Audit the fleet with the clock at a day."""
    os.environ |= {"PYTHONPATH": str(ROOT / "tools/fixed_clock"), "FIXED_CLOCK": str(LAST - day * DAY)}
    said = fleet.audit(f"day-{day}", "-e", f"kernel_mem_audit_run_id=day-{day}", *arguments)
    print(f"{day:>2} days before: {said['counts']['all']}", flush=True)


def anonymous(fleet: Fleet, ports: dict[str, str], text: str) -> bytes:
    """Text in which places and ports of this machine have names that are the same everywhere."""
    text = text.replace(str(fleet.folder), "/srv/fleet")
    for old, new in ports.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return gzip.compress(text.encode(), 9, mtime=0)


def main() -> None:
    """Record it."""
    with loopback_fleet() as fleet:
        inventory = without_this_machine(fleet)
        saved, store = trees(fleet, inventory), fleet.folder / "history.db"
        history = f"kernel_mem_audit_history={store}"
        for day in range(DAYS, 0, -1):
            for tree in saved.values():
                tree.become(day)
            audit(
                fleet,
                day,
                "-e",
                history,
                "--limit",
                ",".join(saved),
                "-e",
                "ansible_connection=local",
                "-e",
                "ansible_become=false",
            )
        for tree in saved.values():
            tree.become(0)
        spool = fleet.folder / "spool.jsonl"
        audit(
            fleet,
            0,
            "-e",
            "kernel_mem_audit_history=none",
            "-e",
            f"kernel_mem_audit_spool={spool}",
            "-e",
            f"kernel_mem_audit_run_id={RUN_ID}",
        )
        exported = fleet.folder / "history.jsonl"
        export = [
            "-m",
            "fleetaudit.kernel_memory.kernel_memory_history",
            "-a",
            f"operation=export store={store} dest={exported}",
        ]
        subprocess.run(
            [str(Path(sys.executable).parent / "ansible"), "localhost", *export],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections")},
        )
        variables = inventory["all"]["vars"]
        ports = {variables["ansible_port"]: "22022", inventory["all"]["hosts"]["silent"]["ansible_port"]: "22023"}
        shutil.rmtree(RECORDED, ignore_errors=True)
        RECORDED.mkdir()
        for path in (spool, exported):
            (RECORDED / f"{path.name}.gz").write_bytes(anonymous(fleet, ports, path.read_text()))
        groups = {"all": {"hosts": dict.fromkeys(inventory["all"]["hosts"], {})}, "staging": inventory["staging"]}
        (RECORDED / "hosts.json").write_text(json.dumps(groups, indent=1) + "\n")


if __name__ == "__main__":
    main()
