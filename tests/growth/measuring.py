# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure how far the account of this machine moves while one process takes memory.

Other programs use memory meanwhile. So growing and shrinking follow each other quickly, each growth is compared with
the mean of what was before and after it (which takes out a steady drift), and the median of several growths is taken
(which takes out jumps). On a busy machine it takes more of them: there are as many as it takes until every median is
known well enough, which does not ask what the median is.
"""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read

GROWING = Path(__file__).with_name("growing.py")
SETTLE_SECONDS = 0.3
ROUNDS, MOST_ROUNDS = 5, 75
# What other programs may move meanwhile: far less than a tenth of what is grown.
BAND = 6 << 20


class Grower:
    """The process that takes memory."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.expect("ready")

    def expect(self, answer: str) -> None:
        """Wait for its answer."""
        assert self.process.stdout is not None
        said = self.process.stdout.readline().strip()
        if said != answer:
            assert self.process.stderr is not None
            raise AssertionError(f"growing.py ended instead of saying {answer}: {self.process.stderr.read()}")

    def tell(self, word: str) -> None:
        """Make it grow or shrink, and let the kernel settle."""
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        self.expect("done")
        time.sleep(SETTLE_SECONDS)


@contextmanager
def grower(kind: str, amount: int, folder: Path | None = None) -> Iterator[Grower]:
    """A Grower that is gone afterwards, whatever happens."""
    command = [sys.executable, "-I", "-S", str(GROWING), kind, str(amount), *([str(folder)] if folder else [])]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Grower(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def account() -> dict[str, float]:
    """Dimensions and total of this machine now, each the median of three readings."""
    seen = []
    for _sample in range(3):
        facts = build_facts(read())
        sizes = {**facts["dimensions"], "kernel_total_bytes": facts["kernel_total_bytes"]}
        missing = [name for name, size in sizes.items() if size is None]
        assert not missing, (
            f"this kernel does not give {', '.join(missing)}, so growth can't be seen: {facts['unavailable']}"
        )
        seen.append(sizes)
        time.sleep(0.03)
    return {name: statistics.median(sizes[name] for sizes in seen) for name in seen[0]}


def movement(kind: str, amount: int, folder: Path | None = None) -> dict[str, float]:
    """By how many bytes each dimension and the total move while *kind* holds *amount*."""
    moves: list[dict[str, float]] = []
    with grower(kind, amount, folder) as it:
        it.tell("grow")  # The first one fills caches that stay: free stacks, slabs, the interpreter's own memory.
        it.tell("shrink")
        before = account()
        while len(moves) < ROUNDS or (len(moves) < MOST_ROUNDS and not known_well(moves)):
            it.tell("grow")
            grown = account()
            it.tell("shrink")
            after = account()
            moves.append({name: grown[name] - (before[name] + after[name]) / 2 for name in grown})
            before = after
    return {name: statistics.median(move[name] for move in moves) for name in moves[0]}


def known_well(moves: list[dict[str, float]]) -> bool:
    """Whether the median of each amount is known to a third of BAND: so far apart, at most, are the values beside it
    between which it lies with 94 % or more (by their places, whatever their distribution is).
    """
    number = len(moves)
    reach = math.ceil(math.sqrt(number))
    first, last = max(number // 2 - reach, 0), min(number // 2 + reach, number - 1)
    columns = (sorted(move[name] for move in moves) for name in moves[0])
    return all(column[last] - column[first] <= 2 * BAND / 3 for column in columns)


def assert_moved(
    moved: dict[str, float], expected: dict[str, int], beside: dict[str, tuple[int, int]] | None = None
) -> None:
    """Each dimension of *expected* moved by so many bytes within 10 %, those of *beside* within their bounds, and no
    other by more than BAND.
    """
    for name, size in moved.items():
        dimension = name[: -len("_bytes")]
        if dimension in expected:
            low, high = 0.9 * expected[dimension], 1.1 * expected[dimension]
        else:
            low, high = (beside or {}).get(dimension, (0, 0))
            low, high = low - BAND, high + BAND
        if dimension != "kernel_total":
            assert low <= size <= high, (
                f"{dimension} moved by {size / 2**20:.1f} MiB, not by {low / 2**20:.1f} to {high / 2**20:.1f}: {moved}"
            )
