# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host that is audited without root, or by a root that has lost its capabilities, gives: the same account.

These tests are made by root, since only root can become somebody else.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.tests.privileges.children import (
    be_nobody_who_sees_only_own_processes,
    drop_capabilities,
    drop_tracing,
    effective_capabilities,
    enter_process_namespace,
    full_reading,
    reading_after,
)
from ansible_collections.fleetaudit.kernel_memory.tests.shell.asking import ask
from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import NOBODY, be_nobody, result_after

MIB = 1 << 20
PAIRS = 50
WAYS: dict[str, Callable[[], None]] = {"plain user": be_nobody, "root without capabilities": drop_capabilities}
# Before 5.8, hidepid of a new mount changed every other /proc of the machine.
if tuple(int(part) for part in os.uname().release.split(".")[:2]) >= (5, 8):
    WAYS["plain user under hidepid=2"] = be_nobody_who_sees_only_own_processes
# What may be missing, by who reads; process 2 is one more witness of what the name of the namespace tells by itself.
LOST = {"plain user under hidepid=2": {"proc/2/comm"}}
ONLY_FOR_ROOT = {"slab_caches", "vmalloc_callers", "descriptors", "kernel_keys"}
LOST_PARTS = {
    "plain user": ONLY_FOR_ROOT,
    "plain user under hidepid=2": ONLY_FOR_ROOT
    | {"page_table_processes", "thread_processes", "pinning_processes", "commands", "process_cgroups"},
    # Only the capability to trace others shows what a process with capabilities has open.
    "root without capabilities": {"descriptors"},
}


def both(way: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The readings of root and, at once after it, of *way*."""
    return read(), reading_after(WAYS[way])


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_the_account_is_lost(way: str) -> None:
    """Every file that root reads is read, or its loss is known and has no part in the account."""
    root, other = both(way)
    assert set(root["files"]) - set(other["files"]) == LOST.get(way, set()) & set(root["files"])
    assert other["errors"] == root["errors"]
    assert set(other["sums"]) == set(root["sums"])
    assert (other["found"], other["links"]) == (root["found"], root["links"])


def apart(root: dict[str, Any], other: dict[str, Any]) -> dict[str, int]:
    """By how much the dimensions of two accounts differ that differ by much."""
    found = {}
    for name, size in root["dimensions"].items():
        # The remainder moves more, as pages go through lists that are not read in one instant.
        band = 32 * MIB if name == "unaccounted_bytes" else max(6 * MIB, size / 20)
        if abs(other["dimensions"][name] - size) > band:
            found[name] = other["dimensions"][name] - size
    return found


@pytest.mark.parametrize("way", WAYS)
def test_the_account_is_roots(way: str) -> None:
    """Each dimension is there, and what root sees. What other programs do between the two readings is not there each
    time; a difference of the account is.
    """
    differences = []
    for _pair in range(PAIRS):
        root, other = (build_facts(reading) for reading in both(way))
        assert None not in root["dimensions"].values() and None not in other["dimensions"].values()
        differences.append(apart(root, other))
        if not differences[-1]:
            break
    assert not differences[-1], differences
    assert other["unavailable"] == root["unavailable"]
    assert other["accounting"]["bound"] == root["accounting"]["bound"]
    assert other["platform"] == root["platform"]
    moving = ("uptime_seconds", "booted_at", "memory_available_bytes", "threads", "cgroups")
    assert {k: v for k, v in other["host"].items() if k not in moving} == {
        k: v for k, v in root["host"].items() if k not in moving
    }


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_attributed_is_said(way: str) -> None:
    """Whose the memory is needs root in part: what is lost says so with a reason, the rest is there."""
    # Root's comes first, so that all modules are imported when the child has no access to the checkout any more.
    # There is a process of somebody else, whose descriptors root needs a capability to list.
    somebody = subprocess.Popen(["sleep", "600"], user=NOBODY, group=NOBODY, extra_groups=[])
    try:
        root = full_reading()
        other = build_facts(result_after(WAYS[way], full_reading))["attribution"]
    finally:
        somebody.kill()
        somebody.wait()
    missing = {name for name, part in build_facts(root)["attribution"].items() if not part["complete"]}
    lost = {name: part["reason"] for name, part in other.items() if not part["complete"] and name not in missing}
    # Whoever runs this may be a root who is refused some descriptors too, as in many containers.
    assert set(lost) == LOST_PARTS[way] - missing
    assert all("root" in reason or "become" in reason for reason in lost.values()), lost


def descriptors_by_shell() -> dict[str, Any]:
    """The same by the collector for hosts without Python."""
    return ask("dash", "")


@pytest.mark.parametrize("gather", [full_reading, descriptors_by_shell])
def test_descriptors_that_may_be_listed_and_not_read_are_no_empty_ones(gather: Callable[[], dict[str, Any]]) -> None:
    """A pipe of somebody else would be missing from a list that calls itself complete."""
    gather()
    somebody = subprocess.Popen(["sleep", "600"], user=NOBODY, group=NOBODY, extra_groups=[], stdin=subprocess.PIPE)
    try:
        part = build_facts(result_after(drop_tracing, gather))["attribution"]["descriptors"]
    finally:
        somebody.kill()
        somebody.communicate()
    assert not part["complete"] and "CAP_SYS_PTRACE" in part["reason"]
    assert part["seen"] > 0 and "sleep" not in {row["command"] for row in part["rows"]}


def test_root_without_capabilities_has_none() -> None:
    """The preparation works: else the tests above would compare root with root."""
    assert effective_capabilities() != 0
    assert result_after(drop_capabilities, effective_capabilities) == 0
    assert reading_after(drop_capabilities)["uid"] == 0
    assert reading_after(be_nobody)["uid"] != 0


def test_a_root_without_its_own_users_is_a_container_too() -> None:
    """Containers of root, as docker makes them by default, have no user namespace."""
    platform = build_facts(reading_after(lambda: enter_process_namespace(own_users=False, own_proc=True)))["platform"]
    assert (platform["kind"], platform["auditable"]) == ("container", False)
