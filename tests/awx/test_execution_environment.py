# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The execution environment: ansible-builder takes its definition, and the collection asks for what it needs and no
more.

No image is built here: that needs a registry.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

BUILDER = Path(sys.executable).parent / "ansible-builder"
DEFINITION = ROOT / "execution-environment"


def build(*arguments: str, folder: Path) -> str:
    """Run ansible-builder; its output, or a failed test."""
    said = subprocess.run(
        [str(BUILDER), *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert said.returncode == 0, said.stdout
    return said.stdout


def test_the_context_is_made_with_the_collection_and_psycopg(tmp_path: Path) -> None:
    """What users build is this definition, unchanged but for the base image."""
    for name in ("execution-environment.yml", "requirements.yml"):
        shutil.copy(DEFINITION / name, tmp_path)
    build("create", "-c", "context", folder=tmp_path)
    recipe = next(
        path for path in (tmp_path / "context").iterdir() if path.name in ("Containerfile", "Dockerfile")
    ).read_text()
    assert "ARG EE_BASE_IMAGE=" in recipe, "the base image must be a build argument"
    asked = (tmp_path / "context" / "_build" / "requirements.txt").read_text().split()
    assert asked == ["psycopg[binary]>=3.1"]
    collections = yaml.safe_load((tmp_path / "context" / "_build" / "requirements.yml").read_text())["collections"]
    assert [entry["name"] for entry in collections] == ["https://github.com/fleetaudit/ansible-kernel-memory.git"]
    assert "openssh-clients" in (tmp_path / "context" / "_build" / "bindep.txt").read_text()


def test_the_collection_asks_for_jmespath_alone(tmp_path: Path) -> None:
    """Every environment with the collection in it gets these: a database driver must not come uninvited."""
    home = tmp_path / "ansible_collections" / "fleetaudit" / "kernel_memory"
    (home / "meta").mkdir(parents=True)
    shutil.copytree(ROOT / "meta", home / "meta", dirs_exist_ok=True)
    shutil.copy(ROOT / "galaxy.yml", home)
    found = yaml.safe_load(build("introspect", str(tmp_path), folder=tmp_path).split("---", 1)[1])
    assert [line.split()[0] for line in found["python"]] == ["jmespath"]
    assert found["system"] == []
