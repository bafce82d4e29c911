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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .survivor import Survivor

COLLECTION = "ansible_collections/fleetaudit/kernel_memory"
NOT_COUNTED = ("skipped", "not checked")
CONFIGURATION = """\
[tool.mutmut]
source_paths = ["ansible_collections"]
only_mutate = {files}
also_copy = []
# Nothing reaches these but a mistake in the code around them.
do_not_mutate_patterns = ["raise AssertionError"]
pytest_add_cli_args = ["-p", "no:cacheprovider", "--import-mode=importlib"]
pytest_add_cli_args_test_selection = {tests}
use_git_change_detection = false
"""
LIST = """\
import sys
from pathlib import Path
from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name
for path in map(Path, sys.argv[1:]):
    for name in mutate_file_contents(str(path), path.read_text(encoding="utf-8")).mutant_names:
        print(get_mutant_name(path, name))
"""


def names_of(stage: Path, python: Path, files: Sequence[str]) -> list[str]:
    """The names of all mutants of the files below plugins, without a test of any."""
    configure(stage, files, [])
    said = subprocess.run(
        [str(python), "-c", LIST, *(f"{COLLECTION}/plugins/{file}" for file in files)],
        cwd=stage,
        stdout=subprocess.PIPE,
        check=True,
    )
    return said.stdout.decode("utf-8").split()


def mutants_of(
    stage: Path, python: Path, own: dict[str, list[str]], tests: list[str], names: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Make and test the named mutants of files below plugins, and return which there are and which live.

    own are the files, each with the tests beside it; tests are folders of the collection. The files' own tests come
    first, since they are few and kill most; all tests run for what these leave alive. mutmut forks when modules are
    imported already, and asks those tests alone that reach a function while they run: what a test module works out as
    it is imported notices nothing. So what lives then has to live in a process of its own, too.
    """
    beside = sorted(set().union(*own.values()))
    states = states_of(stage, python, list(own), beside or tests, names)
    lived = living(states)
    if beside and lived:
        states.update(states_of(stage, python, list(own), tests, lived))
        lived = living(states)
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        passed = pool.map(lambda name: passes(stage / "mutants", python, own[file_of(name)] or tests, name), lived)
        return list(states), [name for name, well in zip(lived, passed, strict=True) if well]


def passes(copy: Path, python: Path, tests: list[str], mutant: str = "") -> bool:
    """Whether all tests pass in a copy of the collection, with one of the mutants in it."""
    command = [str(python), "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    surroundings = {"HYPOTHESIS_PROFILE": "mutation", "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    said = subprocess.run(
        [*command, *(f"{COLLECTION}/{path}" for path in tests)],
        cwd=copy,
        env={**os.environ, **surroundings, "MUTANT_UNDER_TEST": mutant},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    return said.returncode == 0


def living(states: dict[str, str]) -> list[str]:
    """The mutants that no test noticed."""
    return [name for name, state in states.items() if state in ("survived", "no tests", "suspicious")]


def configure(stage: Path, files: Sequence[str], tests: Sequence[str]) -> None:
    """Write down for mutmut what to change and which tests to run."""
    mutated = json.dumps([f"{COLLECTION}/plugins/{file}" for file in files])
    chosen = json.dumps([f"{COLLECTION}/{path}" for path in tests])
    (stage / "pyproject.toml").write_text(
        CONFIGURATION.format(collection=COLLECTION, files=mutated, tests=chosen), encoding="utf-8"
    )


def states_of(
    stage: Path, python: Path, files: Sequence[str], tests: list[str], names: Sequence[str]
) -> dict[str, str]:
    """Make the mutants of the files anew, run the tests for those of the names, and return what mutmut says of each."""
    if not names:
        return {}
    shutil.rmtree(stage / "mutants", ignore_errors=True)
    configure(stage, files, tests)
    said = mutmut(stage, python, "run", "--max-children", str(len(os.sched_getaffinity(0))), *names)
    states = dict(re.findall(r"^ +(\S+): (.+)$", mutmut(stage, python, "results", "--all", "true"), re.MULTILINE))
    counted = {name: states[name] for name in names if states.get(name) not in (None, *NOT_COUNTED)}
    if len(counted) < len(names):
        missing = next(name for name in names if name not in counted)
        sys.exit(f"mutate: mutmut did not come to the end, {missing} is not tried:\n{said[-3000:]}")
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


def file_of(name: str) -> str:
    """The file below plugins that a mutant is of."""
    module = name.rpartition(".")[0].removeprefix(COLLECTION.replace("/", ".") + ".plugins.")
    return module.replace(".", "/") + ".py"


def survivor(stage: Path, python: Path, name: str) -> Survivor:
    """Return what a mutant changes."""
    lines = mutmut(stage, python, "show", name).splitlines()
    was = [line[1:] for line in lines if line.startswith("-") and not line.startswith("---")]
    now = [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")]
    return Survivor(file_of(name), place_of(name), "\n".join(was), "\n".join(now))


def place_of(name: str) -> str:
    """Return the function of a mutant: ``x_judge__mutmut_3`` is of judge, ``xǁPastǁkeep__mutmut_1`` of Past.keep."""
    mangled = name.rpartition(".")[2].partition("__mutmut_")[0]
    return ".".join(part for part in mangled.split("ǁ") if part != "x").removeprefix("x_")
