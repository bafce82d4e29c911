# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutants of the statements of functions, by mutmut.

mutmut names a function by the path of its file from the folder where it runs, and knows which one is called by the
name of its module. Both agree where it runs above ansible_collections. It runs pytest once and then forks for each
mutant, with those tests alone that reach the function.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .survivor import Count, Survivor

COLLECTION = "ansible_collections/fleetaudit/kernel_memory"
NOT_COUNTED = ("skipped", "not checked")
CONFIGURATION = """\
[tool.mutmut]
source_paths = ["ansible_collections"]
only_mutate = ["{collection}/plugins/{file}"]
also_copy = []
# Nothing reaches these but a mistake in the code around them.
do_not_mutate_patterns = ["raise AssertionError"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "--import-mode=importlib"]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
"""


def mutants_of(stage: Path, python: Path, file: str, own: list[str], tests: list[str]) -> tuple[Count, list[Survivor]]:
    """Make and test the mutants of a file below plugins; own and tests are files and folders of the collection.

    Its own tests come first, since they are few and kill most; all tests run for what these leave alive.
    """
    states = states_of(stage, python, file, own or tests)
    lived = living(states)
    if own and lived:
        states.update(states_of(stage, python, file, tests, lived))
        lived = living(states)
    return Count(len(states), len(lived)), [survivor(stage, python, file, name) for name in lived]


def living(states: dict[str, str]) -> list[str]:
    """The mutants that no test noticed."""
    return [name for name, state in states.items() if state in ("survived", "no tests", "suspicious")]


def states_of(stage: Path, python: Path, file: str, tests: list[str], names: Sequence[str] = ()) -> dict[str, str]:
    """Make the mutants of a file anew, run the tests for all of them or for those of the names, and return what mutmut
    says of each.
    """
    shutil.rmtree(stage / "mutants", ignore_errors=True)
    chosen = json.dumps([f"{COLLECTION}/{path}" for path in tests])
    (stage / "pyproject.toml").write_text(CONFIGURATION.format(collection=COLLECTION, file=file, tests=chosen))
    said = mutmut(stage, python, "run", "--max-children", str(len(os.sched_getaffinity(0))), *names)
    states = dict(re.findall(r"^ +(\S+): (.+)$", mutmut(stage, python, "results", "--all", "true"), re.MULTILINE))
    counted = {name: states[name] for name in names or states if states.get(name) not in (None, *NOT_COUNTED)}
    if not counted and "0 files mutated" not in said and "no mutants" not in said.lower():
        sys.exit(f"mutate: mutmut made no mutant of {file}:\n{said[-3000:]}")
    if len(counted) < len(names) or (not names and "not checked" in states.values()):
        sys.exit(f"mutate: mutmut did not come to the end with {file}:\n{said[-3000:]}")
    return counted


def mutmut(stage: Path, python: Path, *arguments: str) -> str:
    """Run mutmut and return what it says."""
    said = subprocess.run(
        [str(python), "-m", "mutmut", *arguments],
        cwd=stage,
        env={**os.environ, "HYPOTHESIS_PROFILE": "mutation", "PATH": f"{python.parent}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return said.stdout.decode("utf-8", "replace")


def survivor(stage: Path, python: Path, file: str, name: str) -> Survivor:
    """Return what a mutant changes."""
    lines = mutmut(stage, python, "show", name).splitlines()
    was = [line[1:] for line in lines if line.startswith("-") and not line.startswith("---")]
    now = [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")]
    return Survivor(file, place_of(name), "\n".join(was), "\n".join(now))


def place_of(name: str) -> str:
    """Return the function of a mutant: ``x_judge__mutmut_3`` is of judge, ``xǁPastǁkeep__mutmut_1`` of Past.keep."""
    mangled = name.rpartition(".")[2].partition("__mutmut_")[0]
    return ".".join(part for part in mangled.split("ǁ") if part != "x").removeprefix("x_")
