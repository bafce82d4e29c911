# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What judging hosts by their own history costs the controller: CPU seconds for 10,000 hosts with 60 samples each, all
dimensions.

Beside it the state of a healthy host with everything that can be attributed: its rules and the patterns.

Plain Python, one process. Two fleets: one as the simulator makes it (mostly quiet, some with plateaus, deploys and
reboots), and one of hosts on which nothing happens. A plain loop of five million additions is timed beside it, so that
machines can be compared.

Usage: .venv/newest/bin/python benchmarks/rules_speed.py [--hosts 10000] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.apply import apply_patterns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Series
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.own_history import judge_history
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import judge_state
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.hosts import simulate
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.replay import shipped_settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import attribution
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import facts_of, subject_of

GOAL_SECONDS, GOAL_QUIET_MILLISECONDS, GOAL_STATE_MILLISECONDS, DIFFERENT = 2.0, 0.2, 0.05, 400


Case = tuple[Subject, Series]
"""A host, and its earlier samples."""


def cases(quiet: bool) -> list[Case]:
    """Different hosts with 60 samples before the current one."""
    settings = shipped_settings()
    hosts = (simulate(seed, days=75, quiet=quiet) for seed in range(DIFFERENT))
    return [(host.subject(len(host) - 1, settings), host.series(len(host) - 1)) for host in hosts]


def judged(hosts: int, cases: list[Case]) -> tuple[float, int]:
    """CPU seconds to judge *hosts* hosts, and how many findings there were."""
    findings = 0
    start = time.process_time()
    for number in range(hosts):
        subject, series = cases[number % DIFFERENT]
        findings += len(judge_history(subject, series).judgement.findings)
    return time.process_time() - start, findings


def state_milliseconds(hosts: int = 1000) -> float:
    """CPU milliseconds to judge the state of one healthy host."""
    subject = subject_of(facts_of(attribution=attribution()))
    start = time.process_time()
    for _host in range(hosts):
        apply_patterns(subject, judge_state(subject).findings, {})
    return (time.process_time() - start) / hosts * 1000


def additions() -> float:
    """CPU seconds of five million additions."""
    start, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number
    return time.process_time() - start


def main() -> int:
    """Time both fleets and print them against the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=10_000)
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    options = parser.parse_args()
    print(f"five million additions: {additions():.2f} s CPU")
    fleet, quiet = cases(False), cases(True)
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(judged, options.hosts // 5, fleet)
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    judged(DIFFERENT, fleet)
    seconds, findings = min(judged(options.hosts, fleet) for _round in range(3))
    a_quiet_one = min(judged(options.hosts, quiet) for _round in range(3))[0] / options.hosts * 1000
    print(
        f"{options.hosts:,} hosts x 60 samples: {seconds:.2f} s CPU, {findings} findings (goal "
        f"{GOAL_SECONDS * options.hosts / 10_000:.1f} s)"
    )
    print(f"a host on which nothing happens: {a_quiet_one:.3f} ms CPU (goal {GOAL_QUIET_MILLISECONDS} ms)")
    state = min(state_milliseconds() for _round in range(3))
    print(f"the state of a healthy host: {state:.3f} ms CPU (goal {GOAL_STATE_MILLISECONDS} ms)")
    good = seconds <= GOAL_SECONDS * options.hosts / 10_000 and a_quiet_one <= GOAL_QUIET_MILLISECONDS
    return 0 if good and state <= GOAL_STATE_MILLISECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
