# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a host can be traced, by what it says itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.investigate.tracefs import (
    EVENTS,
    form,
    mounted,
    possible,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.investigate.trees import Tree
from ansible_collections.fleetaudit.kernel_memory.tests.unit.trace_formats import PRINTED, fields, form_file


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A small host."""
    return Tree(tmp_path)


@pytest.mark.parametrize("kernel", PRINTED)
def test_the_form_of_an_event_is_read_from_its_file(kernel: str, tree: Tree) -> None:
    """Its fields for filters, its text for lines."""
    for event, printed in PRINTED[kernel].items():
        tree.write(f"trace/events/{event}/format", form_file(event, printed))
    told = {event: form(tree.host(), str(tree.folder / "trace"), event) for event in EVENTS}
    assert {event: one["printed"] for event, one in told.items() if one} == PRINTED[kernel]
    assert all(set(fields(one["printed"])) <= set(one["fields"]) for one in told.values() if one)


def test_tracefs_is_found_where_it_is_mounted(tree: Tree) -> None:
    """Nothing is looked at that would mount it by itself, as a path below debugfs does."""
    assert mounted(tree.host()) is None
    tree.write("proc/self/mounts", "tmpfs /run tmpfs rw 0 0\nnodev /a\\040b tracefs rw 0 0\n")
    assert mounted(tree.host()) == "/a b"


@pytest.mark.parametrize(
    ("user", "where", "lockdown", "may_write", "reason"),
    [
        (1000, "/t", "none", True, "not_root"),
        (0, None, "none", True, "not_mounted"),
        (0, "/t", "confidentiality", True, "lockdown"),
        (0, "/t", "integrity", False, "no_instances"),
        (0, "/t", "integrity", True, None),
    ],
)
def test_why_a_host_can_not_be_traced(
    user: int,
    where: str | None,
    lockdown: str,
    may_write: bool,
    reason: str | None,
    tree: Tree,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first reason that holds, in one word; integrity, which Secure Boot sets, is none."""
    levels = "none integrity confidentiality".replace(lockdown, f"[{lockdown}]")
    tree.write("sys/kernel/security/lockdown", levels + "\n")
    tree.write("proc/self/mounts", f"nodev {where} tracefs rw 0 0\n" if where else "tmpfs /run tmpfs rw 0 0\n")
    host = tree.host()
    monkeypatch.setattr(host, "user", lambda: user)
    monkeypatch.setattr(host, "may_write", lambda path: may_write and path == "/t/instances")
    found = possible(host)
    assert (found["reason"], found["root"], found["lockdown"]) == (reason, None if reason else where, lockdown)
