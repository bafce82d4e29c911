# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation tests: change the code at one place at a time, and see whether a unit test notices.

Usage: .venv/mutation/bin/python tools/mutate.py [FILE ...]          (prepare.py mutation makes the environment)

A FILE is one below plugins; without any, all that TARGETS names are changed. mutmut changes the statements of
functions; what it leaves alone, the numbers at the head of a file, is changed by mutation/numbers.py. The tests are
those of the file itself and then, for what these leave alive, those of its folder and of the folders that TARGETS
names. A mutant that no test notices is a survivor: tests/mutation/explained.yml says why it may live. Ends with 1 where
more than 5 % live, where one is not explained, or where an explanation is of none that lives. The report is
tests/output/mutation.md.
"""

from __future__ import annotations

import resource
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

import yaml
from checkout import copy_checkout
from mutation import functions, numbers
from mutation.survivor import Count, Survivor

ROOT = Path(__file__).resolve().parent.parent
EXPLAINED = ROOT / "tests" / "mutation" / "explained.yml"
REPORT = ROOT / "tests" / "output" / "mutation.md"
STAGE = ROOT / ".cache" / "mutants"
MOST_PERCENT = 5.0
UNIT = "tests/unit/plugins"

# Where the sentence that the product is sold by is decided: what of plugins is changed, and which tests must notice.
TARGETS = {
    "module_utils/account/*.py": ["module_utils/account"],
    "plugin_utils/rules/*.py": ["plugin_utils/rules", "plugin_utils/judging", "plugin_utils/causes"],
    "plugin_utils/gate/decide.py": ["plugin_utils/gate"],
    "plugin_utils/history/sqlite.py": ["plugin_utils/history"],
}


def staged() -> Path:
    """Copy what git knows to where a collection has to lie, and return the folder above it."""
    shutil.rmtree(STAGE, ignore_errors=True)
    collection = STAGE / "ansible_collections" / "fleetaudit" / "kernel_memory"
    collection.mkdir(parents=True)
    copy_checkout(ROOT, collection)
    return STAGE


def chosen(given: Sequence[str]) -> dict[Path, list[str]]:
    """The files to change, each with the folders of its tests."""
    found: dict[Path, list[str]] = {}
    for pattern, tests in TARGETS.items():
        found |= dict.fromkeys(sorted((ROOT / "plugins").glob(pattern)), tests)
    if not given:
        return found
    files = [Path(name).resolve() for name in given]
    for path in files:
        if not path.is_file() or not path.is_relative_to(ROOT / "plugins"):
            sys.exit(f"mutate: {path} is no file below plugins.")
    own = {path: [str(path.parent.relative_to(ROOT / "plugins"))] for path in files}
    return {path: found.get(path, own[path]) for path in files}


def own_tests(path: Path) -> list[str]:
    """The tests that stand beside a file: its mirror, and what is named after it."""
    place = ROOT / UNIT / path.parent.relative_to(ROOT / "plugins")
    found = [place / f"test_{path.name}", place / f"test_{path.stem}_properties.py"]
    return [str(file.relative_to(ROOT)) for file in found if file.is_file()]


def cpu_seconds() -> float:
    """What all commands that were run have cost until now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Entry(TypedDict):
    """One entry of the list of what is explained."""

    file: str
    place: str
    was: str
    now: str
    why: str


def explanations() -> list[Survivor]:
    """The survivors that are known."""
    entries: list[Entry] = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8")) or []
    return [Survivor(**entry) for entry in entries]


def report(counts: dict[str, Count], survivors: Sequence[Survivor]) -> str:
    """The figures of each file, and each survivor with why it may live, as Markdown."""
    lines = ["# Mutation tests", "", "| file | mutants | killed | live | % live |", "| --- | --- | --- | --- | --- |"]
    for file, count in sorted(counts.items(), key=lambda pair: -pair[1].percent):
        lines.append(f"| {file} | {count.all} | {count.killed} | {count.live} | {count.percent:.1f} |")
    for one in survivors:
        lines += ["", f"## {one.file}: {one.place}", "", "```diff", *(f"-{line}" for line in one.was.splitlines())]
        lines += [*(f"+{line}" for line in one.now.splitlines()), "```", "", one.why or "**Not explained.**"]
    return "\n".join(lines) + "\n"


def main(given: Sequence[str]) -> int:
    """Change the files, and report what lives."""
    files = chosen(given)
    stage = staged()
    counts: dict[str, Count] = {}
    lived: list[Survivor] = []
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    begun, done = cpu_seconds(), 0
    for path, tests in files.items():
        name = str(path.relative_to(ROOT / "plugins"))
        folders = [f"{UNIT}/{folder}" for folder in tests if (ROOT / UNIT / folder).is_dir()]
        began = cpu_seconds()
        count, found = functions.mutants_of(stage, Path(sys.executable), name, own_tests(path), folders)
        more, others = numbers.mutants_of(stage, Path(sys.executable), name, own_tests(path), folders)
        counts[name] = count + more
        lived += found + others
        took = cpu_seconds() - began
        done += lines[path]
        left = (cpu_seconds() - begun) * (sum(lines.values()) - done) / done
        print(
            f"{name}: {counts[name].live} of {counts[name].all} mutants live, {took:.0f} s of CPU; "
            f"about {left / 60:.0f} min of CPU are left for {sum(lines.values()) - done:,} lines",
            flush=True,
        )
    known = {one.mutant: one for one in explanations()}
    lived = [known.get(one.mutant, one) for one in lived]
    stale = [one for one in known.values() if one.file in counts and one.mutant not in {each.mutant for each in lived}]
    unexplained = [one for one in lived if not one.why]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report(counts, lived), encoding="utf-8")
    whole = sum(counts.values(), Count(0, 0))
    print(f"Figure: {whole.live} of {whole.all} mutants live ({whole.percent:.1f} %), {len(unexplained)} unexplained.")
    for one in stale:
        print(f"mutate: the explanation of {one.file}, {one.place}, is of none that lives; take it out.")
    print(f"Each is in {REPORT.relative_to(ROOT)}.")
    return 1 if whole.percent > MOST_PERCENT or unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
