# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A true leak, from the kernel's counters to the report: a process leaks threads while this machine is audited nine
times.

Audits a day apart can't be waited for. After each audit the stored samples are moved back by a day; nothing else of
them is touched. The counter is the whole machine's: an audit in whose moment other programs had many threads more or
less is made again.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible

DAYS = 9
THREADS_A_DAY = 800
CALM = THREADS_A_DAY // 8
"""So many threads more or less other programs may have, or it would be a growth of their own."""
STACK_BYTES = 16384
DAY = 86400

LEAK = """
import _thread, sys
open("/proc/self/comm", "w").write("leaky-daemon")
_thread.stack_size(65536)
gate = _thread.allocate_lock()
gate.acquire()
for _line in sys.stdin:
    for _number in range(int(sys.argv[1])):
        _thread.start_new_thread(gate.acquire, ())
    print("done", flush=True)
"""

# On a machine with 24 GiB a leak that a test can make is small: the amounts that count are set to a few MiB.
POLICY = {
    "environments": {
        "production": {
            # This machine may just have been started.
            "history": {"warm_up_hours": 0},
            "growth": {
                "kernel_stack": {
                    "watch": {"percent_of_ram": 0.01, "at_least": "8 MiB"},
                    "warning": {"percent_of_ram": 0.02, "at_least": "16 MiB"},
                    "critical": {"percent_of_ram": 10, "at_least": "2 GiB", "at_most": "4 GiB"},
                }
            },
        }
    }
}


@pytest.fixture
def leak() -> Iterator[Callable[[], None]]:
    """A process that starts further threads each time it is told to, and never ends one."""
    with subprocess.Popen(
        [sys.executable, "-I", "-c", LEAK, str(THREADS_A_DAY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        to, back = process.stdin, process.stdout
        assert to and back

        def go_on() -> None:
            to.write("\n")
            to.flush()
            assert back.readline() == "done\n"

        try:
            yield go_on
        finally:
            process.kill()


def a_day_passes(store: Path) -> None:
    """Move every stored sample back by a day."""
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE sample SET collected_at = collected_at - ?", (DAY,))
        connection.execute("UPDATE run SET started_at = started_at - ?", (DAY,))
    connection.close()
    history = open_store(str(store))
    history.upkeep.rebuild()
    history.close()


def threads_of_others(started: int) -> int:
    """How many threads all programs have now but for those that the leak has started."""
    return int(Path("/proc/loadavg").read_text().split()[3].partition("/")[2]) - started


def calm() -> int:
    """Wait until others begin and end few threads, and return how many they have."""
    while True:
        seen = []
        for _reading in range(10):
            seen.append(threads_of_others(0))
            time.sleep(0.2)
        if max(seen) - min(seen) < CALM:
            return seen[-1]


def undisturbed_audit(ansible: Ansible, day: int, others: int) -> dict[str, Any]:
    """The entry of this machine in an audit at whose moment *others* had about as many threads as at the beginning."""
    store, before = ansible.folder / "history.sqlite3", ansible.folder / "before"
    if day:
        shutil.copy(store, before)
    while True:
        host = audit_of_today(ansible, day)
        if abs(host["host"]["threads"] - day * THREADS_A_DAY - others) < CALM:
            return host
        shutil.copy(before, store) if day else store.unlink()
        shutil.rmtree(ansible.folder / f"report-{day}")


def audit_of_today(ansible: Ansible, number: int) -> dict[str, Any]:
    """The entry of this machine in one more audit."""
    settings = ansible.write(
        "settings.json",
        json.dumps(
            {
                "kernel_mem_audit_policy": POLICY,
                "kernel_mem_audit_report_dir": f"report-{number}",
                "kernel_mem_audit_history": "history.sqlite3",
                "kernel_mem_audit_gather_subset": ["all"],
            }
        ),
    )
    result = ansible.audit("-e", f"@{settings}", inventory="all: {hosts: {this: {ansible_connection: local}}}\n")
    assert result.exit_code == 0, result.output
    audit: dict[str, Any] = json.loads((ansible.folder / f"report-{number}" / "audit.json").read_text())
    host: dict[str, Any] = audit["hosts"][0]
    return host


def test_a_leak_of_threads_is_named_with_its_rate_and_its_owner(tmp_path: Path, leak: Callable[[], None]) -> None:
    """What the whole collection exists for: which kind of kernel memory, how fast, and whose."""
    ansible, others = Ansible(tmp_path), calm()
    for day in range(DAYS):
        host = undisturbed_audit(ansible, day, others)
        assert day < 7 or host["coverage"]["history"]["ready"] > 0, host["coverage"]
        leak()
        a_day_passes(tmp_path / "history.sqlite3")
    host = undisturbed_audit(ansible, DAYS, others)
    growth = [
        finding for finding in host["findings"] if (finding["dimension"], finding["kind"]) == ("kernel_stack", "growth")
    ]
    assert growth, (host["findings"], host["coverage"]["history"])
    (finding,) = growth
    assert finding["severity"] == "warning" and finding["status"] == "confirmed"
    assert finding["evidence"]["slope_bytes_per_day"] == pytest.approx(THREADS_A_DAY * STACK_BYTES, rel=0.2)
    assert "leaky-daemon" in finding["explanation"], finding["explanation"]
