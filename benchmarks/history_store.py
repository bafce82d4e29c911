# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the history costs an audit: CPU seconds to append a run and to read all series, with 60 samples a host, and
memory.

Usage: .venv/newest/bin/python benchmarks/history_store.py [--where ADDRESS] [HOSTS ...]      (10000 and 100000 hosts by
default)

The history is an SQLite file in the temporary folder, or at an address that is given (an empty PostgreSQL database,
say; of that, only the CPU of this process is measured). Each size runs in a process of its own, so that memory is its
own.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.engine import chunks
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.packing import packed, trimmed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import RunRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import SAMPLED, Sample, row_of

GIB, HOUR = 2**30, 3600
NOON = 1_796_040_000 // 86_400 * 86_400 + 12 * HOUR
# For 10,000 hosts; in proportion for more.
GOALS = {"append": 0.5, "read": 0.1}
GOAL_MIB = 1024
PATTERNS = 200


def sample(host: int, moment: int, chance: random.Random) -> Sample:
    """A sample of a healthy host."""
    amounts: dict[str, int | None] = {name: chance.randrange(10**8, 2 * 10**9) for name in SAMPLED}
    return Sample(
        f"host{host:06}.example.net",
        moment + host % 50,
        f"boot of {host}",
        "6.12.0-1",
        "x86_64",
        moment - 1_700_000_000,
        64 * GIB,
        48 * GIB,
        16,
        900,
        150,
        "pages",
        None,
        amounts,
    )


def fill(store: SqlStore, hosts: int, chance: random.Random) -> int:
    """Fill a store as 50 days of hourly audits would, and return when the last one was. The series are written as
    they would be by then.
    """
    last = NOON + 11 * HOUR
    engine = store._engine
    # The amounts of a few hundred hosts are used again and again: what differs is only whose they are.
    patterns = [
        packed(trimmed([row_of(sample(number, last - ago * HOUR, chance)) for ago in range(50 * 24)]))
        for number in range(min(hosts, PATTERNS))
    ]
    for chunk in chunks(range(hosts), 10_000):
        store.append(RunRecord("before", last), (sample(number, last, chance) for number in chunk), {})
    ids = [host_id for (host_id,) in engine.rows("SELECT host_id FROM host ORDER BY host_id")]
    for chunk in chunks(list(enumerate(ids)), 5_000):
        with engine.writing():
            engine.put(
                "series",
                [
                    (host_id, *(patterns[place % len(patterns)][0], last, patterns[place % len(patterns)][1]))
                    for place, host_id in chunk
                ],
                replacing=("form", "newest_at", "data"),
            )
    return last


def cpu_of(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of *work*."""
    cpu, wall = time.process_time(), time.monotonic()
    work()
    return time.process_time() - cpu, time.monotonic() - wall


def measure(where: str, hosts: int) -> Iterator[tuple[str, float, float]]:
    """Name and seconds of each thing that is measured."""
    chance = random.Random(1)
    store = open_store(where)
    assert isinstance(store, SqlStore)
    last = fill(store, hosts, chance)
    store.close()
    store = open_store(where)
    length = max(len(series) for series in store.series([f"host{number:06}.example.net" for number in range(100)]))
    assert length == 60, length
    yield "read", *cpu_of(lambda: [None for series in store.series()])
    yield (
        "read and make 11 columns of each",
        *cpu_of(lambda: [[series.columns[name] for name in list(series.columns)[-11:]] for series in store.series()]),
    )
    run = RunRecord("now", last + HOUR)
    new = [sample(number, last + HOUR, chance) for number in range(hosts)]
    judged: dict[str, list[dict[str, object]]] = {each.host: [] for each in new}
    yield "append", *cpu_of(lambda: store.append(run, new, judged))
    yield "append the same again", *cpu_of(lambda: store.append(run, new, judged))
    yield "last findings", *cpu_of(store.last_findings)
    store.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hosts", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--where")
    given = parser.parse_args()
    if len(given.hosts) > 1:
        for hosts in given.hosts:
            subprocess.run(
                [sys.executable, __file__, *(["--where", given.where] if given.where else []), str(hosts)], check=True
            )
        return
    hosts = given.hosts[0]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        print(f"{hosts:,} hosts with 60 samples each; seconds")
        print(f"{'':<34}{'CPU':>8}{'goal':>8}{'wall':>8}")
        for name, cpu, wall in measure(given.where or str(path), hosts):
            goal = f"{GOALS[name] * hosts / 10_000:8.2f}" if name in GOALS else " " * 8
            print(f"{name:<34}{cpu:8.2f}{goal}{wall:8.2f}", flush=True)
        print(f"{'memory, MiB':<34}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f}{GOAL_MIB:8}")
        if path.exists():
            print(f"{'file, MiB':<34}{path.stat().st_size / 2**20:8.0f}\n")


if __name__ == "__main__":
    main()
