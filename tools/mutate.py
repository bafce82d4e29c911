# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation tests: change the code at one place at a time, and see whether a unit test notices.

Usage: .venv/mutation/bin/python tools/mutate.py [--sample N [--seed S]] [FILE ...]
       (prepare.py mutation makes the environment)

A FILE is one below plugins; without any, all that TARGETS names are changed. --sample tries only N of their mutants,
drawn at random (the same for the same seed, which is the day where none is given), and says how many may live at most
of all, with 95 % certainty.

mutmut changes the statements of functions; what it leaves alone, the numbers at the head of a file, is changed by
mutation/numbers.py. The tests are those of the file itself and then, for what these leave alive, those of its folder
and of the folders that TARGETS names. A mutant that no test notices is a survivor: tests/mutation/explained.yml says
why it may live. Ends with 1 where more than 5 % live and, where all are tried, where one is not explained or an
explanation is of none that lives. The report is tests/output/mutation.md.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypedDict

import yaml
from checkout import copy_checkout
from mutation import functions, numbers
from mutation.numbers import Change, changes_of
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
    "plugin_utils/growth/*.py": ["plugin_utils/growth", "plugin_utils/rules"],
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


def own_tests(collection: Path, path: Path) -> list[str]:
    """The tests that stand beside a file in the copy: its mirror, and what is named after it."""
    place = Path(UNIT) / path.parent.relative_to(ROOT / "plugins")
    found = [place / f"test_{path.name}", place / f"test_{path.stem}_properties.py"]
    return [str(file) for file in found if (collection / file).is_file()]


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
    head = "| file | mutants | killed | live | % live | % at most, were they a sample |"
    lines = ["# Mutation tests", "", head, "| --- | --- | --- | --- | --- | --- |"]
    for file, count in sorted(counts.items(), key=lambda pair: -pair[1].percent):
        figures = f"{count.all} | {count.killed} | {count.live} | {count.percent:.1f} | {count.bound:.1f}"
        lines.append(f"| {file} | {figures} |")
    for one in survivors:
        lines += ["", f"## {one.file}: {one.place}", "", "```diff", *(f"-{line}" for line in one.was.splitlines())]
        lines += [*(f"+{line}" for line in one.now.splitlines()), "```", "", one.why or "**Not explained.**"]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Drawn:
    """The mutants that are tried: those of functions by name, and changes of numbers."""

    names: set[str]
    changes: set[Change]
    of: int
    """How many there are."""


def drawn(stage: Path, files: Iterable[Path], sample: int | None, seed: int) -> Drawn:
    """All mutants of the files, or a sample of them."""
    places = [str(path.relative_to(ROOT / "plugins")) for path in files]
    names: list[str | Change] = [*functions.names_of(stage, Path(sys.executable), places)]
    changes = [change for file in places for change in changes_of(file, (ROOT / "plugins" / file).read_text("utf-8"))]
    found = names + changes
    tried = found if sample is None else random.Random(seed).sample(found, min(sample, len(found)))
    return Drawn(
        {one for one in tried if isinstance(one, str)}, {one for one in tried if isinstance(one, Change)}, len(found)
    )


def survivors_of(
    stage: Path, paths: Sequence[Path], tests: list[str], tried: Drawn
) -> tuple[Counter[str], list[Survivor]]:
    """Try the mutants of files that have the same tests: how many each file has, and what lives."""
    python = Path(sys.executable)
    own = {str(path.relative_to(ROOT / "plugins")): own_tests(stage / functions.COLLECTION, path) for path in paths}
    folders = [f"{UNIT}/{folder}" for folder in tests if (stage / functions.COLLECTION / UNIT / folder).is_dir()]
    names = sorted(name for name in tried.names if functions.file_of(name) in own)
    counted, lived = functions.mutants_of(stage, python, own, folders, names)
    changes = sorted((one for one in tried.changes if one.file in own), key=lambda one: (one.file, one.line, one.start))
    found = [functions.survivor(stage, python, name) for name in lived]
    found += [numbers.survivor(stage, one) for one in numbers.lived_of(stage, python, changes, own, folders)]
    return Counter([functions.file_of(name) for name in counted] + [one.file for one in changes]), found


def main(arguments: Sequence[str]) -> int:
    """Change the files, and report what lives."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--sample", type=int)
    # Each day others, so that many nights see them all.
    parser.add_argument("--seed", type=int, default=date.today().toordinal())
    parser.add_argument("files", nargs="*")
    given = parser.parse_args(arguments)
    files = chosen(given.files)
    stage = staged()
    tried = drawn(stage, files, given.sample, given.seed)
    of_all = f"{len(tried.names) + len(tried.changes)} of {tried.of} mutants"
    print(f"{of_all} of {len(files)} files are tried (--seed {given.seed}).", flush=True)
    alike: dict[tuple[str, ...], list[Path]] = {}
    for path, tests in files.items():
        alike.setdefault(tuple(tests), []).append(path)
    counts: dict[str, Count] = {}
    lived: list[Survivor] = []
    for folders, paths in alike.items():
        began = cpu_seconds()
        counted, found = survivors_of(stage, paths, list(folders), tried)
        lived += found
        live = Counter(one.file for one in found)
        counts |= {file: Count(number, live[file]) for file, number in counted.items()}
        took = cpu_seconds() - began
        print(f"{folders[0]}: {len(found)} of {counted.total()} mutants live, {took:.0f} s of CPU.", flush=True)
    known = {one.mutant: one for one in explanations()}
    lived = [known.get(one.mutant, one) for one in lived]
    stale = [one for one in known.values() if one.file in counts and one.mutant not in {each.mutant for each in lived}]
    unexplained = [one for one in lived if not one.why]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report(counts, lived), encoding="utf-8")
    whole = sum(counts.values(), Count(0, 0))
    share = f"{whole.percent:.1f} %"
    share += "" if given.sample is None else f", so at most {whole.bound:.1f} % of {tried.of}"
    print(f"Figure: {whole.live} of {whole.all} mutants live ({share}), {len(unexplained)} unexplained.")
    print(f"Each is in {REPORT.relative_to(ROOT)}.")
    if given.sample is not None:
        return int(whole.percent > MOST_PERCENT)
    for one in stale:
        print(f"mutate: the explanation of {one.file}, {one.place}, is of none that lives; take it out.")
    return 1 if whole.percent > MOST_PERCENT or unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
