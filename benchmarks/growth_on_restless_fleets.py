# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""False alarms on healthy fleets that are not quiet, and how soon leaks are found: what the rules that ship say of
simulated hosts (tests/simulator), with production settings, day by day as a replay of a history says it.

Every series ages through the thinning of the store. Warnings and criticals are counted where they begin, and given for
a fleet of 4,000 hosts; the kinds of findings stand behind. What begins as long-standing, since the host has done it
before, is no new warning and is counted as "known". Hosts are judged one by one: what a fleet shares is not taken off.
Amounts and conditions were chosen on the set of seeds "choosing" and are reported on "reporting"; nothing was ever
chosen on it.

Usage: .venv/newest/bin/python benchmarks/growth_on_restless_fleets.py [--seeds choosing|reporting|reserve]
[--hosts 60] [--leaks 40] [--only PART ...] [--kind KIND ...]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.thinning import dropped_places, spans_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.replay import judge_by
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.hosts import (
    LEAKING,
    START,
    Simulated,
    Trouble,
    simulate,
)
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.kinds import KINDS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN

DAY = 86400
FLEET = 4_000
SEEDS = {"choosing": 100_000, "reporting": 500_000, "reserve": 900_000}
QUIET = "quiet"
DAYS, FROM_DAY = 150, 90
RATES = (0.02, 0.05, 0.1, 0.3, 1.0)
LEAK_DAY, AUDIT_HOUR = 60, 0.3
JUDGE = judge_by(BUILT_IN, "production")
ALARMS, KNOWN = ("warning", "critical"), "long_standing"
PARTS = ("alarms", "recall", "weekly", "two-hourly", "quarter-hourly")


def audits(host: Simulated, first_day: float) -> Iterator[tuple[float, list[Finding]]]:
    """Yield the day and the findings of each audit from a day on."""
    times = host.columns["collected_at"]
    kept: list[int] = []
    for place in range(len(host)):
        if times[place] >= START + first_day * DAY:
            yield (times[place] - START) / DAY, list(JUDGE(host.sample(place), host.chosen(kept)))
        kept.append(place)
        for one in dropped_places(spans_of(times[one] for one in kept)):
            del kept[one]


def print_alarms(kind: str, hosts: int, first_seed: int) -> None:
    """Print how often warnings and criticals begin on healthy hosts of a kind."""
    begun: Counter[tuple[str, str]] = Counter()
    host_days = 0.0
    start = time.process_time()
    for seed in range(first_seed, first_seed + hosts):
        host = simulate(seed, days=DAYS, kind=None if kind == QUIET else kind)
        # Whether it has been long-standing since it began.
        before: dict[tuple[str, str, str], bool] = {}
        days = [float(FROM_DAY)]
        for day, findings in audits(host, FROM_DAY):
            now = {
                key: one.status == KNOWN and before.get(key, True)
                for one in findings
                for severity in ALARMS[: 1 + (one.severity == "critical")]
                for key in [(severity, *one.key)]
                if one.severity in ALARMS
            }
            if len(days) > 1:
                begun.update(_begun(before, now))
            before = now
            days.append(day)
        host_days += days[-1] - days[1]
    sums = {severity: sum(n for name, n in begun.items() if name[0] == severity) for severity in ALARMS}
    kinds = ", ".join(
        f"{name} {FLEET * begun['warning', name] / host_days:.1f}"
        + (f" (criticals {7 * FLEET * begun['critical', name] / host_days:.1f})" if begun["critical", name] else "")
        for name in sorted({name for severity, name in begun if severity in ALARMS})
    )
    known = FLEET * sum(n for name, n in begun.items() if name[0] == "known") / host_days
    print(
        f"  {kind:13} {host_days:7,.0f} host-days  warnings a day {FLEET * sums['warning'] / host_days:6.1f}  "
        f"criticals a week {7 * FLEET * sums['critical'] / host_days:5.1f}   known a day {known:4.1f}   {kinds}   "
        f"[{time.process_time() - start:.0f} s]",
        flush=True,
    )


def _begun(
    before: dict[tuple[str, str, str], bool], now: dict[tuple[str, str, str], bool]
) -> Iterator[tuple[str, str]]:
    """Yield the severity ("known" for what begins as long-standing) and the kind of what was not there before, and of
    what began as long-standing and is so no more.
    """
    for key, is_known in now.items():
        if key not in before or (before[key] and not is_known):
            yield ("known" if is_known else key[0]), key[2]


def leaking(rate: float, number: int, first_seed: int, every_hours: float, after: float) -> Iterator[Simulated]:
    """Yield hosts with a leak that begins on day 60, half of them with a boot into a new kernel."""
    chance = random.Random(f"leaks at {rate} from {first_seed}")
    for place in range(number):
        yield simulate(
            chance.randrange(2**32),
            days=round(LEAK_DAY + after + 2),
            every_hours=every_hours,
            trouble=Trouble(chance.choice(LEAKING), LEAK_DAY, percent_a_day=rate, with_reboot=place % 2 == 1),
        )


