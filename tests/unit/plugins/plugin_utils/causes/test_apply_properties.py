# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns and checks bear anything that a host may write, and what they say stays on one printable line."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.apply import apply_patterns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.attribution import (
    PARTS,
    SHARE,
    TEXT,
    TEXTS,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.dimensions import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.limit import judge_limits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import CHECKS, judge_state
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, healthy_facts

SETTINGS = resolve_policy(None)["environments"]["production"]
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


def _value(kind: str) -> st.SearchStrategy[Any]:
    if kind == TEXT:
        return st.one_of(st.none(), NAMES)
    if kind == TEXTS:
        return st.lists(NAMES, max_size=3)
    return st.one_of(st.none(), st.floats(0, 100)) if kind == SHARE else SIZES


def _part(name: str) -> st.SearchStrategy[dict[str, Any]]:
    part = PARTS[name]
    fields: dict[str, st.SearchStrategy[Any]] = {key: _value(kind) for key, kind in part.fields.items()}
    if part.rows:
        fields[part.rows] = st.lists(
            st.fixed_dictionaries({key: _value(kind) for key, kind in part.row.items()}), max_size=4
        )
    return st.fixed_dictionaries({"complete": st.booleans(), **fields})


ATTRIBUTIONS = st.fixed_dictionaries({}, optional={name: _part(name) for name in PARTS})
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


@given(attribution=ATTRIBUTIONS, changes=CHANGES, grows=st.sets(st.sampled_from(LIMITED)))
def test_anything_gets_an_answer(attribution, changes, grows):
    facts = checked_facts(healthy_facts(attribution=attribution, **changes))
    state = judge_state(facts, SETTINGS)
    assert set(state.judged) | set(state.not_judged) == set(CHECKS)
    assert {one["severity"] for one in state.findings} <= {"info", "warning"}
    limits = judge_limits(facts, "production", SETTINGS).findings
    grown = [{**one, "kind": "growth"} for one in limits]
    findings = [*state.findings, *limits, *grown]
    before = [(one["dimension"], one["severity"], one["value"]) for one in findings]
    apply_patterns(facts, findings, {name: object() for name in grows})
    assert before == [(one["dimension"], one["severity"], one["value"]) for one in findings]
    for one in findings:
        assert one["explanation"].isprintable() and one["explanation"].endswith("."), one["explanation"]
        assert len(one["explanation"]) < 2000
    for reason in state.not_judged.values():
        assert reason.isprintable()
