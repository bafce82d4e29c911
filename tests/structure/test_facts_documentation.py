# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every key that the module returns stands in its documentation, and the other way round."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
import yaml

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import FILES, NAMES, PARTS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import (
    KERNELS,
    meminfo,
    plain,
    reading,
    sample,
)

MODULE = Path(__file__).parents[2] / "plugins" / "modules" / "kernel_memory_facts.py"
TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
# Their keys are the names of whatever is null.
FREE = ("unavailable", "unavailable_class")
# Terms that a host has only with other hardware, drivers or kernels than those below.
RARE_TERMS = {
    "bounce_bytes",
    "writeback_temporary_bytes",
    "slab_bytes",
    "gpu_bytes",
    "unaccepted_bytes",
    "zfs_arc_scatter_bytes",
}


def documented():
    tree = ast.parse(MODULE.read_text(encoding="utf-8"))
    text = next(
        node.value.value for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "RETURN"
    )
    return yaml.safe_load(text)["ansible_facts"]["contains"]["kernel_memory"]


def observed():
    """Facts of the saved kernels, and of readings made by hand that together have every part."""
    for kernel in KERNELS:
        yield build_facts(dict(sample(kernel), subsets=NAMES))
    yield build_facts(
        reading(
            meminfo(**plain()), files=FILES, parts=PARTS, subsets=NAMES, found=["module:virtio_balloon", "module:zram"]
        )
    )
    balloon = plain(Active_anon=None, Balloon=4096)
    yield build_facts(reading(meminfo(**balloon), files=FILES, subsets=NAMES, found=["module:vmw_balloon"]))
    yield build_facts(reading(meminfo(**plain(Active_anon=None, Cached=None, Active=1000, Inactive=1000)), files=FILES))
    modules = {"count": 3, "fingerprint": 7, "outside": [["mmfs26", "(POE)", "3014656"]]}
    yield build_facts(reading(meminfo(**plain(Slab=2000000)), files=FILES, modules=modules))


OBSERVED = list(observed())


def keys(value, before=()):
    """The path of every key in facts; all rows of a list count as one."""
    found = set()
    for key in value:
        found.add((*before, key))
        inner = value[key]
        rows = inner if isinstance(inner, list) else [inner]
        if key not in FREE:
            for row in rows:
                if isinstance(row, dict):
                    found |= keys(row, (*before, key))
    return found


def promised(node, before=()):
    """The path of every key in the documentation."""
    found = set()
    for name, inner in node.get("contains", {}).items():
        found |= {(*before, name)} | promised(inner, (*before, name))
    return found


def test_what_is_returned_is_documented_and_what_is_documented_is_returned():
    returned = set().union(*(keys(facts) for facts in OBSERVED))
    documentation = promised(documented())
    assert returned - documentation == set()
    assert {path for path in documentation - returned if path[-1] not in RARE_TERMS} == set()


@pytest.mark.parametrize("facts", OBSERVED, ids=[*KERNELS, "whole", "old", "oldest", "contradictory"])
def test_what_is_returned_has_the_documented_type(facts):
    def check(value, node, path):
        if value is None:
            return
        expected = TYPES[node["type"]]
        assert isinstance(value, expected) and (expected is bool or not isinstance(value, bool)), (
            f"{path}: {value!r} is no {node['type']}"
        )
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict) and "contains" in node:
                assert not isinstance(value, list) or node["elements"] == "dict"
                for key, inner in row.items():
                    check(inner, node["contains"][key], f"{path}.{key}")

    check(facts, documented(), "kernel_memory")


def test_every_key_has_a_description_a_condition_and_an_example():
    def check(node, path):
        assert node["description"].endswith((".", ")")) and node["returned"], path
        assert node["type"] != "list" or node["elements"], path
        assert "contains" in node or "sample" in node or "Null" in node["description"], path
        for name, inner in node.get("contains", {}).items():
            check(inner, f"{path}.{name}")
            size_in_words = (
                "byte" in inner["description"].lower()
                or name in path
                or "Bytes" in node["description"]
                or path.endswith(("terms", "dimensions"))
            )
            assert not name.endswith("_bytes") or size_in_words, f"{path}.{name} does not say that it is bytes"

    check(documented(), "kernel_memory")
