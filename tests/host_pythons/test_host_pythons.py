# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts have the Python they have: the collector runs on each that is installed here, from 2.7 up, and says the same on all.

Pythons are looked for in PATH and in pyenv's folder. The folder's name and the versions found are in the test ids.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils._facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils._reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils._rooms import room
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils._subsets import resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _payload

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "samples" / "6.18-host"
ALL = resolve_subsets(["all"])
VERSIONS = ("2.7", *(f"3.{minor}" for minor in range(6, 16)))
MODULE_ON_OLDEST_CORE = ("2.7", *(f"3.{minor}" for minor in range(6, 13)))


def installed() -> dict[str, str]:
    """The Pythons that start, by version."""
    found = {}
    for version in VERSIONS:
        pyenv = sorted((Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions").glob(f"{version}.*/bin/python{version}"))
        for candidate in (shutil.which(f"python{version}"), *map(str, pyenv)):
            if candidate and subprocess.run([candidate, "-c", "pass"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
                found[version] = candidate
                break
    return found


PYTHONS = installed()


def run_payload(python: str, *, as_argument: bool) -> dict[str, Any]:
    """Run the payload as the lean transport does, on this machine, and return the reading."""
    text = _payload.program("mark", f"{SAMPLE}/proc", f"{SAMPLE}/sys", 5, ALL)
    if as_argument:
        said = subprocess.run(["sh", "-c", _payload.command_with_program([python], "mark", text)], capture_output=True, check=True)
    else:
        said = subprocess.run(["sh", "-c", _payload.command_for_input([python], "mark")], input=text.encode(), capture_output=True, check=True)
    answer = _payload.read_answer("mark", said.stdout.decode("ascii"), said.stderr.decode(), said.returncode, [python])
    assert answer.reading is not None, answer.message
    return answer.reading


def comparable(reading: dict[str, Any]) -> dict[str, Any]:
    """A reading without what differs between two moments and two Pythons."""
    return {name: value for name, value in reading.items() if name not in ("collected_at", "duration_ms", "python", "part_ms")}


def test_at_least_one_python_is_tested() -> None:
    """An empty list of Pythons would let this whole file pass."""
    assert PYTHONS, "no python2.7 or python3.x was found"


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize("as_argument", [False, True], ids=["standard-input", "argument"])
def test_every_python_brings_the_same_reading(version: str, as_argument: bool) -> None:
    """What the host's Python is must not change a figure."""
    reading = run_payload(PYTHONS[version], as_argument=as_argument)
    assert reading["python"].startswith(version)
    assert comparable(reading) == comparable(json.loads(json.dumps(read(f"{SAMPLE}/proc", f"{SAMPLE}/sys", 5, ALL, room))))
    assert set(reading["parts"]) >= {"slab", "vmalloc", "numa"}
    assert build_facts(reading)["kernel_total_bytes"] > 0


@pytest.mark.parametrize("version", [version for version in PYTHONS if version in MODULE_ON_OLDEST_CORE])
def test_module_transport_runs_on_every_python_of_the_oldest_core(version: str, tmp_path: Path) -> None:
    """ansible-core 2.16 supports Python 2.7 and 3.6 to 3.12 on hosts; so does the module. Runs with the core of this environment."""
    book = tmp_path / "book.yml"
    book.write_text(
        "- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n"
        "    - fleetaudit.kernel_memory.kernel_memory_facts:\n"
        f"        {{transport: module, proc_root: {SAMPLE}/proc, sys_root: {SAMPLE}/sys}}\n"
        "    - assert: {that: ansible_facts.kernel_memory.host.memory_total_bytes == 25276063744}\n"
    )
    said = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "-e", f"ansible_python_interpreter={PYTHONS[version]}", str(book)],
        capture_output=True, check=False, cwd=tmp_path, env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections")},
    )  # fmt: skip
    assert said.returncode == 0, said.stdout.decode()
