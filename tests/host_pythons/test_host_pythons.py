# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts have the Python they have: the collector runs on each that is installed here, from 2.7 up, and says the same on
all.

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

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport import lean
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.eventful import eventful_host

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests" / "samples" / "6.18-host"
SUBSETS = {"all": resolve_subsets(["all"]), "default": resolve_subsets(["default"]), "min": {}}
VERSIONS = ("2.7", *(f"3.{minor}" for minor in range(6, 16)))
MODULE_ON_OLDEST_CORE = ("2.7", *(f"3.{minor}" for minor in range(6, 13)))


def installed() -> dict[str, str]:
    """The Pythons that start, by version."""
    found = {}
    for version in VERSIONS:
        pyenv = sorted(
            (Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions").glob(
                f"{version}.*/bin/python{version}"
            )
        )
        for candidate in (shutil.which(f"python{version}"), *map(str, pyenv)):
            if (
                candidate
                and subprocess.run([candidate, "-c", "pass"], stderr=subprocess.DEVNULL, check=False).returncode == 0
            ):
                # Not by its name in a virtual environment, which may have a blank in it; an interpreter is words.
                found[version] = os.path.realpath(candidate)
                break
    return found


PYTHONS = installed()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved host that has something for every module, and hostile names."""
    return eventful_host(tmp_path_factory.mktemp("host"))


def run_payload(python: str, root: Path, subsets: dict[str, str], locale: str, *, as_argument: bool) -> dict[str, Any]:
    """Run the payload as the lean transport does, on this machine, and return the reading."""
    text = lean.program("mark", f"{root}/proc", f"{root}/sys", 20, subsets)
    environment = {**os.environ, "LC_ALL": locale}
    if as_argument:
        said = subprocess.run(
            ["sh", "-c", lean.command_with_program([python], "mark", text)],
            capture_output=True,
            check=True,
            env=environment,
        )
    else:
        command = lean.command_for_input([python], "mark")
        said = subprocess.run(
            ["sh", "-c", command], input=text.encode(), capture_output=True, check=True, env=environment
        )
    answer = lean.read_answer("mark", said.stdout.decode("ascii"), said.stderr.decode(), said.returncode, [python])
    assert answer.reading is not None, answer.message
    return answer.reading


def comparable(reading: dict[str, Any]) -> dict[str, Any]:
    """A reading without what differs between two moments and two Pythons."""
    return {
        name: value
        for name, value in reading.items()
        if name not in ("collected_at", "duration_ms", "python", "part_ms")
    }


def test_at_least_one_python_is_tested() -> None:
    """An empty list of Pythons would let this whole file pass."""
    assert PYTHONS, "no python2.7 or python3.x was found"


@pytest.mark.parametrize("version", PYTHONS)
@pytest.mark.parametrize(
    ("asked", "locale", "as_argument"),
    [("default", "C", False), ("all", "C.UTF-8", True), ("all", "C", False), ("min", "C", False)],
)
def test_every_python_brings_the_same_reading(
    version: str, asked: str, locale: str, as_argument: bool, host: Path
) -> None:
    """What the host's Python and its locale are must not change a figure or a name."""
    reading = run_payload(PYTHONS[version], host, SUBSETS[asked], locale, as_argument=as_argument)
    assert reading["python"].startswith(version)
    assert comparable(reading) == comparable(
        json.loads(json.dumps(read(f"{host}/proc", f"{host}/sys", 20, SUBSETS[asked], load)))
    )
    if asked == "all":
        assert (
            set(reading["parts"])
            == {"allocinfo", "cgroups", "descriptors", "limits", "numa", "processes", "slab", "vmalloc"}
            and reading["part_errors"] == {}
        )
        assert reading["parts"]["slab"]["aliases"] == {"ext4_inode_cache": ["b\u00fcro", "other"]}
        assert reading["parts"]["slab"]["bad_lines"] == 1
    assert build_facts(reading)["kernel_total_bytes"] > 0


@pytest.mark.parametrize("version", [version for version in PYTHONS if version in MODULE_ON_OLDEST_CORE])
@pytest.mark.parametrize("asked", ["all", "default, slab"])
def test_module_transport_runs_on_every_python_of_the_oldest_core(asked: str, version: str, tmp_path: Path) -> None:
    """ansible-core 2.16 supports Python 2.7 and 3.6 to 3.12 on hosts; so do the modules: the small one brings what it
    has modules for.

    Runs with the core of this environment.
    """
    book = tmp_path / "book.yml"
    book.write_text(
        "- hosts: localhost\n  connection: local\n  gather_facts: false\n  tasks:\n"
        "    - fleetaudit.kernel_memory.kernel_memory_facts:\n"
        f"        {{transport: module, gather_subset: [{asked}], return_reading: true, proc_root: {SAMPLE}/proc, "
        f"sys_root: {SAMPLE}/sys}}\n"
        "      register: said\n"
        "    - assert: {that: [ansible_facts.kernel_memory.host.memory_total_bytes == 25276063744, "
        "said.reading.parts.slab.pages == 257952]}\n"
    )
    said = subprocess.run(
        [
            str(Path(sys.executable).parent / "ansible-playbook"),
            "-i",
            "localhost,",
            "-e",
            f"ansible_python_interpreter={PYTHONS[version]}",
            str(book),
        ],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections")},
    )
    assert said.returncode == 0, said.stdout.decode()
