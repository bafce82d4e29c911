# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Says whether this controller is ready for an audit: a line for each thing, with what to do where it is not well."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

OLDEST_CORE = (2, 16)
OLDEST_PYTHON = (3, 10)
LITTLE_DISK = 1 << 30
FEW_FILES = 1024
FEW_FORKS = 20
COLLECTION = "fleetaudit.kernel_memory"


@dataclass
class Findings:
    """What was found, in the order in which it was looked for."""

    rows: list[tuple[str, str]] = field(default_factory=list)

    def well(self, words: str) -> None:
        """Something is as it should be."""
        self.rows.append(("ok", words))

    def note(self, words: str) -> None:
        """Something could be better."""
        self.rows.append(("note", words))

    def wrong(self, words: str) -> None:
        """With this no audit is possible."""
        self.rows.append(("WRONG", words))

    def lines(self) -> list[str]:
        """Return a line for each, and what it comes to."""
        bad = sum(kind == "WRONG" for kind, _words in self.rows)
        verdict = f"Not ready: {bad} to be mended." if bad else "Ready."
        return [*(f"{kind:<6} {words}" for kind, words in self.rows), verdict]

    @property
    def exit_code(self) -> int:
        """0 where an audit is possible."""
        return int(any(kind == "WRONG" for kind, _words in self.rows))


def findings(programs: Path, folder: Path) -> Findings:
    """Look at everything. *programs* is where Ansible's are, *folder* where reports go."""
    found = Findings()
    _versions(found, _output([str(programs / "ansible-playbook"), "--version"]))
    _collection(found, _output([str(programs / "ansible-doc"), "-t", "callback", "-j", f"{COLLECTION}.quiet"]))
    _settings(found, _output([str(programs / "ansible-config"), "dump", "--format", "json"]))
    _ssh(found, shutil.which("ssh"))
    _files(found, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    _disk(found, folder)
    _history(found, os.environ.get("KERNEL_MEM_AUDIT_HISTORY", ""), programs)
    return found


def _versions(found: Findings, said: str) -> None:
    core, python = re.search(r"core (\d+)\.(\d+)", said), re.search(r"python version = (\d+)\.(\d+)", said)
    for name, match, oldest in (("ansible-core", core, OLDEST_CORE), ("Python", python, OLDEST_PYTHON)):
        needed = ".".join(map(str, oldest))
        if match is None:
            found.wrong(f"{name}: ansible-playbook --version does not say which; install ansible-core 2.16 or newer")
        elif (int(match[1]), int(match[2])) < oldest:
            found.wrong(f"{name} {match[1]}.{match[2]} is too old; {needed} or newer is needed")
        else:
            found.well(f"{name} {match[1]}.{match[2]}")


def _collection(found: Findings, said: str) -> None:
    if f'"{COLLECTION}.quiet"' in said:
        found.well(f"collection {COLLECTION}")
    else:
        found.wrong(f"collection {COLLECTION} is not found; ansible-galaxy collection install {COLLECTION}")


def _settings(found: Findings, said: str) -> None:
    try:
        rows = {row["name"]: row.get("value") for row in json.loads(said) if "name" in row}
    except (ValueError, TypeError, AttributeError):
        found.note("ansible-config dump gives no JSON, so forks and pipelining are not known")
        return
    forks = rows.get("DEFAULT_FORKS")
    if isinstance(forks, int) and forks < FEW_FORKS:
        found.note(
            f"forks: {forks}; most hosts are asked by one process whatever this is; the others wait for one "
            "(forks = 50 in ansible.cfg)"
        )
    else:
        found.well(f"forks: {forks}")
    if str(rows.get("ANSIBLE_PIPELINING")).lower() == "true":
        found.well("pipelining is on")
    else:
        found.note("pipelining is off; pipelining = true in ansible.cfg saves connections of tasks")


def _ssh(found: Findings, program: str | None) -> None:
    if program is None:
        found.wrong("ssh is not found; install the OpenSSH client (only local hosts can be asked without it)")
    else:
        found.well(f"ssh: {program}")


def _files(found: Findings, limit: int) -> None:
    words = f"open files: {limit if limit != resource.RLIM_INFINITY else 'no limit'}"
    if limit != resource.RLIM_INFINITY and limit < FEW_FILES:
        found.note(f"{words}; ulimit -n 4096 lets more hosts be asked at a time")
    else:
        found.well(words)


def _disk(found: Findings, folder: Path) -> None:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        found.wrong(
            f"{folder} can't be written to; give kernel_mem_audit_report_dir, or mend the permissions of {there}"
        )
        return
    free = shutil.disk_usage(there).free
    words = f"{folder}: {free / (1 << 30):.1f} GiB free"
    if free < LITTLE_DISK:
        found.note(f"{words}; a report of 10,000 hosts needs about 0.1 GiB, its history more")
    else:
        found.well(words)


def _history(found: Findings, where: str, programs: Path) -> None:
    if not where.startswith(("postgres", "service=", "host=")):
        found.well("history: a file")
        return
    python = next((one for one in (programs / "python3", programs / "python") if one.is_file()), Path(sys.executable))
    if _output([str(python), "-c", "import psycopg; print('there')"]).strip() == "there":
        found.well("history in PostgreSQL: psycopg is there (an audit checks that the server answers)")
    else:
        found.wrong("history in PostgreSQL: psycopg is missing; pip install 'psycopg[binary]>=3.1'")


def _output(command: list[str]) -> str:
    """Return what a command says; nothing where it can't be run."""
    try:
        said = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.stdout.decode("utf-8", "replace")