def error_of(finding: Finding, host: Simulated, day: float) -> list[float]:
    """How far the growth that a warning says is from what the host really grew by since then, as a share; of 7 or more
    points.
    """
    if finding.kind != "growth" or finding.severity not in ALARMS or finding.evidence["samples"] < 7:
        return []
    since = datetime.fromisoformat(finding.evidence["since"].replace("Z", "+00:00")).timestamp()
    times, amounts = host.columns["collected_at"], host.columns[f"{finding.dimension}_kib"]
    until = START + day * DAY
    last = bisect_right(times, until + 1)
    apart = times[last - 1] - times[last - 2]
    # Three values at either end, as noise is nobody's error.
    first = bisect_left(times, since - apart / 2)
    older = statistics.median(amounts[max(0, first - 1) : first + 2])
    newer = statistics.median(amounts[max(0, last - 3) : last])
    gap = apart * (newer - older) / max(until - since, 1)
    true = 1024 * (newer - older + gap)
    return [abs(finding.value / true - 1)] if true > 0 else []


def print_recall(rate: float, number: int, first_seed: int, every_hours: float, within: tuple[float, ...]) -> None:
    """Print the shares of leaks with a word (information counts), a warning and a critical within so many days."""
    firsts: dict[str, list[float]] = {"word": [], "warning": [], "critical": [], "falls": []}
    errors: list[float] = []
    for host in leaking(rate, number, first_seed, every_hours, within[-1]):
        assert host.trouble is not None
        found: dict[str, float] = {}
        falls, last = 0, -1
        for day, findings in audits(host, LEAK_DAY):
            mine = [one.severity for one in findings if one.dimension == host.trouble.dimension]
            rank = max((("info", "warning", "critical").index(one) for one in mine), default=-1)
            errors += [off for one in findings for off in error_of(one, host, day)]
            falls += rank < last and last > 0
            last = rank
            for place, name in enumerate(("word", "warning", "critical")):
                if rank >= place:
                    found.setdefault(name, day - LEAK_DAY)
        for name, delays in firsts.items():
            delays.append(falls if name == "falls" else found.get(name, float("inf")))
    cells = []
    for name in ("word", "warning", "critical"):
        slack = min(AUDIT_HOUR, every_hours / 24)
        shares = [100 * sum(one <= day + slack for one in firsts[name]) / number for day in within]
        middle = statistics.median(firsts[name])
        cells.append(
            f"{name} {'/'.join(f'{share:.0f}' for share in shares)} % "
            f"{'-' if middle == float('inf') else f'{middle:.1f} d' if middle >= 1 else f'{24 * middle:.1f} h'}"
        )
    ordered = sorted(errors)
    amounts = f"{ordered[len(ordered) // 2]:.0%}, 95 % {ordered[len(ordered) * 95 // 100]:.0%}" if ordered else "-"
    print(
        f"  {rate:5} % a day  {'  |  '.join(cells)}  |  falls a leak {statistics.mean(firsts['falls']):.2f}  |  "
        f"amount off by {amounts}",
        flush=True,
    )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", choices=sorted(SEEDS), default="reporting")
    parser.add_argument("--hosts", type=int, default=60, help="healthy hosts of each kind")
    parser.add_argument("--leaks", type=int, default=40, help="leaking hosts of each rate")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--kind", nargs="+", choices=(QUIET, *KINDS), default=(QUIET, *KINDS))
    options = parser.parse_args()
    seed = SEEDS[options.seeds]
    print(f"seeds {options.seeds}: hosts from {seed:,}, leaks drawn by 'leaks at RATE from {seed}'")
    if "alarms" in options.only:
        print(f"healthy fleets, daily audits, days {FROM_DAY} to {DAYS}, for {FLEET:,} hosts")
        for kind in options.kind:
            print_alarms(kind, options.hosts, seed)
    tables = (
        ("recall", "daily audits", 24, RATES, (14, 30, 60)),
        ("weekly", "weekly audits", 168, (0.1, 0.3), (30, 60, 75)),
        ("two-hourly", "audits every 2 hours", 2, (0.3, 1.0), (3, 5, 7)),
        ("quarter-hourly", "audits every 15 minutes (2, 4 and 8 hours)", 0.25, (24.0,), (2 / 24, 4 / 24, 8 / 24)),
    )
    for name, title, every, rates, within in tables:
        if name in options.only:
            print(f"leaks found within {', '.join(f'{one:.2g}' for one in within)} days and the median day, {title}")
            for rate in rates:
                number = options.leaks if name == "recall" else max(2, options.leaks // (6 if every < 1 else 2))
                print_recall(rate, number, seed, every, within)
    print(f"{time.process_time():.0f} s CPU")


if __name__ == "__main__":
    main()
