# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loopback SSH hosts that can be upgraded: each shows a saved /proc of kernel 5.10, and a "reboot" puts one of 6.12 in
its place.

What a host does at its reboot is its part to play: it comes back well, with a leak, on the old kernel, not at all, and
so on.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.loopback import SAMPLES, Sshd
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import COLLECTIONS, for_everybody

OLD, NEW = "5.10.0-46-cloud-amd64", "6.12.118+deb13-cloud-amd64"
MIB = 1024
"""In KiB, the unit of /proc/meminfo."""
MEMORY = 16 * 1024 * MIB
PARTS = (
    "good",
    "regression",
    "small_regression",
    "leak",
    "sick",
    "old_kernel",
    "not_rebooted",
    "down",
    "noisy",
    "unreachable",
    "broken_upgrade",
    "broken_variables",
)
POLICY = {
    "environments": {
        "production": {"gate": {"settle": {"minimum_uptime_seconds": 60, "at_most_seconds": 2, "interval_seconds": 1}}}
    }
}

UPGRADE = """\
- name: Install the new kernel
  ansible.builtin.command: sh {lab}/upgrade.sh {lab}/hosts/{{{{ inventory_hostname }}}}
"""
REBOOT = """\
- name: Reboot
  ansible.builtin.command: sh {lab}/reboot.sh {lab}/hosts/{{{{ inventory_hostname }}}}
"""
UPGRADE_SH = """\
basename "$1" >> "$1/../../touched"
if [ -e "$1/broken_upgrade" ]; then echo "no space left on device" >&2; exit 1; fi
"""
# The whole next tree is put in place in one step, as a boot would.
REBOOT_SH = """\
basename "$1" >> "$1/../../rebooted"
if [ -d "$1/next" ]; then rm -rf "$1/past"; mv "$1/now" "$1/past"; mv "$1/next" "$1/now"; fi
if [ -e "$1/goes_down" ]; then mv "$1/goes_down" "$1/is_down"; fi
"""
SHELL_SH = """\
if [ -e "$1/is_down" ]; then exit 255; fi
if [ -e "$1/now/other_meminfo" ]; then
  mv "$1/now/other_meminfo" "$1/now/swap"
  mv "$1/now/proc/meminfo" "$1/now/other_meminfo"
  mv "$1/now/swap" "$1/now/proc/meminfo"
fi
exec sh -c "$SSH_ORIGINAL_COMMAND"
"""


@dataclass
class Outcome:
    """What a run left behind."""

    exit_code: int
    output: str
    decision: dict[str, Any] | None
    touched: list[str]
    folder: Path

    @property
    def word(self) -> str:
        """The decision."""
        assert self.decision is not None, self.output
        return str(self.decision["decision"])

    def host(self, name: str) -> dict[str, Any]:
        """A host of the decision."""
        assert self.decision is not None, self.output
        return next(host for host in self.decision["hosts"] if host["name"] == name)

    def codes(self, name: str) -> list[str]:
        """The codes of a host's reasons."""
        return [reason["code"] for reason in self.host(name)["reasons"]]

    @property
    def reason_codes(self) -> list[str]:
        """The codes of the decision's reasons."""
        assert self.decision is not None, self.output
        return [reason["code"] for reason in self.decision["reasons"]]


