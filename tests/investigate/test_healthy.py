# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a host where nothing leaks nobody is named, however busy it is.

Other programs run on this machine, and one of them may really grow for some seconds. Where somebody is named, the
test's own readings, made by other means at the same time, must show that growth; what they do not show is invented.
"""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.answer import Answer
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import ask_all
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import answer_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.tests.investigate.asking_here import ask_here
from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT

WINDOWS, SECONDS = 4, 4.0 if IS_NIGHT else 2.0
TIMES = 20 if IS_NIGHT else 1
# A dimension by its line in meminfo; what no counter names has none, so a dimension that is not here is not excused.
LINES = {
    "slab_unreclaimable": "SUnreclaim",
    "slab_reclaimable": "SReclaimable",
    "kernel_stack": "KernelStack",
    "page_tables": "PageTables",
    "vmalloc": "VmallocUsed",
    "percpu": "Percpu",
}


@dataclass
class Sampler:
    """Reads this machine by itself, twice a second, until it is told to stop."""

    readings: list[dict[str, float]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Sampler:
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stopping.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.stopping.is_set():
            self.readings.append(reading())
            time.sleep(0.5)

    def grew(self, name: str) -> bool:
        """Whether a value was higher at each of three quarters of the time than at the one before."""
        values = [one.get(name, 0.0) for one in self.readings]
        places = [round(part * (len(values) - 1) / 3) for part in range(4)]
        return all(values[after] > values[before] for before, after in zip(places, places[1:], strict=False))


def reading() -> dict[str, float]:
    """Counters of meminfo, and of each process its threads, page tables and descriptors."""
    found = {f"meminfo {name}": float(size) for name, size in re.findall(r"(\w+):\s+(\d+) kB", _text("/proc/meminfo"))}
    for name in os.listdir("/proc"):
        if name.isdigit():
            status = _text(f"/proc/{name}/status")
            for line, key in (("Threads", "threads"), ("VmPTE", "page_tables")):
                told = re.search(rf"^{line}:\s+(\d+)", status, re.M)
                found[f"{key} {name}"] = float(told.group(1)) if told else 0.0
            with suppress(OSError):
                found[f"descriptors {name}"] = float(os.stat(f"/proc/{name}/fd").st_size)
    return found


def _text(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def invented(found: Answer, seen: Sampler) -> list[str]:
    """The names of high or medium confidence that the test's own readings do not bear out."""
    wrong = []
    for culprit in found.culprits:
        if culprit.confidence not in ("high", "medium"):
            continue
        pid = culprit.process.pid if culprit.process else None
        own = [f"{key} {pid}" for key in ("threads", "page_tables", "descriptors")] if pid else []
        own += [f"meminfo {LINES[culprit.dimension]}"] if culprit.dimension in LINES else []
        if not any(seen.grew(name) for name in own):
            wrong.append(str(culprit))
    return wrong


def test_nobody_is_invented(figures: list[str]) -> None:
    """A name that is wrong sends somebody after an innocent process at three in the morning."""
    nothing, loads = 0, []
    for _time in range(TIMES):
        with Sampler() as seen:
            found = ask_all(ask_here, Settings(windows=WINDOWS, window_seconds=SECONDS, busy=True)).answer
        assert not invented(found, seen), answer_text(found)
        nothing += not found.culprits
        loads.append(os.getloadavg()[0])
        print(answer_text(found))
    figures.append(
        f"nobody invented in {TIMES} of {TIMES} investigations of a host that nobody makes leak, nobody named in "
        f"{nothing}; load {min(loads):.1f} to {max(loads):.1f} on {os.cpu_count()} CPUs"
    )
