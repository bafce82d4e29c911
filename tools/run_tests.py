# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the project's checks and tests, and say at the end what passed, what failed and what was left out.

Usage: run_tests.py check | test | nightly [--jobs N] [STEP ...]

As many steps run side by side as there are cores, or N. The output of each goes to tests/output/STEP.log and, where it
fails, to the terminal; what all came to, with the slowest tests, to tests/output/check.md, test.md or nightly.md.
Needs Python 3.9.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import packages
import steps
from steps import ROOT, Step

LOGS = ROOT / "tests" / "output"
COLLECTIONS = ROOT / ".cache" / "collections"
SETS = {"check": steps.CHECK, "test": steps.TEST, "nightly": steps.NIGHTLY}


@dataclass(frozen=True)
class Outcome:
    """What a step came to."""

    step: Step
    exit_code: int
    seconds: float
    cpu_seconds: float
    """Of the step and all that it waited for; servers that end by themselves are not in it."""
    text: str

    @property
    def well(self) -> bool:
        """Whether it passed."""
        return self.exit_code == 0

    def count(self, word: str) -> int:
        """How many tests passed or failed; of what is no test, one."""
        if not self.step.is_pytest:
            return int(self.well == (word == "passed"))
        last = self.text.rstrip().rpartition("\n")[2]
        return sum(map(int, re.findall(rf"(\d+) {word}", last)))

    @property
    def line(self) -> str:
        """The line in which it is reported."""
        tests = f"  {self.count('passed') + self.count('failed')} tests" if self.step.is_pytest else ""
        word = "ok    " if self.well else "FAILED"
        return f"{self.step.name:<20} {word} {self.seconds:6.0f} s {self.cpu_seconds:6.0f} s CPU{tests}"

    @property
    def left_out(self) -> list[str]:
        """What its tests could not test here."""
        return [line for line in self.text.splitlines() if line.startswith("Left out: ")]

    @property
    def figures(self) -> list[str]:
        """What it counted."""
        return [line[len("Figure: ") :] for line in self.text.splitlines() if line.startswith("Figure: ")]