class GateLab:
    """A folder with sshd, and hosts that can be made anew for each test."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder
        self.number = number
        (folder / "sshd").mkdir()
        # Under a name without blanks, and also where no test has made one: the guide starts a lab by itself.
        (folder / "python").symlink_to(sys.executable)
        matches = "".join(
            f"Match LocalAddress 127.0.1.{place}\n  ForceCommand sh {folder}/shell.sh {folder}/by_address/{place}\n"
            for place in range(1, number + 1)
        )
        for name, text in (("shell.sh", SHELL_SH), ("upgrade.sh", UPGRADE_SH), ("reboot.sh", REBOOT_SH)):
            (folder / name).write_text(text)
        (folder / "upgrade.yml").write_text(UPGRADE.format(lab=folder))
        (folder / "reboot.yml").write_text(REBOOT.format(lab=folder))
        (folder / "policy.yml").write_text(json.dumps(POLICY))
        self.sshd = Sshd(folder / "sshd", number, matches)
        self.inventory = folder / "hosts.yml"

    def hosts(self, parts: Mapping[str, str], **group_variables: str) -> None:
        """Make the hosts of a test: the part that each plays, by name, in the order of the inventory."""
        for name in ("hosts", "by_address", "work", "local-tmp"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir()
        (self.folder / "touched").write_text("")
        (self.folder / "rebooted").write_text("")
        made = {}
        for place, (name, part) in enumerate(parts.items(), 1):
            assert part in PARTS, part
            root = self.folder / "hosts" / name
            self._make(root, place, part)
            (self.folder / "by_address" / str(place)).symlink_to(root)
            made[name] = {
                "ansible_host": "{{ nowhere }}" if part == "broken_variables" else f"127.0.1.{place}",
                "kernel_mem_audit_proc_root": f"{root}/now/proc",
                "kernel_mem_audit_sys_root": f"{root}/now/sys",
            }
            if part == "unreachable":
                made[name]["ansible_port"] = "1"
        self.inventory.write_text(
            json.dumps({"all": {"hosts": made, "vars": {**self.sshd.variables(), **group_variables}}})
        )

    def _make(self, root: Path, place: int, part: str) -> None:
        usual = (400 + place) * MIB
        self._tree(
            root / "now", OLD, f"00000000-0000-4000-8000-{place:012}", usual + (3000 * MIB if part == "sick" else 0)
        )
        grown = {"regression": 500 * MIB, "small_regression": 140 * MIB, "leak": 3200 * MIB}.get(part, 0)
        kernel = OLD if part == "old_kernel" else NEW
        if part != "not_rebooted":
            self._tree(root / "next", kernel, f"10000000-0000-4000-8000-{place:012}", usual + grown)
        if part == "noisy":
            self._meminfo(root / "next" / "proc" / "meminfo", root / "next" / "other_meminfo", usual + 600 * MIB)
        if part == "down":
            (root / "goes_down").touch()
        if part == "broken_upgrade":
            (root / "broken_upgrade").touch()

    def _tree(self, root: Path, kernel: str, boot_id: str, slab: int) -> None:
        shutil.copytree(SAMPLES / kernel, root, symlinks=True)
        for_everybody(root)
        random = root / "proc" / "sys" / "kernel" / "random"
        random.mkdir(parents=True, exist_ok=True)
        (random / "boot_id").write_text(f"{boot_id}\n")
        self._meminfo(SAMPLES / kernel / "proc" / "meminfo", root / "proc" / "meminfo", slab)

    @staticmethod
    def _meminfo(source: Path, target: Path, slab: int) -> None:
        """Write a meminfo of 16 GiB with so much unreclaimable slab (in KiB)."""
        amounts = {
            name: int(number) for name, number in re.findall(r"^(\S+):\s+(\d+)", source.read_text(), re.MULTILINE)
        }
        more = slab - amounts["SUnreclaim"]
        larger = MEMORY - amounts["MemTotal"]
        changed = {
            "MemTotal": larger,
            "MemFree": larger - more,
            "MemAvailable": larger - more,
            "SUnreclaim": more,
            "Slab": more,
        }
        text = source.read_text()
        for name, difference in changed.items():
            text = re.sub(rf"^({name}:\s+)\d+", rf"\g<1>{amounts[name] + difference}", text, flags=re.MULTILINE)
        target.write_text(text)

    def start(self) -> None:
        """Start sshd."""
        self.sshd.start()

    def stop(self) -> None:
        """Stop it."""
        self.sshd.stop()

    def rolling(self, *arguments: str, policy: Mapping[str, Any] | None = None, **environment: str) -> Outcome:
        """Run the rolling upgrade."""
        return self.play(
            "fleetaudit.kernel_memory.rolling_upgrade", *self.hooks(), *arguments, policy=policy, **environment
        )

    def book(self, text: str, *arguments: str, **environment: str) -> Outcome:
        """Run a playbook given as text; ``LAB`` in it stands for the lab's folder."""
        book = self.folder / "work" / "book.yml"
        book.write_text(text.replace("LAB", str(self.folder)))
        return self.play(str(book), *arguments, policy=None, **environment)

    def hooks(self) -> list[str]:
        """The arguments for the lab's own upgrade and reboot."""
        named = {"upgrade_tasks": self.folder / "upgrade.yml", "reboot_tasks": self.folder / "reboot.yml"}
        return [word for name, path in named.items() for word in ("-e", f"kernel_mem_audit_{name}={path}")]

    def command(self, book: str, *arguments: str) -> list[str]:
        """The command that runs a playbook over the hosts."""
        program = str(Path(sys.executable).parent / "ansible-playbook")
        policy = f"kernel_mem_audit_policy={self.folder}/policy.yml"
        return [program, book, "-i", str(self.inventory), "--forks", "12", "-e", policy, *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of that command."""
        return {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCAL_TEMP": str(self.folder / "local-tmp"),
            "ANSIBLE_TIMEOUT": "300",
            "ANSIBLE_PYTHON_INTERPRETER": str(self.folder / "python"),
            "ANSIBLE_PIPELINING": "true",
            **more,
        }

    def play(self, book: str, *arguments: str, policy: Mapping[str, Any] | None = None, **environment: str) -> Outcome:
        """Run a playbook over the hosts."""
        if policy is not None:
            (self.folder / "policy.yml").write_text(json.dumps(policy))
        before = len((self.folder / "touched").read_text().split())
        said = subprocess.run(
            self.command(book, *arguments),
            cwd=self.folder / "work",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            env=self.environment(**environment),
        )
        if policy is not None:
            (self.folder / "policy.yml").write_text(json.dumps(POLICY))
        found = sorted((self.folder / "work" / "gate").glob("*/decision.json"), key=lambda path: path.stat().st_mtime)
        decision = json.loads(found[-1].read_text()) if found else None
        touched = (self.folder / "touched").read_text().split()[before:]
        return Outcome(
            said.returncode, said.stdout.decode("utf-8", "replace"), decision, sorted(touched), self.folder / "work"
        )
