# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel objects near the limit of the kernel, or that fill memory."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account import limits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.apply import apply_patterns
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.bounded import (
    BOUNDED,
    BY_NAME,
    OF_A_GROUP,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.check import Seen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.object_limits import answer
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.state import judge_state
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, facts_of, subject_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.checks.stated import (
    Parts,
    found,
    host,
    state,
)


def objects(**changes: int | None) -> dict[str, Any]:
    """The part of objects."""
    return {"objects": {"files": 1000, "files_limit": 1_000_000, "dentries": 10_000, **changes}}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (objects(conntrack=200_000, conntrack_limit=262_144), []),
        (objects(conntrack=250_000, conntrack_limit=262_144), [("object_limits", "warning")]),
        (objects(conntrack=260_000, conntrack_limit=262_144), [("object_limits", "critical")]),
        (objects(files=900_000), [("object_limits", "warning")]),
        (objects(tcp_bytes=900 * MIB, tcp_limit_bytes=1000 * MIB), [("object_limits", "warning")]),
        (objects(dentries=9_000_000, dentries_negative=8_000_000), [("object_limits", "info")]),
        (objects(dentries=90_000_000, dentries_negative=8_000_000), []),
        (objects(inodes=6_000_000), []),
        (objects(inodes=7_000_000), [("object_limits", "info")]),
    ],
)
def test_it_is_quiet_until_it_hurts(parts: Parts, expected: list[tuple[str, str]]) -> None:
    """80 % of a limit is a warning, 98 % critical where nothing works at it; what memory gives back is information."""
    assert found(state(parts)) == expected


def test_a_32_bit_kernel_has_little_address_space() -> None:
    """200 MiB of 240 are 83 %; a 64-bit kernel has 32 TiB."""
    facts = facts_of(vmalloc_bytes=200 * MIB, attribution={"objects": {"complete": True, "files": 1}})

    def with_space(size: int | None) -> Subject:
        return subject_of(replace(facts, machine=replace(facts.machine, vmalloc_total_bytes=size)))

    assert judge_state(with_space(None)).findings == []
    small = with_space(240 * MIB)
    (only,) = apply_patterns(small, judge_state(small).findings, {})
    assert (only.severity, only.pattern, only.evidence["object"]) == (
        "warning",
        "vmalloc_exhaustion_32bit",
        "address_space",
    )
    assert judge_state(with_space(32 * 1024 * GIB)).findings == []


def near(name: str, value: int, limit: int, unit: str = "count") -> list[Seen]:
    """What is said of a host that lists one number with its limit."""
    facts = facts_of(
        limits=[{"name": name, "value": value, "limit": limit, "unit": unit, "reason": None}],
        attribution={"objects": {"complete": True, "files": 1}},
    )
    seen = answer(subject_of(facts))
    assert not isinstance(seen, str)
    return seen


LISTED = {
    "files": "critical",
    "conntrack": "critical",
    "tcp_memory": "warning",
    "udp_memory": "warning",
    "keys": "warning",
    "key_bytes": "warning",
    "mounts": "warning",
    "message_queues": "warning",
    "shared_segments": "warning",
    "semaphore_arrays": "warning",
    "inotify_instances": "info",
    "threads of kubepods.slice/pod1": "warning",
    "bpf_jit": "warning",
}
"""Every name that the account gives a limit, and how bad it is that 99 % of it are used."""


@pytest.mark.parametrize("name", LISTED)
def test_every_number_that_a_host_lists_is_judged(name: str) -> None:
    """A number that stands beside its limit and is judged by nobody is a host that is ok and can't work."""
    (seen,) = near(name, 99_000, 100_000)
    assert seen.severity == LISTED[name]
    assert "99.0 % of the" in seen.sentence() and seen.words.next_step.startswith("At the limit")
    assert near(name, 79_000, 100_000) == []


def test_threads_are_judged_once() -> None:
    """By the limit of kernel stacks, and here where a policy has none."""
    assert near("threads", 99_000, 100_000) == []
    rows = [{"name": "threads", "value": 99_000, "limit": 100_000, "unit": "threads", "reason": None}]
    facts = facts_of(limits=rows, attribution={"objects": {"complete": True, "files": 1}})
    silent = policy_of({"environments": {"production": {"limits": {"kernel_stack": "none"}}}})
    (seen,) = answer(subject_of(facts, silent.environments["production"]))
    assert not isinstance(seen, str) and seen.severity == "critical"


def test_the_account_lists_nothing_else() -> None:
    """Names in the program that makes the list; one that is new needs words here."""
    source = Path(limits.__file__).read_text(encoding="utf-8")
    words = set(re.findall(r'"([a-z_]+)"', source))
    named = {name for name in LISTED if name in words or name.startswith(OF_A_GROUP) or name.endswith("_memory")}
    assert named == set(LISTED)
    made = limits.limits_of(
        {"files": {}, "errors": {}, "parts": {"limits": {}, "vmalloc": {}, "descriptors": {}}},
        {"threads": 1, "threads_limit": 2, "page_size_bytes": 4096},
        SimpleNamespace(tcp=None, tcp_limit=None, udp=None, udp_limit=None),
    )
    assert {one["name"] for one in made} <= set(BY_NAME)


def test_a_group_that_is_full_is_named() -> None:
    """It is the group's limit, and not the host's."""
    (seen,) = near("threads of kubepods.slice/pod1", 99, 100)
    assert "the group is kubepods.slice/pod1" in seen.sentence()
    assert seen.evidence["object"] == "group_threads"


def test_each_object_has_words_of_its_own() -> None:
    """Whoever runs out of files has another next step than whoever runs out of connections."""
    assert all(bounded.words.next_step.endswith(".") for bounded in BOUNDED)
    assert len({bounded.words for bounded in BOUNDED}) == len(BOUNDED)
    for bounded in BOUNDED:
        if bounded.held:
            seen = answer(host(objects(**{bounded.held: 90, bounded.allowed: 100})))
            assert [one.words for one in seen if not isinstance(one, str)] == [bounded.words]