class Runner:
    """Runs steps, and ends those that are under way when it is stopped."""

    def __init__(self) -> None:
        self.under_way: set[int] = set()
        self.talking = threading.Lock()

    def run_all(self, chosen: Sequence[Step], jobs: int) -> list[Outcome]:
        """Run steps side by side, the longest first, and then those that must be alone."""
        longest_first = sorted(chosen, key=lambda step: -step.cpu_seconds)
        with ThreadPoolExecutor(jobs) as pool:
            try:
                outcomes = list(pool.map(self.run, [step for step in longest_first if not step.alone]))
            except KeyboardInterrupt:
                pool.shutdown(wait=False, cancel_futures=True)
                for group in list(self.under_way):
                    end(group)
                raise
        return outcomes + [self.run(step) for step in longest_first if step.alone]

    def run(self, step: Step) -> Outcome:
        """Run one step and report it."""
        log, begun = LOGS / f"{step.name}.log", time.monotonic()
        with tempfile.TemporaryDirectory(prefix="km-", ignore_cleanup_errors=True) as temporary, log.open("wb") as said:
            # Other users, which some tests become, can come to it.
            os.chmod(temporary, 0o755)
            process = subprocess.Popen(
                step.command,
                cwd=ROOT,
                env=surroundings(step, temporary),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.under_way.add(process.pid)
            limit = threading.Timer(step.limit_seconds, self.give_up, [step, process.pid])
            limit.start()
            _pid, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            limit.cancel()
            self.under_way.remove(process.pid)
            # What it left running would disturb the steps after it.
            end(process.pid)
        text = log.read_text(encoding="utf-8", errors="replace")
        outcome = Outcome(step, process.returncode, time.monotonic() - begun, used.ru_utime + used.ru_stime, text)
        self.report(outcome)
        return outcome

    def give_up(self, step: Step, group: int) -> None:
        """End a step that does not end."""
        with self.talking:
            print(f"{step.name} did not end in {step.limit_seconds} s; its last words are below.", flush=True)
        end(group)

    def report(self, outcome: Outcome) -> None:
        """Print what a step came to, and the end of its output where it failed."""
        with self.talking:
            lines = [outcome.line, *(outcome.left_out if outcome.well else outcome.text.splitlines()[-60:])]
            print("\n".join(lines), flush=True)


def end(group: int) -> None:
    """Kill all processes of a step."""
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def surroundings(step: Step, temporary: str) -> dict[str, str]:
    """The environment of a step: its own folder for temporary files and, where it is no test, a home that lasts."""
    home = ROOT / ".cache" / "home" / step.name
    home.mkdir(parents=True, exist_ok=True)
    of_environment = [str(Path(word).parent) for word in step.command if word.startswith(str(ROOT / ".venv"))]
    return {
        **os.environ,
        **({} if step.is_pytest else {"HOME": str(home)}),
        "TMPDIR": temporary,
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(COLLECTIONS),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "MYPYPATH": f"{COLLECTIONS}:{ROOT / 'tools'}:{ROOT / 'cli'}",
        "PATH": ":".join([*of_environment, os.environ["PATH"]]),
        # A checkout may be another user's.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        **step.environment,
    }


def slowest_tests(outcomes: Iterable[Outcome]) -> list[tuple[float, str]]:
    """The 30 slowest tests of all steps, with their fixtures: seconds and name."""
    found = []
    for outcome in outcomes:
        rows = re.findall(r"^ *([\d.]+)s (call|setup|teardown) +(\S.*)$", outcome.text, re.MULTILINE)
        found += [(float(seconds), f"{outcome.step.name}: {name} ({what})") for seconds, what, name in rows]
    return sorted(found, reverse=True)[:30]


def summary(name: str, outcomes: Sequence[Outcome], seconds: float, notes: Sequence[str]) -> str:
    """What a whole run came to, as Markdown."""
    cpu = sum(outcome.cpu_seconds for outcome in outcomes)
    lines = [f"# make {name}: {seconds:.0f} s, {cpu:.0f} s CPU\n", "| step | passed | failed | s | s CPU |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for outcome in sorted(outcomes, key=lambda one: -one.cpu_seconds):
        counts = f"{outcome.count('passed')} | {outcome.count('failed')}"
        lines.append(f"| {outcome.step.name} | {counts} | {outcome.seconds:.0f} | {outcome.cpu_seconds:.0f} |")
    figures = [f"{outcome.step.name}: {figure}" for outcome in outcomes for figure in outcome.figures]
    lines += ["", *(f"* {line}" for line in (*notes, *figures)), "", "| s | the slowest tests |", "| --- | --- |"]
    lines += [f"| {seconds:.1f} | {test} |" for seconds, test in slowest_tests(outcomes)]
    return "\n".join(lines) + "\n"


def prepared(name: str, environments: Sequence[str]) -> list[str]:
    """Prepare the environments and, meanwhile, the packages of the system; return what could not be had."""
    with ThreadPoolExecutor(1) as pool:
        installing = pool.submit(packages.install) if name != "check" else None
        command = [sys.executable, str(ROOT / "tools" / "prepare.py"), *environments]
        if subprocess.run(command, check=False).returncode != 0:
            sys.exit(1)
        return installing.result() if installing else []


def main() -> int:
    """Run the steps of a set, or only those that are named."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("set", choices=SETS)
    # One more than cores: many steps wait for hosts that hang, timers and servers as long as they work.
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)) + 1)
    parser.add_argument("steps", nargs="*")
    given = parser.parse_args()
    known = {step.name: step for step in SETS[given.set]}
    unknown = [name for name in given.steps if name not in known]
    if unknown:
        sys.exit(f"run_tests: there is no step {', '.join(unknown)}; there are {', '.join(known)}.")
    chosen = [known[name] for name in (given.steps or known)]
    LOGS.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    notes = packages.left_out() + prepared(given.set, steps.environments(chosen))
    outcomes = Runner().run_all(chosen, given.jobs)
    bad = [outcome.step.name for outcome in outcomes if not outcome.well]
    notes += [f"Failed steps: {', '.join(bad)} (logs in tests/output/)"] if bad else []
    seconds = time.monotonic() - begun
    (LOGS / f"{given.set}.md").write_text(summary(given.set, outcomes, seconds, notes), encoding="utf-8")
    print("\n".join(notes)) if notes else None
    passed, failed = (sum(outcome.count(word) for outcome in outcomes) for word in ("passed", "failed"))
    print(f"{passed} passed, {max(failed, len(bad))} failed in {seconds:.0f} s (tests/output/{given.set}.md)")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
