# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users install: the built archive and the git checkout both work the field's way, and every plugin has
documentation.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
NAME = "fleetaudit.kernel_memory"


def run(*command: str, cwd: Path, **environment: str) -> str:
    """Run a command of the virtual environment; its output, or a failed test."""
    said = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=cwd,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    output = said.stdout.decode("utf-8", "replace")
    assert said.returncode == 0, output
    return output


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository of the working tree as it stands, so that the test sees what is about to be committed."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    files = b"\0".join(name for name in listed.split(b"\0") if name and os.path.lexists(ROOT / os.fsdecode(name)))
    subprocess.run(["xargs", "-0", "cp", "-a", "--parents", "-t", str(folder)], cwd=ROOT, input=files, check=True)
    for arguments in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        ["-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "t"],
    ):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="session")
def archive(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built archive."""
    folder = tmp_path_factory.mktemp("dist")
    run("ansible-galaxy", "collection", "build", "--output-path", str(folder), cwd=checkout)
    return next(folder.glob("*.tar.gz"))


@pytest.fixture(scope="session", params=["archive", "git"])
def installed(
    request: pytest.FixtureRequest, archive: Path, checkout: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder of collections, installed as a user does it."""
    folder = tmp_path_factory.mktemp("collections")
    source = str(archive) if request.param == "archive" else f"git+file://{checkout},main"
    run("ansible-galaxy", "collection", "install", source, "-p", str(folder), cwd=folder)
    return folder


def test_archive_holds_no_development_files(archive: Path) -> None:
    """Users get what runs and what they read, not virtual environments, caches or samples."""
    with tarfile.open(archive) as opened:
        top = {name.split("/")[0] for name in opened.getnames()}
    assert not top & {".venv", ".cache", "reports", "tests", "tools", "benchmarks", "Makefile", ".ci", ".git"}
    assert top >= {"plugins", "roles", "playbooks", "meta", "docs", "README.md", "COPYING"}


def test_installed_collection_audits(installed: Path, tmp_path: Path) -> None:
    """The README's second way: install, then run the playbook by its full name."""
    output = run(
        "ansible-playbook",
        f"{NAME}.audit",
        "-i",
        "localhost,",
        "-c",
        "local",
        cwd=tmp_path,
        ANSIBLE_COLLECTIONS_PATH=str(installed),
    )
    audit = json.loads(next(tmp_path.glob("reports/*/audit.json")).read_text())
    assert audit["counts"]["all"]["total"] == 1, output


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("module", f"kernel_memory_{part}") for part in ("facts", "plan", "report")),
        *(("filter", name) for name in ("classify", "human_bytes")),
        ("role", "kernel_mem_audit"),
    ],
)
def test_everything_public_has_documentation(kind: str, name: str, installed: Path, tmp_path: Path) -> None:
    """ansible-doc shows each plugin and the role."""
    output = run("ansible-doc", "-t", kind, f"{NAME}.{name}", cwd=tmp_path, ANSIBLE_COLLECTIONS_PATH=str(installed))
    assert name in output and len(output) > 400
