# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the history costs: CPU seconds to append a run and to read all series, memory, and the size of a year.

Usage: .venv/newest/bin/python benchmarks/history_store.py [--where ADDRESS] [--hosts N ...] [--year N] [--days D]

--hosts (10000 by default) fills a store with 60 samples a host, or more, and measures one audit on it, each size in a
process of its own. --year (3840 by default, 0: not; thirty groups of hosts, each packed on another day) lets a fleet of
so many hosts be audited once a day for --days (400) days, through the store's own append and prune, and says how large
it is then; what that is for 100,000 hosts is extrapolated.

The history is an SQLite file in the temporary folder, or at an address that is given (an empty PostgreSQL database,
say; of that, only the CPU of this process is measured, and the size is what the server says).
"""

from __future__ import annotations

import argparse
import gc
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.engine import chunks
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.ids import all_host_ids
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.packing import packed, unpacked
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sample_columns import Layout
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import Retention, RunRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.thinning import trimmed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import (
    OwnerKey,
    OwnerKind,
    OwnersSample,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import SAMPLED, Sample

PAGE, MIB, GIB, HOUR, DAY = 4096, 2**20, 2**30, 3600, 86_400
NOON = 1_796_040_000 // DAY * DAY + 12 * HOUR
# For 10,000 hosts; in proportion for more.
GOALS = {"read": 0.1}
PATTERNS = 200
FLEET = 100_000
GOAL_GB = {False: 2.0, True: 2.5}
"""A year of the fleet, without and with its owners."""

STILL = ("vmalloc", "percpu", "secondary_page_tables", "misc")
"""What hardly ever moves on a running host."""


class Host:
    """A healthy host whose counters move as on running hosts: some by a few percent a day, some hardly ever."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.name = f"host{number:06}.example.net"
        self.chance = random.Random(chance.random())
        self.boots, self.booted_at = 0, 1_700_000_000
        self.total = self.chance.choice((16, 64, 256)) * GIB
        self.amounts = {name: self.chance.randrange(100 * MIB, GIB) for name in SAMPLED}
        self.counts = [self.chance.randrange(200, 3000) for _count in range(4)]
        names = {OwnerKind.CACHE: 20, OwnerKind.CALLER: 10, OwnerKind.COMMAND_THREADS: 18, OwnerKind.CGROUP: 12}
        names |= {OwnerKind.COMMAND_PAGE_TABLES: 18, OwnerKind.OBJECTS: 8}
        self.owners = {
            OwnerKey(kind, f"{kind.name.lower()}_{self.chance.randrange(40 * number)}"): self.chance.randrange(
                10 if kind.is_counted else MIB, 5000 if kind.is_counted else 200 * MIB
            )
            for kind, number in names.items()
            for _owner in range(number)
        }

    def sample(self, moment: int) -> Sample:
        """The host at a moment."""
        chance = self.chance
        if chance.random() < 0.01:
            self.boots, self.booted_at = self.boots + 1, moment - 7200
        for name in self.amounts:
            if name not in STILL or chance.random() < 0.02:
                self.amounts[name] = max(0, int(self.amounts[name] * chance.gauss(1, 0.03))) // PAGE * PAGE
        self.counts = [max(1, int(count * chance.gauss(1, 0.02))) for count in self.counts]
        threads, processes, files, conntrack = self.counts
        taken = moment + chance.randrange(60)
        return Sample(
            self.name,
            taken,
            f"{self.name} {self.boots}",
            "6.12.0-1",
            "x86_64",
            taken - self.booted_at,
            self.total,
            self.total * 3 // 4 + chance.randrange(GIB // PAGE) * PAGE,
            16,
            threads,
            150 + chance.randrange(3),
            "pages",
            None,
            dict(self.amounts),
            threads_limit=500_000,
            processes=processes,
            files=files,
            conntrack=conntrack,
            conntrack_limit=262_144,
        )

    def largest(self, moment: int) -> OwnersSample:
        """Its owners at a moment: of each kind the five or ten largest, of which six of ten have moved."""
        chance, kept = self.chance, {OwnerKind.CACHE: 10}
        spread = {OwnerKind.CACHE: 0.03, OwnerKind.CALLER: 0.003, OwnerKind.OBJECTS: 0.02}
        for key in self.owners:
            if chance.random() < 0.6:
                self.owners[key] = max(1, int(self.owners[key] * chance.gauss(1, spread.get(key.kind, 0.05))))
        amounts: dict[OwnerKey, int] = {}
        for kind in OwnerKind:
            of_kind = sorted((key for key in self.owners if key.kind == kind), key=lambda key: -self.owners[key])
            amounts |= {key: self.owners[key] for key in of_kind[: kept.get(kind, 5)]}
        return OwnersSample(self.name, moment, amounts, frozenset(OwnerKind), ("ext4", "nf_conntrack", "xfs"))


