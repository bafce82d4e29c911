# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prepare what the Makefile's targets need, under the checkout only, and do nothing where it is there already.

Usage: prepare.py ENVIRONMENT [ENVIRONMENT ...]

Each environment is a virtual environment .venv/NAME. Beside them .cache/collections is made, where the checkout is
importable as ansible_collections.fleetaudit.kernel_memory through a link. Needs Python 3.9 and the venv module.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
TEST_REQUIREMENTS = ["pytest", "pytest-xdist", "hypothesis", "jsonschema", "jmespath", "psycopg[binary]"]

# name: (Pythons that will do, the best first; what is installed)
ENVIRONMENTS: dict[str, tuple[list[str], list[str]]] = {
    "audit": (["3.13", "3.12", "3.11", "3.14", "3.10"], ["ansible-core>=2.16"]),
    "oldest": (["3.10", "3.11", "3.12"], ["ansible-core==2.16.*", *TEST_REQUIREMENTS]),
    "newest": (
        ["3.13", "3.12", "3.14", "3.11"],
        ["ansible-core>=2.19", "ansible-builder", "ansible-runner", *TEST_REQUIREMENTS],
    ),
    "lint": (
        ["3.13", "3.12", "3.14", "3.11"],
        [
            "ansible-core>=2.19",
            "ansible-lint",
            "ruff",
            "mypy",
            "yamllint",
            "antsibull-changelog",
            "antsibull-docs",
            "types-PyYAML",
            "types-jsonschema",
            "pytest",
            "hypothesis",
        ],
    ),
    "mutation": (["3.13", "3.12", "3.14", "3.11"], ["mutmut>=3.8,<4", "ansible-core>=2.19", *TEST_REQUIREMENTS]),
    "coverage": (["3.13", "3.12", "3.14", "3.11"], ["coverage", "ansible-core>=2.19", *TEST_REQUIREMENTS]),
    "importer": (["3.12", "3.11", "3.13"], ["galaxy-importer"]),
    "site": (
        ["3.13", "3.12", "3.14"],
        ["ansible-core>=2.19", "antsibull-docs", "sphinx", "myst-parser", "furo", "pytest"],
    ),
    "dist": (["3.13", "3.12", "3.14", "3.11"], ["ansible-core>=2.19", "build", "hatchling", "pytest", "reuse"]),
}

# Another ansible-core and Python in place of the newest: for whoever tries each that is supported.
CORE, PYTHON = os.environ.get("KERNEL_MEMORY_TEST_CORE"), os.environ.get("KERNEL_MEMORY_TEST_PYTHON")
DEVEL = "https://github.com/ansible/ansible/archive/devel.tar.gz"
if CORE and PYTHON:
    _pythons, requirements = ENVIRONMENTS["newest"]
    wanted = f"ansible-core @ {DEVEL}" if CORE == "devel" else f"ansible-core=={CORE}"
    ENVIRONMENTS["newest"] = ([PYTHON], [wanted, *requirements[1:]])


def fail(sentence: str) -> NoReturn:
    """End with one sentence on standard error."""
    sys.exit("prepare: " + sentence)


def works(python: str, version: str) -> bool:
    """Return whether *python* starts and is of *version* (a version manager's stand-in may exist and not start)."""
    question = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    try:
        said = subprocess.run(
            [python, "-c", question], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.returncode == 0 and said.stdout.decode().strip() == version


def find_python(version: str) -> str | None:
    """Return a working Python of *version*, from this process, PATH or pyenv's folder, or None."""
    names: list[str | None] = [sys.executable, shutil.which("python" + version)]
    pyenv = Path(os.environ.get("PYENV_ROOT") or os.path.expanduser("~/.pyenv")) / "versions"
    names += [str(path) for path in sorted(pyenv.glob(version + ".*/bin/python" + version), reverse=True)]
    return next((name for name in names if name and works(name, version)), None)


def choose_python(name: str, versions: Sequence[str]) -> str:
    """Return a Python for the environment *name*, or end."""
    python = next(filter(None, map(find_python, versions)), None)
    if not python:
        fail(
            "{} needs Python {} with its venv and ensurepip modules (on Debian: apt-get install python3-venv); none "
            "was found.".format(name, " or ".join(sorted(versions, key=lambda text: int(text[2:]))))
        )
    return python


def make_environment(name: str) -> None:
    """Make .venv/NAME unless it is there and made of the same requirements."""
    versions, requirements = ENVIRONMENTS[name]
    folder = ROOT / ".venv" / name
    stamp, wanted = folder / ".ready", "\n".join(requirements)
    if stamp.is_file() and stamp.read_text() == wanted and (folder / "bin" / "python").exists():
        return
    python = choose_python(name, versions)
    print(f"Preparing .venv/{name} with {python} (once) ...", flush=True)
    shutil.rmtree(str(folder), ignore_errors=True)
    for command in (
        [python, "-m", "venv", str(folder)],
        [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *requirements,
        ],
    ):
        said = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if said.returncode:
            lines = [
                line for line in said.stdout.decode(errors="replace").splitlines() if not line.startswith("WARNING")
            ]
            fail("{} failed (exit code {}):\n{}".format(" ".join(command), said.returncode, "\n".join(lines[-15:])))
    stamp.write_text(wanted)


def link_collection() -> None:
    """Make the checkout importable as a collection without copying it."""
    link = ROOT / ".cache" / "collections" / "ansible_collections" / "fleetaudit" / "kernel_memory"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or os.readlink(str(link)) != str(ROOT):
        if link.is_symlink():
            link.unlink()
        link.symlink_to(ROOT, target_is_directory=True)


def link_pythons() -> None:
    """Gather a link to each working Python in .cache/pythons, for ansible-test, which looks for them by name in
    PATH.
    """
    folder = ROOT / ".cache" / "pythons"
    folder.mkdir(parents=True, exist_ok=True)
    for minor in range(6, 16):
        version = f"3.{minor}"
        link = folder / ("python" + version)
        python = None if link.exists() else find_python(version)
        if python:
            link.unlink() if link.is_symlink() else None
            link.symlink_to(python)


@contextmanager
def alone() -> Iterator[None]:
    """Let no other run of this program make the same things at the same time."""
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(names: Sequence[str]) -> None:
    """Prepare the environments *names*."""
    for name in names:
        if name not in ENVIRONMENTS:
            fail("there is no environment {!r}; there are {}.".format(name, ", ".join(ENVIRONMENTS)))
    with alone():
        link_collection()
        # Downloads and unpacking take turns, so that two at a time are nearly twice as fast.
        with ThreadPoolExecutor(2) as pool:
            making = [pool.submit(make_environment, name) for name in names]
        if "newest" in names:
            link_pythons()
        for made in making:
            made.result()


if __name__ == "__main__":
    main(sys.argv[1:])
