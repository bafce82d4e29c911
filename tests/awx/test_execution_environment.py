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


def test_the_context_holds_what_an_image_is_made_of_and_no_more(tmp_path: Path) -> None:
    """No file of the folder in which somebody builds it, and so no key or inventory, comes into an image."""
    for name in ("execution-environment.yml", "requirements.yml"):
        shutil.copy(DEFINITION / name, tmp_path)
    (tmp_path / "id_ed25519").write_text("a key")
    build("create", "-c", "context", folder=tmp_path)
    context = tmp_path / "context"
    found = {str(path.relative_to(context)) for path in context.rglob("*") if path.is_file()}
    scripts = {path for path in found if path.startswith("_build/scripts/")}
    assert {"_build/scripts/assemble", "_build/scripts/entrypoint", "_build/scripts/introspect.py"} <= scripts
    lists = {"_build/bindep.txt", "_build/requirements.txt", "_build/requirements.yml"}
    assert found - scripts - {"Containerfile", "Dockerfile"} == lists


def test_the_command_of_the_image_is_a_script_that_runs(tmp_path: Path) -> None:
    """The last step of the recipe writes it; the quotes must survive YAML, the recipe and the shell."""
    for name in ("execution-environment.yml", "requirements.yml"):
        shutil.copy(DEFINITION / name, tmp_path)
    build("create", "-c", "context", folder=tmp_path)
    recipe = next(path for path in (tmp_path / "context").iterdir() if path.name in ("Containerfile", "Dockerfile"))
    [line] = [line for line in recipe.read_text().splitlines() if "/usr/local/bin/kernel-memory" in line]
    home = "/usr/share/ansible/collections/ansible_collections/fleetaudit/kernel_memory"
    assert f"exec python3 {home}/cli" in line
    here = line.removeprefix("RUN ").replace("/usr/local/bin", str(tmp_path)).replace(home, str(ROOT))
    subprocess.run(["sh", "-c", here], check=True)
    said = subprocess.run([tmp_path / "kernel-memory", "--help"], capture_output=True, text=True, check=True).stdout
    assert "Audit the kernel memory of hosts" in said


def test_the_collection_asks_for_jmespath_alone(tmp_path: Path) -> None:
    """Every environment with the collection in it gets these: a database driver must not come uninvited."""
    home = tmp_path / "ansible_collections" / "fleetaudit" / "kernel_memory"
    (home / "meta").mkdir(parents=True)
    shutil.copytree(ROOT / "meta", home / "meta", dirs_exist_ok=True)
    shutil.copy(ROOT / "galaxy.yml", home)
    found = yaml.safe_load(build("introspect", str(tmp_path), folder=tmp_path).split("---", 1)[1])
    assert [line.split()[0] for line in found["python"]] == ["jmespath"]
    assert found["system"] == []
