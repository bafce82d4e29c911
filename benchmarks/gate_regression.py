# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the gate finds a regression on simulated hosts, and how often it stops a rollout that changed nothing.

Each host has seven dimensions of usual sizes. What a reboot changes by chance is drawn from a t distribution with four
degrees of freedom (heavy tails) of the given spread. The regression is so much more unreclaimable slab on every changed
host. A rollout is blocked by a test over all hosts, or by the rule for a single host. The seed is fixed.

Usage: .venv/newest/bin/python benchmarks/gate_regression.py [ROLLOUTS [pools]]     (exit code 1 where a goal is missed)

With ``pools`` it prints false stops and finds for whole pools, without and with a history; "x 2 of 6 %" is twice the
slab of hosts that have 6 % of RAM in it, since a pool of one or two sees nothing that is below 3 % of RAM.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import JUDGED, TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer import Answer
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.before_after import (
    COMPARED,
    Past,
    difference,
    noise_bytes,
    past_of,
    usual_spreads,
    with_usual,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.regression import cohort_test, paired_test
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.worse import add_worse
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
SEED = 20261124


def heavy(spread: float) -> float:
    """A draw of t with four degrees of freedom, of the given standard deviation."""
    chi = sum(random.gauss(0, 1) ** 2 for _one in range(4))
    return spread * random.gauss(0, 1) / sqrt(chi / 4) / sqrt(2)


@dataclass(frozen=True)
class Host:
    """A changed host: its amounts before and after, and what its history knows."""

    old: dict[str, int]
    new: dict[str, int]
    past: dict[str, Past]

    def comparison(self, spreads: dict[str, float]) -> dict[str, Any]:
        """It as the gate compares it, with the usual spreads of its pool."""
        past = with_usual(self.past, spreads)
        rows = {name: difference(self.old[name], self.new[name], past.get(name), FLOOR) for name in COMPARED}
        return {"memory_total_bytes": MEMORY, "dimensions": rows}


def host(spread: float, more: float, boots: int = 0, slab: float = SHARES["slab_unreclaimable"]) -> Host:
    """A changed host with so many earlier boots in its history; *slab* is its usual share of RAM in percent."""
    shares = {**SHARES, "slab_unreclaimable": slab}
    old = {name: int(MEMORY * shares[name] / 100 * exp(random.gauss(0, BETWEEN_HOSTS))) for name in JUDGED}
    earlier = [{name: int(old[name] * exp(heavy(spread))) for name in JUDGED} for _boot in range(boots)]
    new = {
        name: int(old[name] * exp(heavy(spread) + (log(1 + more) if name == "slab_unreclaimable" else 0)))
        for name in JUDGED
    }
    for amounts in (old, new, *earlier):
        amounts[TOTAL] = sum(amounts[name] for name in JUDGED if name not in ("slab_reclaimable", "unaccounted"))
    return Host(old, new, {name: past_of([boot[name] for boot in earlier]) for name in COMPARED} if earlier else {})


def is_worse(comparison: dict[str, Any], pool: int) -> bool:
    """Whether the rule for a single host blocks."""
    answer = Answer()
    add_worse(answer, comparison, SETTINGS, "bad", alone=pool < SETTINGS["regression"]["minimum_hosts"], hosts=pool)
    return answer.outcome == "bad"


def rollouts(
    number: int,
    changed: int,
    unchanged: int,
    spread: float,
    more: float,
    boots: int = 0,
    slab: float = SHARES["slab_unreclaimable"],
) -> dict[str, float]:
    """Percentages over so many rollouts: found by a test, blocked by any rule, not testable."""
    found = blocked = untestable = 0
    for _rollout in range(number):
        hosts = [host(spread, more, boots, slab) for _one in range(changed)]
        spreads = usual_spreads([one.past for one in hosts])
        comparisons = [one.comparison(spreads) for one in hosts]
        tests = [paired_test(comparisons, SETTINGS)]
        if unchanged:
            tests.append(
                cohort_test(
                    comparisons,
                    [{"memory_total_bytes": MEMORY, "amounts": host(0, 0).old} for _one in range(unchanged)],
                    SETTINGS,
                )
            )
        by_test = any(row["worse"] for test in tests for row in test["dimensions"].values())
        found += by_test
        blocked += by_test or any(is_worse(one, changed + unchanged) for one in comparisons)
        untestable += all(test["state"] == "not_testable" for test in tests)
    return {"found": 100 * found / number, "blocked": 100 * blocked / number, "untestable": 100 * untestable / number}


def pools(number: int) -> int:
    """Print false stops and finds for whole pools, without and with a history of eight earlier boots; return 1 where a
    goal is missed.
    """
    print(f"{number:,} simulated rollouts for each figure; percent stopped by any rule.")
    print(f"{'pool':<6}{'spread':>7}{'history':>9}   {'no change':>9} {'+50 %':>8} {'x 2':>8} {'x 2 of 6 %':>11}")
    table = {}
    for pool in (1, 2, 3, 8, 20, 100):
        for spread in (0.05, 0.1, 0.2):
            for boots in (0, 8):
                # Each line can be had alone, and says the same.
                random.seed(f"{SEED} {pool} {spread} {boots}")
                stopped = [rollouts(number, pool, 0, spread, more, boots)["blocked"] for more in (0, 0.5, 1)]
                stopped.append(rollouts(number, pool, 0, spread, 1, boots, slab=6)["blocked"])
                table[pool, spread, boots] = stopped
                print(
                    f"{pool:<6}{100 * spread:>6.0f}%{'8 boots' if boots else 'none':>9}   {stopped[0]:>9.1f} "
                    f"{stopped[1]:>8.1f} {stopped[2]:>8.1f} {stopped[3]:>11.1f}",
                    flush=True,
                )
    goals = {
        "20 hosts, spread 20 %, a history: at most 5 % of rollouts without a change are stopped": table[20, 0.2, 8][0]
        <= 5,
        "20 hosts, spread 20 %, a history: 50 % more is found in at least 95 %": table[20, 0.2, 8][1] >= 95,
        "1 host, spread 5 %, a history: twice a slab of 6 % of RAM is found in at least 95 %": table[1, 0.05, 8][3]
        >= 95,
    }
    return said(goals)


def said(goals: dict[str, bool]) -> int:
    """Print which goals are met, and return the exit code."""
    for goal, met in goals.items():
        print(f"{'met   ' if met else 'MISSED'} {goal}")
    return 0 if all(goals.values()) else 1


def main() -> int:
    """Print the table, and say which goals are met."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    random.seed(SEED)
    if sys.argv[2:] == ["pools"]:
        return pools(number)
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
    return said(goals)


if __name__ == "__main__":
    sys.exit(main())
