# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader of the guides: a folder with what a reader has, and a shell that runs what a guide says, as it stands there.

The hosts are the loopback SSH hosts of tests/gate: each shows a saved /proc, and none can be upgraded or rebooted but
in that. What stands in a guide for something of the reader's own (an address, a folder below /srv, what another tool
does) is replaced word by word, as ``Reader.stands_for`` says.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT, this_python

CLI = "collections/ansible_collections/fleetaudit/kernel_memory/cli"
REPOSITORY = "https://github.com/fleetaudit/ansible-kernel-memory.git"
HOSTS = {"web1": "good", "web2": "good", "web3": "good", "db1": "sick"}
WEB = [name for name in HOSTS if name.startswith("web")]


@dataclass(frozen=True)
class Said:
    """What a shell came to."""

    exit_code: int
    output: str


@dataclass
class Reader:
    """Somebody who types what a guide says."""

    folder: Path
    environment: dict[str, str]
    stands_for: dict[str, str] = field(default_factory=dict)

    def types(self, text: str, **environment: str) -> Said:
        """Run lines of shell, each of which must succeed but the last, and return what it prints."""
        for word, meant in self.stands_for.items():
            text = text.replace(word, meant)
        said = subprocess.run(
            ["bash", "-e", "-c", text],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        return Said(said.returncode, said.stdout.decode("utf-8", "replace"))

    def in_copy(self, folder: Path) -> Reader:
        """The same reader in a copy of the folder, in which nothing is spoilt for the next."""
        shutil.copytree(self.folder, folder, symlinks=True, ignore=shutil.ignore_patterns("collections"))
        return Reader(folder, dict(self.environment), dict(self.stands_for))


def surroundings(collections: Path, lab: GateLab) -> dict[str, str]:
    """The environment of a shell that has Ansible, the collection and the hosts of a lab."""
    return {
        **os.environ,
        "PATH": f"{collections.parent / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_LOCAL_TEMP": str(lab.folder / "local-tmp"),
        "ANSIBLE_TIMEOUT": "300",
        "ANSIBLE_PYTHON_INTERPRETER": this_python(),
        "ANSIBLE_HOST_KEY_CHECKING": "false",
    }


def as_if_from(checkout: Path) -> dict[str, str]:
    """Settings of git by which the project's address leads to a checkout on this machine."""
    return {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": f"url.file://{checkout}.insteadOf",
        "GIT_CONFIG_VALUE_1": REPOSITORY,
    }


def untouched(lab: GateLab) -> None:
    """Make the hosts anew, as they are before anything was upgraded."""
    # A reboot of the real kind would be one of this machine.
    lab.hosts(HOSTS, kernel_mem_audit_reboot_tasks=str(lab.folder / "reboot.yml"))


def furnish(folder: Path, lab: GateLab) -> None:
    """Put into a folder what readers have of their own: inventories, settings, hooks, the examples of the guides."""
    untouched(lab)
    inventory = json.loads(lab.inventory.read_text())
    inventory["all"]["children"] = {"web": {"hosts": dict.fromkeys(WEB, {})}}
    for name in ("hosts.yml", "inventory", "slice1.yml", "everything.yml"):
        (folder / name).write_text(json.dumps(inventory))
    own: Mapping[str, str] = {
        "audit-settings.yml": "kernel_mem_audit_report_dir: report\nkernel_mem_audit_outputs: [junit.xml]\n",
        "upgrade.yml": (lab.folder / "upgrade.yml").read_text(),
        "policy.yml": (ROOT / "docs" / "examples" / "policy.yml").read_text(),
        "last.kernel_memory.yml": (ROOT / "docs" / "examples" / "last.kernel_memory.yml").read_text(),
        "awx.yml": (ROOT / "docs" / "examples" / "awx.yml").read_text(),
        "restart.yml": (ROOT / "docs" / "examples" / "act.yml").read_text(),
    }
    for name, text in own.items():
        (folder / name).write_text(text)
    command = folder / "bin" / "kernel-memory"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} {folder}/{CLI} "$@"\n')
    command.chmod(0o755)
    shutil.copytree(ROOT / "docs" / "examples", folder / "docs" / "examples")
    shutil.copytree(ROOT / "docs" / "examples" / "act", folder / "act")
