# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often the rules over a host's own history are wrong, and how soon they find leaks: on simulated hosts
(tests/simulator).

Prints false alarms per 1,000 host-days by tier and dimension, and the leaks found within 14 and 30 days with the median
delay in days; with the plain tiers that the goals are about, and with the amounts that ship; daily, with reboots every
7 and 14 days, and hourly. The share found in 30 days counts what is confirmed; "any" counts whatever rule was first.
About two minutes of CPU.

Usage: .venv/newest/bin/python benchmarks/rules_on_simulated_hosts.py [--healthy 1500] [--leaking 120] [--only
daily|rebooting|hourly]
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.hosts import LEAKING, Simulated, Trouble, simulate
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.replay import (
    days_until,
    episodes,
    plain_tiers,
    shipped_settings,
)

FLEET = 4_000
FIRST_SEED = 70_000  # none of these hosts was looked at when the amounts were chosen
RATES = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 10.0)
PLAIN = "plain tiers: watch 0.25 % of RAM and 10 %, warning 0.5 % and 25 %, critical 1 % and 25 %"
AUDIT_HOUR = 0.3  # days; an audit up to this much after midnight of the last day still counts


def leaking(rate: float, number: int, **options: Any) -> list[Simulated]:
    """Hosts with a leak that begins on day 60 (or *day*), half of them with a boot into a new kernel."""
    day = options.pop("day", 60)
    chance = random.Random(f"leaks at {rate}")
    return [
        simulate(
            chance.randrange(2**32),
            days=day + 33,
            trouble=Trouble(chance.choice(LEAKING), day, percent_a_day=rate, with_reboot=place % 2 == 1),
            **options,
        )
        for place in range(number)
    ]


def print_false_alarms(title: str, counts: Counter[tuple[str, ...]], host_days: float) -> None:
    """Print counts per 1,000 host-days, summed by the first part of their names and one by one."""
    sums: Counter[str] = Counter()
    for name, number in counts.items():
        sums[name[0]] += number
    print(
        f"  {title}: "
        + (
            ", ".join(
                f"{tier} {1000 * sums[tier] / host_days:.2f}" for tier in ("watch", "warning", "critical") if sums[tier]
            )
            or "none"
        )
    )
    for name, number in sorted(counts.items()):
        print(f"    {'  '.join(name):48} {number:4} = {1000 * number / host_days:.2f}")


def print_recall(
    rate: float, hosts: list[Simulated], settings: Settings, names: tuple[str, ...], **options: Any
) -> None:
    """Print how many leaks were found within 14 and within 30 days, and the median delay in days."""
    delays = [days_until(host, settings, most=31, **options) for host in hosts]
    cells = []
    for name in names:
        found = [delay.get(name, float("inf")) for delay in delays]
        shares = [100 * sum(delay <= limit + AUDIT_HOUR for delay in found) / len(found) for limit in (14, 30)]
        median = statistics.median(found)
        cells.append(
            f"{name} {shares[0]:3.0f} % {shares[1]:3.0f} % {'-' if median == float('inf') else f'{median:.0f}':>3} d"
        )
    print(f"    {rate:5} %/day  " + "  |  ".join(cells), flush=True)


def daily(healthy: int, leaks: int) -> None:
    """Daily audits of hosts that reboot now and then."""
    hosts = [simulate(seed, days=110) for seed in range(FIRST_SEED, FIRST_SEED + healthy)]
    plain, shipped = plain_tiers((0.25, 10), (0.5, 25), (1, 25)), shipped_settings()
    tiers, _alarms, host_days = episodes(hosts, plain, 61)
    print(f"daily audits, {healthy:,} healthy hosts, {host_days:,.0f} host-days\n  {PLAIN}")
    print_false_alarms("false alarms per 1,000 host-days (growth)", tiers, host_days)
    tiers, alarms, _host_days = episodes(hosts, shipped, 61)
    print("  amounts that ship")
    print_false_alarms("growth confirmed, per 1,000 host-days", tiers, host_days)
    print_false_alarms("new findings of growth, spike and drop, per 1,000 host-days", alarms, host_days)
    for severity, days, goal in (("warning", 1, "a day"), ("critical", 7, "a week")):
        number = sum(count for name, count in alarms.items() if name[0] == severity)
        print(
            f"    on {FLEET:,} healthy hosts: {number * FLEET * days / host_days:.2f} new {severity} findings {goal} "
            "(goal 1)"
        )
    print(f"\n  leaks found within 14 and 30 days, median delay; {leaks} hosts a rate")
    tables = (
        (plain, "plain tiers", ("watch", "warning", "critical")),
        (shipped, "amounts that ship", ("warning", "any warning", "any critical")),
    )
    for settings, title, names in tables:
        print(f"   {title}")
        for rate in RATES:
            print_recall(rate, leaking(rate, leaks), settings, names)


def rebooting(healthy: int, leaks: int) -> None:
    """Daily audits of hosts that reboot by the calendar; those that reboot every week need shorter windows."""
    shipped = shipped_settings()
    short = replace(shipped, history=replace(shipped.history, minimum_samples=5, minimum_days=3))
    for every, settings, title in (
        (7, shipped, "as shipped"),
        (7, short, "minimum_samples 5, minimum_days 3"),
        (14, shipped, "as shipped"),
    ):
        hosts = [simulate(seed, days=90, reboot_every_days=every) for seed in range(FIRST_SEED, FIRST_SEED + healthy)]
        _tiers, alarms, host_days = episodes(hosts, settings, 45)
        print(f"\nreboots every {every} days, daily audits, {host_days:,.0f} host-days, {title}")
        print_false_alarms("new findings per 1,000 host-days", alarms, host_days)
        for rate in (0.1, 0.25, 1.0, 10.0):
            print_recall(
                rate,
                leaking(rate, leaks, day=45, reboot_every_days=every),
                settings,
                ("watch", "warning", "any warning"),
            )


def hourly(healthy: int, leaks: int) -> None:
    """Hourly audits; the series holds what a store keeps of them."""
    shipped = shipped_settings()
    hosts = [simulate(seed, days=61, every_hours=1) for seed in range(FIRST_SEED, FIRST_SEED + healthy)]
    _tiers, alarms, host_days = episodes(hosts, shipped, 31, thinned=True)
    print(f"\nhourly audits, {host_days:,.0f} host-days, amounts that ship")
    print_false_alarms("new findings per 1,000 host-days", alarms, host_days)
    for rate in (0.25, 1.0, 10.0):
        print_recall(
            rate,
            leaking(rate, leaks, day=31, every_hours=1),
            shipped,
            ("warning", "any warning", "any critical"),
            thinned=True,
        )


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--healthy", type=int, default=1500)
    parser.add_argument("--leaking", type=int, default=120)
    parser.add_argument("--only", choices=["daily", "rebooting", "hourly"], help="print one table")
    options = parser.parse_args()
    if options.only in (None, "daily"):
        daily(options.healthy, options.leaking)
    if options.only in (None, "rebooting"):
        rebooting(max(2, options.healthy // 6), max(2, options.leaking // 3))
    if options.only in (None, "hourly"):
        hourly(max(2, options.healthy // 50), max(2, options.leaking // 6))
    print(f"\n{time.process_time():.0f} s CPU")


if __name__ == "__main__":
    main()
