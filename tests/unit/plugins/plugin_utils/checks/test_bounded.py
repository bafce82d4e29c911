# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that have a limit, and what a host says of them."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.bounded import (
    BOUNDED,
    BY_NAME,
    OF_A_GROUP,
    counts_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import facts_of, subject_of


def told(subject: Subject, *, with_threads: bool = True) -> set[tuple[str, int, int, str]]:
    """What is counted."""
    return {(one.bounded.name, one.held, one.allowed, one.of) for one in counts_of(subject, with_threads=with_threads)}


def listed(*limits: tuple[str, int | None, int | None]) -> Subject:
    """A host that lists these numbers with their limits."""
    rows = [
        {"name": name, "value": value, "limit": limit, "unit": "count", "reason": None} for name, value, limit in limits
    ]
    return subject_of(facts_of(limits=rows))


def test_names_are_told_apart() -> None:
    """Each stands once, in evidence and in the facts."""
    assert len(BY_NAME) == len(BOUNDED) == len({one.name for one in BOUNDED})
    assert BY_NAME[OF_A_GROUP].name == "group_threads"


def test_what_a_host_lists_is_counted_and_what_it_does_not_know_is_not() -> None:
    """A limit without a number, and a number without a limit, say nothing."""
    subject = listed(("keys", 5, 200), ("mounts", None, 100_000), ("udp_memory", 7, None), ("threads of web", 3, 9))
    assert told(subject, with_threads=False) == {("keys", 5, 200, ""), ("group_threads", 3, 9, "web")}
    assert told(listed(("brand_new", 5, 6)), with_threads=False) == set()


def test_a_sample_stands_in_for_what_is_not_listed() -> None:
    """A policy on the past has nothing else; threads of a sample are the business of kernel stacks."""
    kept = subject_of(facts_of())
    kept = replace(kept, facts=None, sample=replace(kept.sample, files=5, files_limit=9, threads=4, threads_limit=8))
    assert told(kept) == {("files", 5, 9, ""), ("threads", 4, 8, "")}
    assert told(kept, with_threads=False) == {("files", 5, 9, "")}


def test_the_part_of_objects_stands_in_too() -> None:
    """Facts of earlier releases list no limits."""
    part = {"objects": {"complete": True, "tcp_bytes": 3, "tcp_limit_bytes": 4}}
    assert told(subject_of(facts_of(attribution=part)), with_threads=False) == {("tcp", 3, 4, "")}
    # What is listed counts.
    both = facts_of(
        attribution=part, limits=[{"name": "tcp_memory", "value": 1, "limit": 2, "unit": "bytes", "reason": None}]
    )
    assert told(subject_of(both), with_threads=False) == {("tcp", 1, 2, "")}