def opened(where: str) -> SqlStore:
    """The store at an address."""
    store = open_store(where)
    assert isinstance(store, SqlStore)
    return store


def fill(store: SqlStore, hosts: list[Host]) -> int:
    """Fill a store as 50 days of hourly audits would, and return when the last one was. The series are written as
    they would be by then.
    """
    last = NOON + 11 * HOUR
    layout = Layout(store.engine.columns("sample")[2:])
    # The amounts of a few hundred hosts are used again and again: what differs is only whose they are.
    patterns = [
        trimmed([layout.row(host.sample(last - ago * HOUR)) for ago in range(50 * 24)]) for host in hosts[:PATTERNS]
    ]
    for chunk in chunks(hosts, 10_000):
        store.append(RunRecord("before", last), (host.sample(last) for host in chunk), {})
    for ids in chunks(list(enumerate(all_host_ids(store.engine))), 5_000):
        rows = []
        for place, host_id in ids:
            form, data = packed(patterns[place % len(patterns)], host_id)
            rows.append((host_id, form, unpacked(form, data)[-1][0], data))
        with store.engine.writing():
            store.engine.put("series", rows, replacing=("form", "newest_at", "data"))
    return last


def cpu_of(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of *work*, without Python's collector, as the report works."""
    gc.collect()
    gc.disable()
    cpu, wall = time.process_time(), time.monotonic()
    work()
    spent = time.process_time() - cpu, time.monotonic() - wall
    gc.enable()
    return spent


def audit(where: str, number: int) -> Iterator[tuple[str, float, float]]:
    """Name and seconds of each thing that one audit of *number* hosts does to a store."""
    chance = random.Random(1)
    hosts = [Host(place, chance) for place in range(number)]
    store = opened(where)
    last = fill(store, hosts)
    store.close()
    store = opened(where)
    length = max(len(series) for series in store.series([host.name for host in hosts[:100]]))
    assert length >= 60, length
    yield "read", *cpu_of(lambda: [None for series in store.series()])
    yield (
        "read and make 11 columns of each",
        *cpu_of(lambda: [[series.columns[name] for name in list(series.columns)[11:22]] for series in store.series()]),
    )
    moment = last + HOUR
    # Whose series are those of a pattern goes on as that one does.
    like = [host.sample(moment) for host in hosts[:PATTERNS]]
    new = [replace(like[place % len(like)], host=host.name) for place, host in enumerate(hosts)]
    run = RunRecord("now", moment)
    judged = {each.host: [] for each in new}
    yield "append", *cpu_of(lambda: store.append(run, new, judged))
    yield "append the same again", *cpu_of(lambda: store.append(run, new, judged))
    yield "note that it is reported", *cpu_of(lambda: store.runs.reported("now"))
    whole, moved = ([host.largest(at) for host in hosts] for at in (moment, moment + HOUR))
    yield "append owners, whole", *cpu_of(lambda: store.append(RunRecord("whole", moment), [], {}, owners=whole))
    yield "append owners, differences", *cpu_of(lambda: store.append(RunRecord("moved", moment), [], {}, owners=moved))
    some = [host.name for host in hosts[:100]]
    yield "read owners of 100 hosts", *cpu_of(lambda: list(store.owners.of(some)))
    yield "last findings", *cpu_of(store.last_findings)
    store.close()


def year(where: str, number: int, days: int, owners: bool) -> tuple[int, dict[str, int]]:
    """Audit a fleet once a day, and return the bytes of its history, in all and by table."""
    chance = random.Random(2)
    hosts = [Host(place, chance) for place in range(number)]
    store = opened(where)
    for day in range(days):
        moment = NOON + day * DAY
        samples = [host.sample(moment) for host in hosts]
        held = [host.largest(moment) for host in hosts] if owners and day >= days - 125 else []
        run = RunRecord(f"r{day}", moment)
        store.append(run, samples, {each.host: [] for each in samples}, owners=held)
        store.runs.reported(run.run_id)
        store.upkeep.prune(Retention(), moment + HOUR)
    kept = sum(len(series) for series in store.samples([host.name for host in hosts[:20]]))
    assert kept == 20 * days, "every sample of a daily audit is there"
    sizes = sizes_of(store)
    store.close()
    return (sum(sizes.values()) if store.engine.kind == "postgresql" else Path(where).stat().st_size), sizes


def sizes_of(store: SqlStore) -> dict[str, int]:
    """Bytes by table, as far as the engine can say."""
    if store.engine.kind == "postgresql":
        query = (
            "SELECT split_part(relname, '_2', 1), sum(pg_total_relation_size(oid))::bigint FROM pg_class "
            "WHERE relkind = 'r' AND relnamespace = 'kernel_memory'::regnamespace GROUP BY 1 ORDER BY 2 DESC"
        )
    else:
        query = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"
    try:
        return {name: int(size) for name, size in store.engine.rows(query)}
    except ValueError:
        return {}  # an SQLite without its table of pages


def show_audit(where: str | None, number: int) -> None:
    """Measure and print what one audit does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        print(f"{number:,} hosts with 60 samples each or more; seconds")
        print(f"{'':<34}{'CPU':>8}{'goal':>8}{'wall':>8}")
        for name, cpu, wall in audit(where or str(path), number):
            goal = f"{GOALS[name] * number / 10_000:8.2f}" if name in GOALS else " " * 8
            print(f"{name:<34}{cpu:8.2f}{goal}{wall:8.2f}", flush=True)
        print(f"{'memory, MiB':<34}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f}")
        if path.exists():
            print(f"{'file, MiB':<34}{path.stat().st_size / MIB:8.0f}\n")


def show_year(where: str | None, number: int, days: int, owners: bool) -> None:
    """Measure and print how large a year is."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        begun = time.process_time()
        size, sizes = year(where or str(path), number, days, owners)
        cpu = time.process_time() - begun
        what = "with 90 days of owners" if owners else "without owners"
        print(
            f"{days} daily audits of {number:,} hosts, {what}: {size / number / 1000:.2f} kB a host; {cpu:.0f} s of CPU"
        )
        for name, part in sizes.items():
            if part > size / 200:
                print(f"    {name:<32}{part / number:8.0f} bytes a host")
        year_gb = size / number * FLEET / 1e9
        print(f"    {FLEET:,} hosts (extrapolated): {year_gb:.2f} GB, goal {GOAL_GB[owners]} in SQLite\n", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, nargs="*", default=[10_000])
    parser.add_argument("--year", type=int, default=3_840)
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--owners", choices=("without", "with"), help="only a year of this kind")
    parser.add_argument("--where")
    given = parser.parse_args()
    address = ["--where", given.where] if given.where else []
    if len(given.hosts) > 1 or (given.hosts and given.year):
        for hosts in given.hosts:
            subprocess.run([sys.executable, __file__, *address, "--year", "0", "--hosts", str(hosts)], check=True)
    elif given.hosts:
        show_audit(given.where, given.hosts[0])
    if given.year:
        for owners in (False, True):
            if given.owners in (None, "with" if owners else "without"):
                show_year(given.where, given.year, given.days, owners)


if __name__ == "__main__":
    main()
