# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which branches of the pure code no test takes: coverage by branch of module_utils and plugin_utils.

Usage: .venv/coverage/bin/python tools/branches.py          (prepare.py coverage makes the environment)

Counted is what runs inside of the tests' own process: unit tests, the history in both engines, the shell transport, and
the account read with fewer privileges. The report, the worst files first, is tests/output/coverage.md. Ends with 1
below the goal.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COLLECTIONS = ROOT / ".cache" / "collections"
PLUGINS = COLLECTIONS / "ansible_collections" / "fleetaudit" / "kernel_memory" / "plugins"
PARTS = ("module_utils", "plugin_utils")
TESTS = ("tests/unit", "tests/history", "tests/shell", "tests/privileges")
DATA, REPORT = ROOT / ".cache" / "coverage", ROOT / "tests" / "output" / "coverage.md"
GOAL_PERCENT = 95.0
WORST = 25


class File(NamedTuple):
    """One file: how many statements and branches it has, how many of them were reached, and where it was not."""

    name: str
    all: int
    reached: int
    lines: list[int]
    branches: list[list[int]]

    @property
    def percent(self) -> float:
        """The share that was reached."""
        return 100 * self.reached / self.all if self.all else 100.0

    @property
    def places(self) -> str:
        """The lines and the branches (from line to line; below 0 is the end of the function) that nothing reached."""
        missing = [
            *map(str, self.lines),
            *(f"{start}→{end}" for start, end in self.branches if start not in self.lines),
        ]
        return ", ".join(missing[:12]) + (" ..." if len(missing) > 12 else "")


def coverage(*arguments: str) -> int:
    """Run coverage with the collection's own path."""
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS), "COVERAGE_FILE": str(DATA / "data")}
    return subprocess.run(
        [sys.executable, "-m", "coverage", *arguments], cwd=ROOT, env=environment, check=False
    ).returncode


def files() -> list[File]:
    """What was reached of each file."""
    written = json.loads((DATA / "coverage.json").read_text(encoding="utf-8"))
    found = []
    for path, data in written["files"].items():
        sums = data["summary"]
        found.append(
            File(
                path.rpartition("plugins/")[2],
                sums["num_statements"] + sums["num_branches"],
                sums["covered_lines"] + sums["covered_branches"],
                data["missing_lines"],
                data["missing_branches"],
            )
        )
    return found


def report(found: list[File]) -> str:
    """The figures as Markdown."""
    lines = [
        "# Coverage by branch",
        "",
        "| part | statements and branches | reached | % |",
        "| --- | --- | --- | --- |",
    ]
    for part in PARTS:
        of = [file for file in found if file.name.startswith(part)]
        whole = File(part, sum(file.all for file in of), sum(file.reached for file in of), [], [])
        lines.append(f"| {part} | {whole.all} | {whole.reached} | {whole.percent:.1f} |")
    lines += ["", "| the worst files | % | not reached |", "| --- | --- | --- |"]
    for file in sorted(found, key=lambda one: one.percent)[:WORST]:
        lines.append(f"| {file.name} | {file.percent:.1f} | {file.places} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the tests, and report."""
    DATA.mkdir(parents=True, exist_ok=True)
    sources = ",".join(str(PLUGINS / part) for part in PARTS)
    failed = coverage("run", "--branch", f"--source={sources}", "-m", "pytest", "-q", *TESTS)
    if coverage("json", "--quiet", "-o", str(DATA / "coverage.json")) != 0:
        return 1
    found = files()
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(report(found), encoding="utf-8")
    percent = 100 * sum(file.reached for file in found) / sum(file.all for file in found)
    print(f"Figure: {percent:.1f} % of statements and branches are reached (the goal is {GOAL_PERCENT:.0f} %).")
    print(f"The worst files are in {REPORT.relative_to(ROOT)}.")
    return 1 if failed or percent < GOAL_PERCENT else 0


if __name__ == "__main__":
    sys.exit(main())
