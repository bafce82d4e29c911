# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the report step costs by the number of hosts: CPU seconds and memory of each way of making it, in one run.

Usage: .venv/newest/bin/python benchmarks/report_step.py [--hosts 2000 ...] [--samples 60] [--only streamed]

The step is what the report does with a spool and a history: read, judge, write all outputs, append. It is measured
without Ansible, in a process of its own for each way:

  whole     all hosts in memory at once (``build_audit``, the reference of the tests)
  streamed  one pass over the hosts (what the report does)
  choosing  not the report: choosing the hosts that are read a second time before it

Goals are ratios within one run: streamed may need at most a third of the memory of whole for 10,000 hosts, and for ten
times as many hosts at most eleven times the CPU.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.build import RunInfo, build_audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.closer_look import MOST_HOSTS, closer_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.stream import Streamed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.unnamed_file import Scrap
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.location import location_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.of_a_run import (
    keep,
    open_past,
    reported,
    run_record,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import Retention, RunRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample, sample_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import seconds_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.write import RENDERERS, write_outputs
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run import spool as spools
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.screens import shown

WAYS = ("whole", "streamed")
CHOOSING = "choosing"
DAY = 86400
MOST_MEMORY, MOST_GROWTH = 0.33, 11.0
OWN = ("slab_reclaimable_bytes", "page_tables_bytes", "unaccounted_bytes")


def prepared(hosts: int, samples: int, folder: Path) -> RunInfo:
    """Write a spool of *hosts* and a history of *samples* days of them to *folder*, and return the run."""
    run, records = synthetic.fleet(hosts)
    now = seconds_of(run.generated_at)
    with_facts = {name: record for name, record in records.items() if record["facts"]}
    file, begun = spools.SpoolFile(str(folder / "spool.jsonl")), time.process_time()
    for record in records.values():
        record["facts"] = record["facts"] and long_up(record["facts"])
        line = spools.record(
            **{name: record[name] for name in ("run_id", "host", "written_at", "outcome", "message", "groups")},
            environment=record["environment"],
            facts=record["facts"],
        )
        file.append(line)
    spent = 1000 * (time.process_time() - begun) / max(1, len(records))
    print(f"{hosts:>7,} written to the spool where the answers arrive: {spent:.2f} ms of CPU each")
    base = [sample_of(name, checked_facts(record["facts"]), now) for name, record in with_facts.items()]
    store = open_store(location_of(str(folder / "history.sqlite3")), create=True)
    for day in range(samples, 0, -1):
        moment = now - day * DAY
        store.append(RunRecord(f"before-{day}", moment, "0"), [earlier(one, moment) for one in base], {})
    # An ordinary day packs what that day brings, not two months at once.
    store.upkeep.prune(Retention(), now - DAY, thorough=True)
    store.close()
    return run


def long_up(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts of a host that is up for 90 days, so that its history is one."""
    facts["host"]["uptime_seconds"] = 90 * DAY
    return facts


def earlier(sample: Sample, moment: int) -> Sample:
    """The sample of the same host some days before; amounts move a little."""
    fields = {name: getattr(sample, name) for name in sample.__dataclass_fields__}
    change = 1 + (hash((sample.host, moment)) % 41 - 20) / 1000
    amounts = {name: amount and int(amount * change) for name, amount in sample.amounts.items()}
    uptime = max(0, 90 * DAY - (sample.collected_at - moment))
    return Sample(**{**fields, "collected_at": moment, "amounts": amounts, "uptime_seconds": uptime})


def step(way: str, run: RunInfo, folder: Path) -> None:
    """Make the report and append to the history."""
    past = open_past(str(folder / "history.sqlite3"), run.run_id, run.targets)
    policy, out = policy_of(None), str(folder / way)
    gc.disable()
    scrap = Scrap(str(folder))
    spool = spools.read([str(folder / "spool.jsonl")], run.run_id, in_short=way != "whole")
    if way == CHOOSING:
        closer_look(run, spool.records, policy, past, {}, MOST_HOSTS)
        past.close()
        return
    if way == "streamed":
        making = Streamed(run, spool.records, policy, scrap, past=past)
        audit = making.audit()
        samples = making.samples
    else:
        samples = []
        audit = build_audit(run, spool.records, policy, past=past, samples=samples)
    written = write_outputs(audit, out, list(RENDERERS))
    if written.problems:
        raise SystemExit(" ".join(written.problems))
    keep(past, run_record(run.run_id, run.started_at), samples, audit.hosts.entries, seconds_of(run.generated_at))
    reported(past, run.run_id)
    shown(audit, written.paths)
    past.close()
    scrap.close()


def measured(way: str, run: RunInfo, folder: Path) -> Mapping[str, float]:
    """Return the CPU seconds and the MiB above the start of a way, in a new process: one that was forked would have the
    memory that this one has let go of.
    """
    copy = folder / f"{way}-in"
    copy.mkdir()
    (copy / "history.sqlite3").write_bytes((folder / "history.sqlite3").read_bytes())
    os.link(folder / "spool.jsonl", copy / "spool.jsonl")
    (copy / "run.json").write_text(json.dumps(asdict(run)))
    command = [sys.executable, __file__, "--step", way, str(copy)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        sys.exit(f"{way} failed: {said.stderr[-500:]}")
    found: Mapping[str, float] = json.loads(said.stdout)
    return found


def step_alone(way: str, folder: Path) -> int:
    """Make one report here, and print what it cost."""
    told = json.loads((folder / "run.json").read_text())
    run = RunInfo(**{**told, "targets": tuple(told["targets"])})
    before, started = status("VmRSS"), time.process_time()
    step(way, run, folder)
    print(json.dumps({"cpu": time.process_time() - started, "mib": (status("VmHWM") - before) / 1024}))
    return 0


def status(field: str) -> int:
    """Return a line of this process's status in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def main() -> int:
    """Measure and compare with the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, nargs="+", default=[300, 3000])
    parser.add_argument("--samples", type=int, default=60)
    parser.add_argument("--only", choices=(*WAYS, CHOOSING))
    parser.add_argument("--step", nargs=2, metavar=("WAY", "FOLDER"), help="as this program calls itself")
    given = parser.parse_args()
    if given.step:
        return step_alone(given.step[0], Path(given.step[1]))
    found: dict[tuple[int, str], Mapping[str, float]] = {}
    print(f"{'hosts':>7} {'way':<9} {'CPU s':>7} {'MiB':>7}")
    for hosts in given.hosts:
        with tempfile.TemporaryDirectory() as name:
            run = prepared(hosts, given.samples, Path(name))
            gc.collect()
            for way in (*WAYS, CHOOSING) if given.only is None else (given.only,):
                found[hosts, way] = measured(way, run, Path(name))
                print(
                    f"{hosts:>7,} {way:<9} {found[hosts, way]['cpu']:>7.2f} {found[hosts, way]['mib']:>7.0f}",
                    flush=True,
                )
            if given.only is None:
                same = [one for one in RENDERERS if not equal(Path(name), one)]
                print(f"{hosts:>7,} not the same: {', '.join(same) or 'none of ' + str(len(RENDERERS)) + ' outputs'}")
    return judged(found, sorted(given.hosts))


def equal(folder: Path, output: str) -> bool:
    """Whether both ways wrote the same bytes, but for the name of the copy of the history that each had."""
    first, second = ((folder / f"{way}-in" / way / output).read_text().replace(f"{way}-in", "copy") for way in WAYS)
    return first == second


def judged(found: Mapping[tuple[int, str], Mapping[str, float]], hosts: list[int]) -> int:
    """Print the ratios, and return 1 where a goal is missed."""
    missed = False
    largest, smallest = hosts[-1], hosts[0]
    if (largest, "whole") in found and (largest, "streamed") in found:
        cpu, mib = (found[largest, "streamed"][one] / found[largest, "whole"][one] for one in ("cpu", "mib"))
        print(f"streamed / whole at {largest:,} hosts: CPU {cpu:.2f}, memory {mib:.2f}")
        missed = largest >= 10_000 and mib > MOST_MEMORY
    if largest == 10 * smallest and (largest, "streamed") in found:
        growth = found[largest, "streamed"]["cpu"] / found[smallest, "streamed"]["cpu"]
        print(f"{largest:,} / {smallest:,} hosts, streamed: CPU {growth:.1f} times")
        missed = missed or (smallest >= 10_000 and growth > MOST_GROWTH)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
