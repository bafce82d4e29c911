# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run real ansible-playbook, of the virtual environment that pytest itself runs in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

PATIENT = ("-e", "kernel_mem_audit_timeout=600", "-e", "kernel_mem_audit_deadline=300")
"""A busy machine is no host that does not answer."""
SAMPLES = ROOT / "tests" / "samples"


@dataclass
class Result:
    """What a run of ansible-playbook left behind."""

    exit_code: int
    output: str
    folder: Path

    @property
    def report_dir(self) -> Path:
        """The one report that the run wrote."""
        found = sorted(path for path in (self.folder / "reports").glob("*") if path.is_dir())
        assert len(found) == 1, f"{len(found)} reports; output:\n{self.output}"
        return found[0]

    @property
    def wrote_report(self) -> bool:
        """Whether there is any report."""
        return any((self.folder / "reports").glob("*/audit.json"))

    @property
    def audit(self) -> dict[str, Any]:
        """The run's audit.json."""
        audit: dict[str, Any] = json.loads((self.report_dir / "audit.json").read_text())
        return audit

    def host(self, name: str) -> dict[str, Any]:
        """The audit's entry of host *name*, which must be there exactly once."""
        found: list[dict[str, Any]] = [host for host in self.audit["hosts"] if host["name"] == name]
        assert len(found) == 1, f"{name} stands {len(found)} times in the audit"
        return found[0]


class Ansible:
    """Runs playbooks in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "ANSIBLE_LOCAL_TEMP": str(folder / "local-tmp"),
            "ANSIBLE_HOST_KEY_CHECKING": "false",
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
        }

    def write(self, name: str, text: str) -> Path:
        """Write a file into the run's folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def command(self, *arguments: str, **environment: str) -> Result:
        """Run a command of the virtual environment and return what came of it."""
        program = Path(sys.executable).parent / arguments[0]
        said = subprocess.run(
            [str(program), *arguments[1:]],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Result(said.returncode, said.stdout.decode("utf-8", "replace"), self.folder)

    def audit(self, *arguments: str, inventory: str | None = None, **environment: str) -> Result:
        """Run the audit playbook; *inventory* is the text of a YAML inventory."""
        if inventory is not None:
            arguments = ("-i", str(self.write("hosts.yml", inventory)), *arguments)
        return self.command("ansible-playbook", "fleetaudit.kernel_memory.audit", *PATIENT, *arguments, **environment)

    def play(
        self, text: str, *arguments: str, inventory: str = "all: {hosts: {web1: {ansible_connection: local}}}"
    ) -> Result:
        """Run a playbook given as text."""
        book = self.write("book.yml", text)
        return self.command("ansible-playbook", str(book), "-i", str(self.write("hosts.yml", inventory)), *arguments)
