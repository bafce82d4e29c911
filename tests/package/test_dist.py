# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is released: the same bytes from the same commit, and a wheel that is command line and collection at once."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

PYTHON = ROOT / ".venv" / "dist" / "bin" / "python"


def built(folder: Path, **environment: str) -> dict[str, str]:
    """Build into a folder: the checksum of each file by its name."""
    command = [str(PYTHON), "tools/dist.py", str(folder)]
    said = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was built once."""
    folder = tmp_path_factory.mktemp("dist")
    built(folder)
    return folder


def test_two_builds_of_a_commit_are_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    """Whoever doubts an archive builds it again: on another day, with another umask."""
    first = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in dist.iterdir()}
    before = os.umask(0o077)
    try:
        again = built(tmp_path / "again")
    finally:
        os.umask(before)
    assert again == first and len(first) == 2
    later = built(tmp_path / "later", SOURCE_DATE_EPOCH="1700000000")
    assert not set(later.values()) & set(first.values())


def test_the_archive_installs_and_its_manifest_is_right(dist: Path, tmp_path: Path) -> None:
    """ansible-galaxy checks each file against the manifest, which was put in order after it had been built."""
    archive = next(dist.glob("*.tar.gz"))
    galaxy = str(Path(sys.executable).parent / "ansible-galaxy")
    # Not the checkout, which the tests themselves find by Python's path.
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(tmp_path), "PYTHONPATH": ""}
    for arguments in (
        ["install", str(archive), "-p", str(tmp_path)],
        ["verify", "--offline", "fleetaudit.kernel_memory"],
    ):
        said = subprocess.run(
            [galaxy, "collection", *arguments], env=environment, cwd=tmp_path, capture_output=True, check=False
        )
        assert said.returncode == 0, said.stdout + said.stderr


def test_the_wheel_audits(dist: Path, tmp_path: Path) -> None:
    """Install it, type one command, read one report."""
    wheel = next(dist.glob("*.whl"))
    place = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", str(place)]
    subprocess.run([*pip, str(wheel)], check=True, cwd=tmp_path, capture_output=True)
    command = [str(place / "bin" / "kernel-memory"), "audit", "-e", "kernel_mem_audit_timeout=600"]
    environment = {name: value for name, value in os.environ.items() if name != "ANSIBLE_COLLECTIONS_PATH"}
    said = subprocess.run(
        command,
        env={**environment, "PYTHONPATH": str(place)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr
    audit = json.loads(next(tmp_path.glob("reports/*/audit.json")).read_text())
    assert audit["counts"]["all"]["total"] == 1
