# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory of loopback SSH hosts, and how to audit it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.loopback import ROOT, Silent, Sshd, python_that_says
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import (
    COLLECTIONS,
    for_everybody,
    place_for_servers,
)

CHECKOUT = Path(__file__).resolve().parents[2]
SAMPLES = CHECKOUT / "tests" / "samples"
SAVED = 16
HANGING, CHROOTED, NOISY = 21, 22, 23
PATIENT = {"ansible_ssh_timeout": "300", "kernel_mem_audit_timeout": "300", "kernel_mem_audit_deadline": "250"}
"""A host that answers does so on a busy machine, too; those that never do have less time."""


@dataclass
class Fleet:
    """The inventory, and how to audit it."""

    folder: Path
    inventory: Path

    def audit(self, name: str, *arguments: str) -> dict[str, Any]:
        """Audit the fleet and return audit.json, with the run's output and exit code beside it."""
        folder = self.folder / name
        folder.mkdir()
        said = subprocess.run(
            [
                str(Path(sys.executable).parent / "ansible-playbook"),
                "fleetaudit.kernel_memory.audit",
                "-i",
                str(self.inventory),
                "--forks",
                "8",
                *arguments,
            ],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)},
        )
        output = said.stdout.decode("utf-8", "replace")
        found = list((folder / "reports").glob("*/audit.json"))
        assert len(found) == 1, output
        return {
            "output": output,
            "exit_code": said.returncode,
            "report": found[0].parent,
            **json.loads(found[0].read_text()),
        }


def saved_hosts(folder: Path) -> dict[str, dict[str, str]]:
    """Sixteen saved hosts of five kernels, each with a boot id of its own; the last one is sick: 30 % of its RAM is
    slab.
    """
    kernels = sorted(path.name for path in SAMPLES.iterdir() if (path / "proc" / "meminfo").is_file())
    hosts = {}
    for number in range(1, SAVED + 1):
        root = folder / f"saved{number:02}"
        shutil.copytree(SAMPLES / kernels[number % len(kernels)], root, symlinks=True)
        for_everybody(root)
        random = root / "proc" / "sys" / "kernel" / "random"
        random.mkdir(parents=True, exist_ok=True)
        (random / "boot_id").write_text(f"00000000-0000-4000-8000-{number:012}\n")
        hosts[f"saved{number:02}"] = {
            "ansible_host": f"127.0.1.{number}",
            "kernel_mem_audit_proc_root": f"{root}/proc",
            "kernel_mem_audit_sys_root": f"{root}/sys",
        }
    meminfo = folder / f"saved{SAVED:02}" / "proc" / "meminfo"
    lines = dict(line.split(":", 1) for line in (SAMPLES / "6.18-host" / "proc" / "meminfo").read_text().splitlines())
    lines["SUnreclaim"] = f" {24683656 * 30 // 100} kB"
    lines["Slab"] = f" {24683656 * 30 // 100 + 654272} kB"
    meminfo.write_text("".join(f"{name}:{value}\n" for name, value in lines.items()))
    return hosts


def own_boot_id(folder: Path, name: str, like: dict[str, str]) -> dict[str, str]:
    """Copy a saved host, so that it is a kernel of its own."""
    root = folder / name
    shutil.copytree(Path(like["kernel_mem_audit_proc_root"]).parent, root, symlinks=True)
    (root / "proc/sys/kernel/random/boot_id").write_text(f"{name}\n")
    return {"kernel_mem_audit_proc_root": f"{root}/proc", "kernel_mem_audit_sys_root": f"{root}/sys"}


Hosts = dict[str, dict[str, str]]


def no_more(_folder: Path, _hosts: Hosts, _sshd: Sshd) -> Hosts:
    """The fleet as it is."""
    return {}


@contextmanager
def loopback_fleet(
    sshd_class: type[Sshd] = Sshd,
    more_hosts: Callable[[Path, Hosts, Sshd], Hosts] = no_more,
    more_matches: str = "",
    addresses: int = 40,
) -> Iterator[Fleet]:
    """The fleet, up: saved hosts, live hosts, and hosts with whom something is wrong, each in another way.

    *more_hosts* adds hosts, *more_matches* is added to the configuration of sshd.
    """
    with place_for_servers() as name:
        folder = Path(name)
        (folder / "sshd").mkdir()
        sshd, silent = sshd_class(folder / "sshd", addresses, _matches() + more_matches), Silent("127.0.1.60")
        hosts = {**saved_hosts(folder), **_odd_hosts(folder, silent.port)}
        if ROOT:
            hosts |= _hosts_of_other_users(folder, hosts)
        hosts |= more_hosts(folder, hosts, sshd)
        inventory = folder / "hosts.yml"
        groups = {
            "all": {"hosts": hosts, "vars": sshd.variables() | PATIENT},
            "staging": {"hosts": {"saved03": {}, "silent": {}}},
        }
        inventory.write_text(json.dumps(groups))
        sshd.start()
        try:
            yield Fleet(folder, inventory)
        finally:
            sshd.stop()
            silent.close()


def _matches() -> str:
    matches = f"Match LocalAddress 127.0.1.{HANGING}\n  ForceCommand sleep 600\n"
    matches += f"Match LocalAddress 127.0.1.{NOISY}\n  ForceCommand echo Welcome; echo 'no service today' >&2; exit 3\n"
    return matches + (f"Match LocalAddress 127.0.1.{CHROOTED}\n  ChrootDirectory /mnt/no-python\n" if ROOT else "")


def _odd_hosts(folder: Path, silent_port: int) -> dict[str, dict[str, str]]:
    return {
        "unreachable": {"ansible_host": "127.0.1.61", "ansible_port": "1"},
        "silent": {"ansible_host": "127.0.1.60", "ansible_port": str(silent_port), "ansible_ssh_timeout": "5"},
        "hanging": {"ansible_host": f"127.0.1.{HANGING}", "kernel_mem_audit_timeout": "12"},
        "refusing": {"ansible_host": f"127.0.1.{NOISY}"},
        "no-interpreter": {
            "ansible_host": "127.0.1.24",
            "ansible_python_interpreter": "/opt/nowhere/python3",
            "kernel_mem_audit_transport": "lean",
        },
        "bsd": {"ansible_host": "127.0.1.25", "ansible_python_interpreter": str(python_that_says(folder, "FreeBSD"))},
        "live": {"ansible_host": "127.0.1.26"},
        "live-again": {"ansible_host": "127.0.1.27"},
    }


def _hosts_of_other_users(folder: Path, hosts: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    made = {
        "plain-user": {**hosts["saved01"], "ansible_host": "127.0.1.28", "ansible_user": "auditor"},
        "sudo-user": {
            **hosts["saved02"],
            "ansible_host": "127.0.1.29",
            "ansible_user": "auditor",
            "ansible_become": "true",
        },
        "sudo-wants-terminal": {
            **hosts["saved02"],
            "ansible_host": "127.0.1.30",
            "ansible_user": "terminal",
            "ansible_become": "true",
        },
    }
    for name, variables in made.items():
        variables |= own_boot_id(folder, name, variables)
    saved = {"kernel_mem_audit_proc_root": "/saved/proc", "kernel_mem_audit_sys_root": "/saved/sys"}
    return {**made, "no-python": {"ansible_host": f"127.0.1.{CHROOTED}", **saved}}
