# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build what is released: the collection's archive for Galaxy, and a wheel with the collection and its command line.

Usage: .venv/dist/bin/python tools/dist.py [FOLDER]             (prepare.py dist makes the environment; FOLDER is dist)

The same commit gives the same bytes, on any machine: files are in the order of their names and of the time of the
commit, and belong to nobody. So whoever doubts an archive builds it again and compares.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from checkout import copy_checkout

ROOT = Path(__file__).resolve().parent.parent
WHEEL = ROOT / "tools" / "wheel"
MANIFEST, FILES = "MANIFEST.json", "FILES.json"


def main(arguments: list[str]) -> int:
    """Build both, and print what was built with its checksum."""
    folder = Path(arguments[0] if arguments else "dist").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    moment = os.environ.get("SOURCE_DATE_EPOCH") or said(["git", "log", "-1", "--format=%ct"], ROOT)
    with tempfile.TemporaryDirectory() as made:
        archive = archive_of(ROOT, Path(made), int(moment))
        for path in (archive, wheel_of(archive, Path(made), int(moment))):
            target = folder / path.name
            shutil.copyfile(path, target)
            print(f"{hashlib.sha256(target.read_bytes()).hexdigest()}  {target}")
    return 0


def archive_of(checkout: Path, folder: Path, moment: int) -> Path:
    """Return the archive of what git knows of a checkout, built below *folder*."""
    stage = folder / "stage"
    stage.mkdir()
    copy_checkout(checkout, stage)
    said([program("ansible-galaxy"), "collection", "build", "--output-path", str(folder)], stage)
    (built,) = folder.glob("*.tar.gz")
    write_archive(built, contents(built), moment)
    return built


def contents(archive: Path) -> dict[str, bytes | None]:
    """Return the files of an archive, None for folders; what lists them is in the order of their names."""
    with tarfile.open(archive) as opened:
        found = {one.name: (file.read() if (file := opened.extractfile(one)) else None) for one in opened}
    listing = json.loads(found[FILES] or b"")
    listing["files"].sort(key=lambda one: one["name"])
    found[FILES] = as_ansible_writes(listing)
    manifest = json.loads(found[MANIFEST] or b"")
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(found[FILES] or b"").hexdigest()
    found[MANIFEST] = as_ansible_writes(manifest)
    return found


def as_ansible_writes(document: Mapping[str, object]) -> bytes:
    """Return JSON in the form of ansible-galaxy."""
    return json.dumps(document, indent=True).encode()


def write_archive(path: Path, files: Mapping[str, bytes | None], moment: int) -> None:
    """Write an archive whose bytes follow from the files and the moment alone."""
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", 9, raw, mtime=moment) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as opened,
    ):
        for name in sorted(files, key=lambda name: (name not in (MANIFEST, FILES), name != MANIFEST, name)):
            data = files[name]
            entry = tarfile.TarInfo(name)
            entry.mtime, entry.mode = moment, 0o755 if data is None or data.startswith(b"#!") else 0o644
            entry.type, entry.size = (tarfile.DIRTYPE, 0) if data is None else (tarfile.REGTYPE, len(data))
            opened.addfile(entry, None if data is None else io.BytesIO(data))


def wheel_of(archive: Path, folder: Path, moment: int) -> Path:
    """Return the wheel with the collection of an archive, where Ansible finds it: beside other Python packages."""
    stage = folder / "wheel"
    inside = stage / "ansible_collections" / "fleetaudit" / "kernel_memory"
    inside.mkdir(parents=True)
    for path in WHEEL.iterdir():
        shutil.copy(path, stage / path.name)
    shutil.copy(ROOT / "README.md", stage)
    with tarfile.open(archive) as opened:
        opened.extractall(inside, filter="data")
    version = json.loads((inside / MANIFEST).read_text())["collection_info"]["version"]
    project = stage / "pyproject.toml"
    project.write_text(project.read_text().replace("VERSION", version))
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(stage)]
    said(command, folder, SOURCE_DATE_EPOCH=str(moment))
    (built,) = folder.glob("*.whl")
    return built


def program(name: str) -> str:
    """Return the path of a program beside this Python."""
    return str(Path(sys.executable).parent / name)


def said(command: list[str], folder: Path, **environment: str) -> str:
    """Return what a command says, or end with it."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    text = done.stdout.decode("utf-8", "replace").strip()
    if done.returncode:
        sys.exit(f"dist: {' '.join(command)} failed:\n{text[-3000:]}")
    return text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
