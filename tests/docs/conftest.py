# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reader with hosts, the installed collection and two audits behind them; made once, and copied for each block."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.docs.reader import (
    Reader,
    as_if_from,
    furnish,
    surroundings,
    untouched,
)
from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import GateLab
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT, place_for_servers


@pytest.fixture(scope="session")
def lab() -> Iterator[GateLab]:
    """The hosts, up."""
    with place_for_servers() as name:
        made = GateLab(Path(name), 4)
        made.start()
        try:
            yield made
        finally:
            made.stop()


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of the project as it stands, with the environments that are prepared already."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    files = b"\0".join(name for name in listed.split(b"\0") if name and (ROOT / name.decode()).is_file())
    subprocess.run(["xargs", "-0", "cp", "-a", "--parents", "-t", str(folder)], cwd=ROOT, input=files, check=True)
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], [*who, "commit", "-q", "-m", "t"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    (folder / ".venv").symlink_to((ROOT / ".venv").resolve(), target_is_directory=True)
    return folder


@pytest.fixture(scope="session")
def first_reader(lab: GateLab, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The reader after README's commands: the collection is installed, and the inventory was audited twice."""
    folder = tmp_path_factory.mktemp("reader")
    furnish(folder, lab)
    environment = surroundings(folder / "collections", lab) | as_if_from(checkout)
    reader = Reader(folder, environment)
    said = reader.types(
        "ansible-galaxy collection install git+https://github.com/fleetaudit/ansible-kernel-memory.git -p collections\n"
        "ansible-playbook fleetaudit.kernel_memory.audit -i hosts.yml\n"
        "ansible-playbook fleetaudit.kernel_memory.audit -i hosts.yml"
    )
    assert said.exit_code == 0, said.output
    first, second = sorted(path for path in (folder / "reports").iterdir() if path.is_dir())
    first.rename(folder / "reports" / "2026-11-23T120000Z")
    for place in ("slices/1", "slices/2"):
        (folder / place).mkdir(parents=True)
        shutil.copy(second / "audit.json", folder / place)
    return reader


@pytest.fixture
def reader(first_reader: Reader, lab: GateLab, tmp_path: Path) -> Reader:
    """The reader, in a copy of the folder, with hosts that nobody has touched."""
    untouched(lab)
    return first_reader.in_copy(tmp_path / "reader")
