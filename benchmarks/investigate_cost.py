# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an investigation costs a host: how much slower programs run while they are traced, the CPU and memory of the
reader, and the bytes that travel.

The slowdown is CPU time of pieces of the same work, inside of a trace to before it, in one run: the worst case is a
program that does nothing but what is traced, the usual one a compiler. The trace is the product's own, with its
filters, its stacks and its thinning. Needs root and a tracefs, which it mounts for itself where there is none.

Usage: .venv/newest/bin/python benchmarks/investigate_cost.py [--rounds 7] [--only fork]
"""

from __future__ import annotations

import argparse
import os
import resource
import secrets
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / ".cache" / "collections"))

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate import instance
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.program import program
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.trace_plan import (
    CACHE_ALLOC,
    CACHE_FREE,
    COUNTED_AS_PAGES,
    OBJECTS,
    PAGES,
    Plan,
    Step,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.wanted import Wanted
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.lean import (
    command_for_input,
    read_answer,
)

GOAL_WORST, GOAL_USUAL = 2.0, 1.1
PROBE_KIB = 1100
WORK = """
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv) {
    int ends[2];
    char text[512];
    memset(text, 1, sizeof text);
    socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
    for (long left = atol(argv[2]); left > 0; left--) {
        if (argv[1][0] == 's') { send(ends[0], text, sizeof text, 0); recv(ends[1], text, sizeof text, 0); }
        if (argv[1][0] == 'o') close(open("/dev/null", O_RDONLY));
        if (argv[1][0] == 'm') {
            char *area = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            for (long place = 0; place < 1 << 20; place += 4096) area[place] = 1;
            munmap(area, 1 << 20);
        }
        if (argv[1][0] == 'f') { pid_t child = fork(); if (child == 0) _exit(0); waitpid(child, 0, 0); }
    }
    return 0;
}
"""
AMOUNTS = {"socket pair": ("s", 60000), "open, close": ("o", 150000), "map, touch": ("m", 300), "fork": ("f", 600)}
FREED: dict[str, str | int] = {"bytes": 0}
SIZE: dict[str, str | int] = {"field": "bytes_alloc", "times": 1}
PLANS = {
    "objects of one size": Plan(
        "slab_unreclaimable",
        (
            Step("kmem/kmalloc", "alloc", "ptr", ("(bytes_alloc == 1024)",), SIZE, True, OBJECTS),
            Step("kmem/kfree", "free", "ptr", ("",), FREED, False, OBJECTS),
        ),
        r"^_*(new_slab|allocate_slab)",
    ),
    "a cache (open files)": Plan(
        "slab_unreclaimable",
        (
            Step(CACHE_ALLOC, "alloc", "ptr", ('(name == "filp")', ""), SIZE, True, OBJECTS),
            Step(CACHE_FREE, "free", "ptr", ('(name == "filp")', ""), FREED, False, OBJECTS),
        ),
        r"^_*(new_slab|allocate_slab)",
    ),
    "pages": Plan(
        "unaccounted",
        (
            Step("kmem/mm_page_alloc", "alloc", "pfn", ("!(gfp_flags & 8)",), {"order": "order"}, True, PAGES),
            Step("kmem/mm_page_free", "free", "pfn", ("",), FREED, False, PAGES),
        ),
        COUNTED_AS_PAGES,
    ),
}
CASES = (
    ("socket pair", "objects of one size"),
    ("open, close", "a cache (open files)"),
    ("map, touch", "pages"),
    ("fork", "pages"),
    ("compile", "objects of one size"),
    ("compile", "a cache (open files)"),
    ("compile", "pages"),
)
SETTINGS = Settings(trace=True, trace_seconds=5.0, trace_load=1000)


@contextmanager
def tracefs() -> Iterator[Path]:
    """A mounted tracefs."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        if line.split()[2] == "tracefs":
            yield Path(line.split()[1])
            return
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["mount", "-t", "tracefs", "nodev", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def ask(request: dict[str, object]) -> subprocess.Popen[str]:
    """Start one request to this machine; its answer comes on standard output."""
    process = subprocess.Popen(
        ["sh", "-c", command_for_input((sys.executable,), MARK)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(program(MARK, request))
    process.stdin.close()
    return process


MARK = secrets.token_hex(8)


def answered(process: subprocess.Popen[str]) -> tuple[dict[str, Any], int]:
    """The answer, and how many bytes it has."""
    assert process.stdout is not None
    text = process.stdout.read()
    process.wait()
    answer = read_answer(MARK, text, "", 0, ("python",)).reading
    assert answer is not None, text[-300:]
    return answer, len(text)


def work(name: str, folder: Path) -> float:
    """Do a fixed amount of work, a quarter of a second or so, and return its CPU time."""
    command = ["cc", "-O2", "-c", "-o", os.devnull, str(folder / "large.c")]
    if name != "compile":
        kind, amount = AMOUNTS[name]
        command = [str(folder / "work"), kind, str(amount)]
    _pid, _status, used = os.wait4(os.spawnvp(os.P_NOWAIT, command[0], command), 0)
    return used.ru_utime + used.ru_stime


class Watcher:
    """Notes when an instance of ours records: the time of the trace itself, without the short probe before it."""

    def __init__(self, root: Path) -> None:
        self.root, self.begun, self.ended = root, 0.0, 0.0
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end and not self.ended:
            on, now = self._records(), time.monotonic()
            if on and not self.begun:
                self.begun = now
            elif self.begun and not on:
                self.ended = now
            time.sleep(0.01)

    def _records(self) -> bool:
        for path in (self.root / "instances").glob(instance.NAME + "*"):
            with suppress(OSError, IndexError, ValueError):
                # The probe has a smaller buffer than the trace.
                large = int((path / "buffer_size_kb").read_text().split()[0]) > PROBE_KIB
                enabled = (path / "events" / "enable").read_text().strip() != "0"
                if large and enabled and (path / "tracing_on").read_text().strip() == "1":
                    return True
        return False


def work_on(name: str, folder: Path, pieces: list[tuple[float, float, float]], stop: threading.Event) -> None:
    """Do one piece of work after the other, and note when it was and its CPU time."""
    while not stop.is_set():
        begun = time.monotonic()
        cpu = work(name, folder)
        pieces.append((begun, time.monotonic(), cpu))


def slowdown(name: str, plan: Plan, rounds: int, root: Path, folder: Path) -> tuple[list[float], dict[str, Any]]:
    """CPU time of pieces of work, traced to not traced, a ratio a round; and the last answer of the tracing reader.

    The work goes on all the time, also while the reader finds out how many events there are.
    """
    ratios, told = [], {}
    for _round in range(rounds):
        pieces: list[tuple[float, float, float]] = []
        stop = threading.Event()

        thread = threading.Thread(target=work_on, args=(name, folder, pieces, stop))
        thread.start()
        try:
            time.sleep(3.0)
            watcher, asked_at = Watcher(root), time.monotonic()
            answer = answered(ask(SETTINGS.trace_request([plan])))[0]
        finally:
            stop.set()
            thread.join()
        if answer["refused"]:
            raise SystemExit(f"investigate_cost: the trace was refused: {answer['refused']}")
        told = answer["traces"][0]
        watcher.thread.join()
        inside = [cpu for begun, ended, cpu in pieces if watcher.begun <= begun and ended <= watcher.ended]
        before = [cpu for _begun, ended, cpu in pieces[1:] if ended <= asked_at]
        if inside and before:
            ratios.append(statistics.median(inside) / statistics.median(before))
    return sorted(ratios), told


def reader_cost() -> None:
    """Print CPU, memory and bytes of the three questions."""
    wanted = Wanted(("kmalloc-1k",), (os.getpid(),), (os.getpid(),), ())
    requests = {
        "five readings": SETTINGS.watch_request() | {"seconds": 1.0},
        "a look": SETTINGS.look_request(wanted),
        "a trace of 4 s": Settings(trace_load=1000).trace_request([PLANS["pages"]]),
    }
    for name, request in requests.items():
        sent = len(program(MARK, request))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        _answer, received = answered(ask(request))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"  {name:<16} {cpu:6.2f} s CPU, {sent:,} bytes sent, {received:,} bytes answered")
    print(f"  most memory of a reader: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MiB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", choices=sorted({case[0] for case in CASES}), help="measure this program alone")
    options = parser.parse_args()
    rounds = options.rounds
    if os.geteuid() != 0:
        print("investigate_cost: left out, it needs root")
        return
    with tracefs() as root, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print("The reader:")
        reader_cost()
        (folder / "work.c").write_text(WORK)
        subprocess.run(["cc", "-O1", "-o", str(folder / "work"), str(folder / "work.c")], check=True)
        body = "int f{n}(int a) {{ int b = a; while (b % {m}) b = b * {n} + a; return b; }}\n"
        (folder / "large.c").write_text("".join(body.format(n=n, m=n + 2) for n in range(30)))
        print(f"CPU time, traced to not traced, median of {rounds} rounds [lowest, highest]:")
        for program_name, plan in (case for case in CASES if options.only in (None, case[0])):
            ratios, told = slowdown(program_name, PLANS[plan], rounds, root, folder)
            if not ratios:
                print(f"  {program_name:<12} {plan:<22} the trace ended before a piece of work did")
                continue
            middle = statistics.median(ratios)
            goal = GOAL_USUAL if program_name == "compile" else GOAL_WORST
            print(
                f"  {program_name:<12} {plan:<22} {middle:5.2f} [{ratios[0]:.2f} {ratios[-1]:.2f}]  1 address in "
                f"{told['kept']} kept, {told['entries']:,} entries, {told['lost']:,} lost, {told['seconds']:.1f} s"
                f"{'' if middle <= goal else f'  ABOVE THE GOAL of {goal}'}",
                flush=True,
            )


if __name__ == "__main__":
    main()
