# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns and checks bear anything that a host may write, and what they say stays on one printable line."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.apply import apply_patterns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution_parts import COMMON, ROWS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import Plain
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.limit import judge_limits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import judge_state
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import part_classes
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, facts_of, subject_of

NAMES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "kmalloc-512",
            "dentry",
            "ebitmap_node",
            "skbuff_head_cache\n",
            "dentry(1:\x1b[2J)",
            "bpf_map_area_alloc [\u202e]",
            "xt_alloc_entry",
        ]
    ),
)
SIZES = st.one_of(st.none(), st.integers(0, 2**53), st.integers(0, 64 * GIB))


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "str | None": st.one_of(st.none(), NAMES),
    "tuple[str, ...]": st.lists(NAMES, max_size=3),
    "float | None": st.one_of(st.none(), st.floats(0, 100)),
    "int | None": SIZES,
}


def _fields(made: type[Plain], *without: str) -> dict[str, st.SearchStrategy[Any]]:
    return {one.name: VALUES[str(one.type)] for one in fields(made) if one.name not in without}


def _part(name: str, made: type[Plain]) -> st.SearchStrategy[dict[str, Any]]:
    rows = ROWS.get(name)
    if rows is None:
        return st.fixed_dictionaries({"complete": st.booleans(), **_fields(made, *COMMON)})
    entries = st.lists(st.fixed_dictionaries(_fields(rows.entry)), max_size=4)
    return st.fixed_dictionaries({"complete": st.booleans(), **_fields(made, *COMMON, rows.field), rows.field: entries})


ATTRIBUTIONS = st.fixed_dictionaries({}, optional={name: _part(name, made) for name, made in part_classes().items()})
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        **{f"{name}_bytes": SIZES for name in LIMITED},
        "memory_available_bytes": SIZES,
        "memory_total_bytes": SIZES,
        "threads": SIZES,
        "cgroups": SIZES,
        "cpus_possible": SIZES,
        "cpus_online": SIZES,
        "kernel_release": st.one_of(st.none(), st.text(max_size=20), st.just("3.10.0-1\n")),
        "architecture": NAMES,
        "container_host": st.sampled_from([True, False, None]),
        "holders": st.lists(
            st.fixed_dictionaries(
                {
                    "name": st.one_of(st.none(), NAMES),
                    "kind": st.sampled_from(["balloon", "zfs", "zram", "gpu", "driver"]),
                    "bytes": SIZES,
                }
            ),
            max_size=3,
        ),
    },
)


@example(
    attribution={
        "commands": {
            "complete": False,
            "seen": None,
            "commands": [
                {"command": None, "processes": 10, "page_table_bytes": None, "threads": None, "pinned_bytes": None}
            ],
        }
    },
    changes={"page_tables_bytes": None, "slab_unreclaimable_bytes": None, "memory_total_bytes": 1},
    grows={"page_tables": 1.0, "kernel_unreclaimable": 1.0},
)
@given(attribution=ATTRIBUTIONS, changes=CHANGES, grows=st.dictionaries(st.sampled_from(LIMITED), st.floats(0, 2**50)))
def test_anything_gets_an_answer(attribution, changes, grows):
    subject = subject_of(facts_of(attribution=attribution, **changes))
    state = judge_state(subject)
    assert set(state.judged) | set(state.not_judged) == set(CHECKS)
    assert {one.severity for one in state.findings if one.dimension != "object_limits"} <= {"info", "warning"}
    limits = judge_limits(subject).findings
    grown = [replace(one, kind="growth") for one in limits]
    before = [*state.findings, *limits, *grown]
    findings = apply_patterns(subject, before, grows)
    assert [(one.key, one.severity, one.value) for one in before] == [
        (one.key, one.severity, one.value) for one in findings
    ]
    for one in findings:
        assert one.explanation.isprintable() and one.explanation.endswith("."), one.explanation
        assert len(one.explanation) < 2000
    for reason in state.not_judged.values():
        assert reason.isprintable()
