# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real faults on the running kernel, named by an ordinary audit of this machine: one that has just been taken, without
a history. The limits are set so that what a test can take is much.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.growth.measuring import account
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import COLLECTIONS

LEAKING = "ansible_collections.fleetaudit.kernel_memory.tests.investigate.leaking"
MIB = 1 << 20


@dataclass(frozen=True)
class Fault:
    """What is taken and how fast, which dimension it moves and by how much at least, and what an audit says of it."""

    dimension: str
    mib_a_second: int
    least_mib: int
    pattern: str
    words: str


FAULTS = {
    # What no counter names is known give or take a hundred MiB.
    "packet_rings": Fault("unaccounted", 60, 300, "memory_of_processes", "packet sockets"),
    "full_pipes": Fault("unaccounted", 200, 300, "memory_of_processes", "pipes, most with leaker"),
    "perf_buffers": Fault("unaccounted", 60, 300, "memory_of_processes", "leaker"),
    "page_tables_of_many": Fault("page_tables", 100, 60, "many_processes", "processes of leaker have"),
    "messages": Fault("slab_unreclaimable", 100, 100, "sysv_messages", "queues of System V"),
    "threads": Fault("kernel_stack", 50, 20, "thread_leak", "leaker"),
}


@contextmanager
def leaking(kind: str, mib_a_second: int, is_enough: Callable[[], bool]) -> Iterator[None]:
    """Take memory of a kind until it is enough; all of it is given back."""
    command = [sys.executable, "-S", "-m", LEAKING, kind, str(mib_a_second * MIB)]
    surroundings = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    with subprocess.Popen(command, env=surroundings, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            while not is_enough():
                assert process.poll() is None, "it ended before it had taken enough"
            yield
        finally:
            # At its own pace: queues of messages outlive a process that is killed.
            process.communicate(b"end")


def audited(folder: Path, **limits: Any) -> list[dict[str, Any]]:
    """What an audit with these limits finds on this machine now."""
    ansible = Ansible(folder)
    settings = {
        "kernel_mem_audit_policy": {"environments": {"production": {"limits": limits}}},
        "kernel_mem_audit_report_dir": "report",
        "kernel_mem_audit_history": "none",
    }
    given = ansible.write("settings.json", json.dumps(settings))
    result = ansible.audit("-e", f"@{given}", inventory="all: {hosts: {this: {ansible_connection: local}}}\n")
    assert result.exit_code == 0, result.output
    audit: dict[str, Any] = json.loads((folder / "report" / "audit.json").read_text())
    found: list[dict[str, Any]] = audit["hosts"][0]["findings"]
    return found


@pytest.mark.limit(120)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_of_this_kernel_is_named(tmp_path: Path, kind: str) -> None:
    """By the cause that docs/patterns.md gives it, and whose it is where the kernel tells."""
    fault = FAULTS[kind]
    before = account()[f"{fault.dimension}_bytes"]
    size = f"{before // MIB + fault.least_mib // 2:.0f} MiB"

    def is_enough() -> bool:
        return account()[f"{fault.dimension}_bytes"] - before >= fault.least_mib * MIB

    with leaking(kind, fault.mib_a_second, is_enough):
        found = audited(
            tmp_path, **{fault.dimension: {"warning": {"percent_of_ram": 1, "at_least": size, "at_most": size}}}
        )
    said = [one for one in found if (one["dimension"], one["kind"]) == (fault.dimension, "limit")]
    assert [one["pattern"] for one in said] == [fault.pattern], found
    assert fault.words in said[0]["explanation"], said[0]["explanation"]


@pytest.mark.limit(120)
def test_keys_near_their_limit_are_named(tmp_path: Path) -> None:
    """Root may have 25 MB of them, little beside the slab of a machine; then nobody gets a key any more."""

    def is_enough() -> bool:
        root = Path("/proc/key-users").read_text().split("\n")[0]
        held, allowed = map(int, root.split()[-1].split("/"))
        return held * 100 > 85 * allowed

    with leaking("keys", 2, is_enough):
        found = audited(tmp_path)
    [said] = [one["explanation"] for one in found if one["dimension"] == "object_limits"]
    assert "Memory of the keys of one user is" in said
