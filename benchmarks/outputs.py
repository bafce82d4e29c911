# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each output of a large audit costs: CPU seconds, memory beyond the audit itself, size. Each is measured in a
process of its own.

Usage: .venv/newest/bin/python benchmarks/outputs.py [--hosts 10000] [--output hosts.csv ...]
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import Audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.build import build_audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import write
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.screens import shown

MIB = 1024**2
# Of 10,000 hosts; the page has a goal of its own (docs/outputs.md).
GOAL_CPU_SECONDS, GOAL_EXTRA_MIB = 3.0, 20
NAMES = [name for name in write.RENDERERS if name != "report.html"]


def audit_of(hosts: int) -> Audit:
    """Return the audit of a synthetic fleet, as large as a real one: healthy hosts have no attribution to speak of."""
    run, records = synthetic.fleet(hosts)
    return build_audit(run, records, policy_of(None))


def measured(audit: Audit, name: str, folder: str) -> tuple[float, float, float]:
    """Return CPU seconds, additional peak MiB and MiB of an output, made by a child that shares the audit's memory."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            Path("/proc/self/clear_refs").write_text("5")  # Sets the peak to what is there now.
            before, started = _status("VmRSS"), time.process_time()
            if name == "terminal":
                shown(audit, {})
                size = 0
            else:
                size = os.path.getsize(write.write_outputs(audit, folder, [name]).paths[name])
            spent = time.process_time() - started
            os.write(writing, f"{spent} {(_status('VmHWM') - before) / 1024} {size / MIB}".encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    if not text:
        sys.exit(f"{name} failed")
    spent, extra, size = map(float, text.split())
    return spent, extra, size


def _status(field: str) -> int:
    return next(
        int(line.split()[1])
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith(f"{field}:")
    )


def main() -> int:
    """Measure and compare with the goals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, default=10000)
    parser.add_argument("--output", action="append", choices=[*write.RENDERERS, "terminal"])
    given = parser.parse_args()
    audit = audit_of(given.hosts)
    print(
        f"{given.hosts:,} hosts; this process with the audit: "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB at most"
    )
    print(f"{'output':<14} {'CPU s':>7} {'extra MiB':>10} {'size MiB':>9}")
    missed, scale = [], given.hosts / 10000
    with tempfile.TemporaryDirectory() as folder:
        for name in given.output or [*NAMES, "terminal"]:
            spent, extra, size = measured(audit, name, folder)
            print(f"{name:<14} {spent:>7.2f} {extra:>10.1f} {size:>9.1f}")
            # Memory must not grow with the fleet, since outputs are written piece by piece.
            if name != "report.html" and (spent > GOAL_CPU_SECONDS * max(scale, 1) or extra > GOAL_EXTRA_MIB):
                missed.append(name)
    if missed:
        print(
            f"Missed: {', '.join(missed)} (goal: {GOAL_CPU_SECONDS} s for 10,000 hosts and {GOAL_EXTRA_MIB} MiB for "
            "any number)"
        )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
