# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the gate finds a regression on simulated hosts, and how often it stops a rollout that changed nothing.

Each host has seven dimensions of usual sizes. What a reboot changes by chance is drawn from a t distribution with four
degrees of freedom (heavy tails) of the given spread. The regression is so much more unreclaimable slab on every changed
host. A rollout is blocked by a test over all hosts, or by the rule for a single host. The seed is fixed.

Usage: .venv/newest/bin/python benchmarks/gate_regression.py [ROLLOUTS]     (exit code 1 where a goal is missed)
"""

from __future__ import annotations

import random
import sys
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import JUDGED, TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.before_after import (
    COMPARED,
    _difference,
    noise_bytes,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host import Answer, _add_worse
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.regression import cohort_test, paired_test
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.gate_settings import (
    default_gate_settings,
    plain_gate_settings,
)

MEMORY = 64 * 1024**3
SHARES = {
    "slab_unreclaimable": 1.5,
    "slab_reclaimable": 3,
    "vmalloc": 0.5,
    "kernel_stack": 0.2,
    "page_tables": 1.2,
    "percpu": 0.3,
    "unaccounted": 2.5,
}
"""Usual sizes in percent of RAM."""
SETTINGS = plain_gate_settings(default_gate_settings("production"))
FLOOR = noise_bytes(MEMORY, SETTINGS["noise"])
BETWEEN_HOSTS = 0.2


def heavy(spread: float) -> float:
    """A draw of t with four degrees of freedom, of the given standard deviation."""
    chi = sum(random.gauss(0, 1) ** 2 for _one in range(4))
    return spread * random.gauss(0, 1) / sqrt(chi / 4) / sqrt(2)


def host(spread: float, more: float) -> tuple[dict[str, Any], dict[str, int]]:
    """The comparison of one host that was changed, and its amounts before."""
    old = {name: int(MEMORY * SHARES[name] / 100 * exp(random.gauss(0, BETWEEN_HOSTS))) for name in JUDGED}
    new = {
        name: int(old[name] * exp(heavy(spread) + (log(1 + more) if name == "slab_unreclaimable" else 0)))
        for name in JUDGED
    }
    for amounts in (old, new):
        amounts[TOTAL] = sum(amounts[name] for name in JUDGED if name not in ("slab_reclaimable", "unaccounted"))
    rows = {name: _difference(old[name], new[name], None, FLOOR) for name in COMPARED}
    return {"memory_total_bytes": MEMORY, "dimensions": rows}, old


def is_worse(comparison: dict[str, Any]) -> bool:
    """Whether the rule for a single host blocks."""
    answer = Answer()
    _add_worse(answer, comparison, SETTINGS, "bad")
    return answer.outcome == "bad"


def rollouts(number: int, changed: int, unchanged: int, spread: float, more: float) -> dict[str, float]:
    """Percentages over so many rollouts: found by a test, blocked by any rule, not testable."""
    found = blocked = untestable = 0
    for _rollout in range(number):
        comparisons = [host(spread, more)[0] for _one in range(changed)]
        tests = [paired_test(comparisons, SETTINGS)]
        if unchanged:
            tests.append(
                cohort_test(
                    comparisons,
                    [{"memory_total_bytes": MEMORY, "amounts": host(0, 0)[1]} for _one in range(unchanged)],
                    SETTINGS,
                )
            )
        by_test = any(row["worse"] for test in tests for row in test["dimensions"].values())
        found += by_test
        blocked += by_test or any(is_worse(one) for one in comparisons)
        untestable += all(test["state"] == "not_testable" for test in tests)
    return {"found": 100 * found / number, "blocked": 100 * blocked / number, "untestable": 100 * untestable / number}


def main() -> int:
    """Print the table, and say which goals are met."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    random.seed(20261124)
    print(f"{number:,} simulated rollouts for each line; percent. 'found' by a test, 'blocked' by any rule.")
    print(
        f"{'hosts':<16}{'spread':>7}   {'no change':>9} {'blocked':>8}   {'+20 %':>7}   {'+50 %':>7} {'blocked':>8}  "
        f" {'not testable':>12}"
    )
    table = {}
    for changed, unchanged, label in (
        (3, 0, "3"),
        (8, 0, "8"),
        (12, 0, "12"),
        (20, 0, "20"),
        (3, 10, "3 against 10"),
        (5, 20, "5 against 20"),
    ):
        for spread in (0.05, 0.1, 0.2):
            none, some, half = (rollouts(number, changed, unchanged, spread, more) for more in (0, 0.2, 0.5))
            table[label, spread] = none, half
            print(
                f"{label:<16}{100 * spread:>6.0f}%   {none['found']:>9.1f} {none['blocked']:>8.1f}   "
                f"{some['found']:>7.1f}   "
                f"{half['found']:>7.1f} {half['blocked']:>8.1f}   {none['untestable']:>12.1f}"
            )
    goals = {
        "8 hosts with 50 % more, spread 5 % and 10 %: found in at least 98 %": min(
            table["8", spread][1]["found"] for spread in (0.05, 0.1)
        )
        >= 98,
        "8 hosts, no change, spread up to 20 %: stopped by a test in at most 2 %": max(
            table["8", spread][0]["found"] for spread in (0.05, 0.1, 0.2)
        )
        <= 2,
        "8 hosts, no change, spread up to 10 %: blocked by any rule in at most 2 %": max(
            table["8", spread][0]["blocked"] for spread in (0.05, 0.1)
        )
        <= 2,
        "3 hosts: never testable": table["3", 0.1][0]["untestable"] == 100,
    }
    for goal, met in goals.items():
        print(f"{'met   ' if met else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
