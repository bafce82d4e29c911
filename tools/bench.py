# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the benchmarks one after the other: all of them, or a short look at each that is worth one.

Usage: .venv/newest/bin/python tools/bench.py [--quick] [NAME ...]             (or: make bench, make bench QUICK=1)

Each prints ratios within its own run, since seconds are those of this machine. One that misses its goal does not keep
the others from running; the end says which did, and is 1 then. ``fanout_against_others`` is by hand: it needs an
environment with the other tools.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "benchmarks"
BY_HAND = ("fanout_against_others",)
WHOLE = {"slice_memory": ("1000", "4000")}
"""Arguments where there have to be some; all others say enough by themselves."""

QUICK = {
    "audit_against_ping": ("--hosts", "10", "--rounds", "1"),
    "gate_check": ("--hosts", "20", "--rounds", "1"),
    "report_step": ("--hosts", "200", "2000", "--only", "streamed"),
    "rules_speed": ("--hosts", "1000"),
    "outputs": ("--hosts", "1000"),
    "growth_on_restless_fleets": ("--hosts", "4", "--leaks", "4", "--only", "alarms"),
    "process_walk": ("--processes", "1000", "--rounds", "2"),
}
"""Those that tell something within a minute, with so much of each."""


def main() -> int:
    """Run what was asked for."""
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a short look, in about three minutes")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names))
    given = parser.parse_args()
    unknown = sorted({*given.names} - {*names})
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(names)}.")
    chosen = given.names or [name for name in (QUICK if given.quick else names) if name not in BY_HAND]
    missed, began = [], time.monotonic()
    for name in chosen:
        arguments = QUICK.get(name, ()) if given.quick else WHOLE.get(name, ())
        print(f"\n== benchmarks/{name}.py {' '.join(arguments)}", flush=True)
        command = [sys.executable, str(BENCHMARKS / f"{name}.py"), *arguments]
        if subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode:
            missed.append(name)
    print(
        f"\n{len(chosen)} benchmarks in {time.monotonic() - began:.0f} s; ended with a goal missed or an error: ",
        end="",
    )
    print(", ".join(missed) or "none")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
