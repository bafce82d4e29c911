# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to the third question, checked."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.looked import (
    Cache,
    Held,
    looked,
    process,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import process as told_process


def test_it_is_taken_apart() -> None:
    """Caches, descriptors the most first, sockets, processes, and whether the host can be traced."""
    found = looked(
        look(
            caches={"kmalloc-2k": {"aliases": ["biovec-max"]}},
            descriptors={7: {"pipe": {"count": 3, "waiting_bytes": 9}, "file": {"count": 5}}},
            processes={7: told_process("db", 7)},
            sockets={"99": 7},
        )
    )
    assert found.caches == {"kmalloc-2k": Cache(2048, False, ("biovec-max",))}
    assert found.descriptors[7] == (Held("file", 5, {}), Held("pipe", 3, {"waiting_bytes": 9}))
    assert (found.sockets, found.processes[7].command) == ({"99": 7}, "db")
    assert found.tracing.root == "/sys/kernel/tracing" and "bytes_alloc" in found.tracing.events["kmem/kmalloc"].fields


@pytest.mark.parametrize("pid", ["x", "", "-1", "9" * 11, "7 "])
def test_a_process_has_a_number(pid: str) -> None:
    """It becomes part of a command line that somebody copies."""
    told = look()
    told["processes"] = {pid: told_process("db", 7)}
    with pytest.raises(ValueError, match="is no number of a process"):
        looked(told)


def test_of_a_process_only_its_command_must_be_known() -> None:
    """A plain user does not see more."""
    found = process({"command": "db"})
    assert (found.pid, found.unit, found.parent_command) == (None, None, None)
    with pytest.raises(ValueError, match="command is no text"):
        process({"pid": 7})
