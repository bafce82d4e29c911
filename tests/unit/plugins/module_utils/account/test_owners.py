# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Owners in short: the largest of each kind, bounded, and no row for what was not gathered."""

import json
import zlib

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account import owners as module
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.loader import load
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import resolve_subsets
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import FILES, MIB, NAMES, PARTS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.eventful import eventful_host
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    meminfo,
    plain,
    reading,
)

PACKED = 512
COUNTS = ("command_threads", "object", "modules")


def owners_of(parts=None, **more):
    files = more.pop("files", FILES)
    given = reading(meminfo(**plain()), files=files, parts=PARTS if parts is None else parts, subsets=NAMES, **more)
    return build_facts(given)["owners"]


def kinds(owners):
    return sorted({row[0] for row in owners})


def test_each_kind_has_its_largest_first():
    owners = owners_of(modules={"count": 92, "fingerprint": 700217465346, "outside": []})
    assert owners[:3] == [
        ["slab", "dentry", 100 * MIB],
        ["slab", "kmalloc-512", 50 * MIB],
        ["slab", "task_struct", MIB],
    ]
    assert ["command_threads", "java", 900] in owners and ["command_page_tables", "python", 30 * MIB] in owners
    assert ["cgroup", "/system.slice", 200 * MIB] in owners and ["object", "dentries", 9086] in owners
    assert owners[-1] == ["modules", "0a308369a02", 92]


def test_each_kind_keeps_so_many_and_the_largest():
    """A list of a history is bounded: ten slab caches, five of everything else."""
    facts = {
        "attribution": {
            "slab_caches": {"caches": [{"name": f"c{size:02}", "bytes": size} for size in range(1, 31)]},
            "vmalloc_callers": {"callers": [{"caller": f"v{size:02}", "bytes": size} for size in range(1, 31)]},
            "commands": {
                "commands": [
                    {"command": f"p{size:02}", "threads": size, "page_table_bytes": 100 - size} for size in range(1, 31)
                ]
            },
            "cgroups": {"cgroups": [{"path": f"/g{size:02}", "kernel_bytes": size} for size in range(1, 31)]},
        },
        "host": {"cgroups_living": None, "cgroups_dying": None},
        "modules": {"fingerprint": None, "count": None},
    }
    found = {}
    for kind, name, _amount in module.owners_of(facts):
        found.setdefault(kind, []).append(name)
    assert found == {
        "slab": [f"c{size:02}" for size in range(30, 20, -1)],
        "vmalloc": [f"v{size:02}" for size in range(30, 25, -1)],
        "command_threads": [f"p{size:02}" for size in range(30, 25, -1)],
        "command_page_tables": [f"p{size:02}" for size in range(1, 6)],
        "cgroup": [f"/g{size:02}" for size in range(30, 25, -1)],
    }


def test_what_was_not_gathered_has_no_row():
    """A missing row is no 0: whoever compares two times must not see an owner vanish."""
    owners = owners_of(parts={}, files={})
    assert kinds(owners) == [] or kinds(owners) == ["object"]
    assert not [row for row in owners if row[2] is None]


def test_paths_keep_their_end_and_names_their_beginning():
    rows = [["/kubepods.slice/" + "x" * 100 + "/end.scope", {"kernel": 5}]]
    [group] = [row for row in owners_of(dict(PARTS, cgroups=dict(PARTS["cgroups"], rows=rows))) if row[0] == "cgroup"]
    assert len(group[1]) == 48 and group[1].endswith("/end.scope")
    rows = [["c" * 48 + "d" * 16, 1, 2, 512, 32, 4, 100]]
    [cache] = [row for row in owners_of(dict(PARTS, slab=dict(PARTS["slab"], rows=rows))) if row[0] == "slab"]
    assert cache[1] == "c" * 48


def test_the_owners_of_a_busy_host_are_small_when_packed(tmp_path):
    """A history keeps one list a sample, memory in KiB: with everything gathered it stays below 512 bytes, deflated."""
    root = eventful_host(tmp_path)
    given = read(str(root / "proc"), str(root / "sys"), 20, resolve_subsets(["all"]), load)
    owners = build_facts(given)["owners"]
    assert kinds(owners) == ["cgroup", "command_page_tables", "command_threads", "modules", "object", "slab", "vmalloc"]
    assert len(owners) <= 50
    short = [[kind, name, amount if kind in COUNTS else amount // 1024] for kind, name, amount in owners]
    assert len(zlib.compress(json.dumps(short, separators=(",", ":")).encode("ascii"), 9)) <= PACKED
