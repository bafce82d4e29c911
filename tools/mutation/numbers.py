# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutants of the numbers at the head of a file: thresholds, shares, windows, which are the judgement of a rule.

Each number becomes a little larger, by one or by a twentieth: a border that no test comes near does not notice it.
"""

from __future__ import annotations

import ast
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from .functions import COLLECTION, passes
from .survivor import Survivor

SMALL = 100


@dataclass(frozen=True)
class Change:
    """A number: its file below plugins, the name that it is of, its place in the text, and what it becomes."""

    file: str
    name: str
    line: int
    start: int
    end: int
    now: str

    def applied(self, text: str) -> str:
        """Return *text* with the change."""
        lines = text.splitlines(keepends=True)
        line = lines[self.line].encode()
        lines[self.line] = (line[: self.start] + self.now.encode() + line[self.end :]).decode()
        return "".join(lines)


def changes_of(file: str, text: str) -> Iterator[Change]:
    """Yield the changes of a file: every number in an assignment at its head, in whatever it stands there."""
    for statement in ast.parse(text).body:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        for node in ast.walk(statement.value):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.end_lineno == node.lineno:
                yield Change(
                    file,
                    ast.unparse(target),
                    node.lineno - 1,
                    node.col_offset,
                    node.end_col_offset or 0,
                    larger(node.value),
                )


def larger(number: object) -> str:
    """Return the number that comes in its place."""
    assert isinstance(number, int | float)
    if isinstance(number, int):
        return str(number + 1 if abs(number) < SMALL else number + number // 20)
    return repr(number * 1.05 if number else 0.05)


def lived_of(
    stage: Path, python: Path, changes: Sequence[Change], own: dict[str, list[str]], tests: list[str]
) -> list[Change]:
    """Make and test the changes, and return those that no test noticed.

    own are the tests of each file alone, which come first, since they are few and kill most; all tests run for what
    these leave alive.
    """
    if not changes:
        return []
    if not passes(stage, python, tests):
        sys.exit(f"mutate: the tests in {', '.join(tests)} do not pass as they are; a mutant would tell nothing.")
    copies: SimpleQueue[Path] = SimpleQueue()
    jobs = min(len(os.sched_getaffinity(0)), len(changes))
    for number in range(jobs):
        copy = stage / "numbers" / str(number)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(stage / "ansible_collections", copy / "ansible_collections")
        copies.put(copy)

    def lives(change: Change) -> bool:
        copy = copies.get()
        path = copy / COLLECTION / "plugins" / change.file
        text = path.read_text(encoding="utf-8")
        try:
            path.write_text(change.applied(text), encoding="utf-8")
            beside = own[change.file]
            return (not beside or passes(copy, python, beside)) and passes(copy, python, tests)
        finally:
            path.write_text(text, encoding="utf-8")
            copies.put(copy)

    with ThreadPoolExecutor(jobs) as pool:
        return [change for change, alive in zip(changes, pool.map(lives, changes), strict=True) if alive]


def survivor(stage: Path, change: Change) -> Survivor:
    """Return what a change is, as the report has it."""
    text = (stage / COLLECTION / "plugins" / change.file).read_text(encoding="utf-8")
    was, now = text.splitlines()[change.line], change.applied(text).splitlines()[change.line]
    return Survivor(change.file, change.name, was, now)
