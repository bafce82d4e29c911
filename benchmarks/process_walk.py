# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the walk over the processes of a busy host costs: CPU a process, as a ratio to listing /proc, and whether its
deadline holds.

Starts idle processes on this machine (about 100 KiB of memory each) and ends them. They are forks of a tiny C program
where a compiler is there, else sleeps of a shell; both end when this program does.

Usage: .venv/newest/bin/python benchmarks/process_walk.py [--processes 10000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect import processes as _processes
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read

GOAL_MICROSECONDS, GOAL_RATIO = 25, 15
SLEEPERS_IN_C = """
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(int argc, char **argv) {
    pid_t parent = getpid();
    for (int left = atoi(argv[1]); left > 0; left--) {
        pid_t child = fork();
        if (child < 0) { perror("fork"); return 1; }
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != parent) _exit(0);
            for (;;) pause();
        }
    }
    puts("ready");
    fflush(stdout);
    getchar();
    return 0;
}
"""
SLEEPERS_IN_SH = 'n=$1; while [ "$n" -gt 0 ]; do sleep 3600 & n=$((n - 1)); done; echo ready; read -r _; kill -9 0'


def command_for(processes: int, folder: Path) -> list[str]:
    """The command that starts *processes* sleepers, says ready and waits for the end of its standard input."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return ["sh", "-c", SLEEPERS_IN_SH, "sh", str(processes)]
    source, program = folder / "sleepers.c", folder / "sleepers"
    source.write_text(SLEEPERS_IN_C)
    subprocess.run([compiler, "-O1", "-o", str(program), str(source)], check=True)
    return [str(program), str(processes)]


def wait_for_end(group: int) -> None:
    """Wait until no process of a group is left; the kernel takes a while to end thousands."""
    for _attempt in range(600):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    print(f"Processes of group {group} are still there", file=sys.stderr)


@contextmanager
def sleepers(processes: int) -> Iterator[None]:
    """So many idle processes, gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        command = command_for(processes, Path(name))
        # A session of its own, so that all of them can be ended by one call.
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as parent:
            try:
                assert parent.stdout is not None
                if parent.stdout.readline() != "ready\n":
                    sys.exit(f"{processes} processes can't be started here")
                time.sleep(1)
                yield
            finally:
                os.killpg(parent.pid, signal.SIGKILL)
                parent.wait()
                wait_for_end(parent.pid)


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of *work* in this process, the kernel's included."""
    before = time.process_time()
    work()
    return time.process_time() - before


def walk(seconds: float) -> tuple[dict[str, Any], str | None]:
    """The walk as the reader makes it, with so many seconds left."""
    part, cut = _processes.walk("/proc", True, time.monotonic() + seconds, time.monotonic)
    return part, cut


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with sleepers(given.processes):
        listings, walks = [], []
        for _round in range(given.rounds):
            listings.append(cpu_of(lambda: os.listdir("/proc")))
            walks.append(cpu_of(lambda: walk(60)))
        part, cut = walk(60)
        if cut is not None or part["seen"] < given.processes:
            sys.exit(f"the walk saw {part['seen']} processes only ({cut})")
        print(f"{part['seen']} processes, medians of {given.rounds} rounds; CPU, microseconds a process")
        listing, walking = (1e6 * statistics.median(seconds) / part["seen"] for seconds in (listings, walks))
        print(f"{'listing':>10}{'walk':>10}{'goal':>6}{'walk/listing':>14}{'goal':>6}")
        print(f"{listing:10.2f}{walking:10.1f}{GOAL_MICROSECONDS:6}{walking / listing:14.1f}{GOAL_RATIO:6}")
        deadline = given.processes * walking / 1e6 / 4
        begun = time.monotonic()
        reading = read(deadline_seconds=deadline, subsets={"processes": "always"}, load=load)
        took = time.monotonic() - begun
        seen, cut = reading["parts"].get("processes", {}).get("seen", 0), reading["part_cut"].get("processes")
        print(
            f"a reading with a deadline of {1000 * deadline:.0f} ms: {seen} processes in {1000 * took:.0f} ms, cut "
            f"by {cut}"
        )
        if "processes" not in {**reading["part_cut"], **reading["part_errors"]}:
            sys.exit("the deadline did not cut the walk")


if __name__ == "__main__":
    main()
