# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a trace names, and how sure that is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    LEAKER,
    MIB,
    SETTINGS,
    answer,
    look,
    process,
    ramp,
    site,
    trace,
    traced,
    watch,
)


def test_one_leak_of_several_objects_is_its_common_function() -> None:
    """A mount is a superblock, an inode and more; none of them alone is most of it."""
    sites = [site([name, "get_tree"], MIB, [(LEAKER, MIB)]) for name in ("alloc_super", "alloc_inode", "alloc_vfsmnt")]
    found = answer(
        watch({"cache": {"kmalloc-2k": MIB}}, SUnreclaim=ramp(1.5 * MIB, 200 * MIB)),
        look(caches={"kmalloc-2k": {}}),
        traced(trace("slab_unreclaimable", sites, functions=[("get_tree", 3 * MIB), ("path_mount", 3 * MIB)])),
    )
    first = found.culprits[0]
    assert first.stack == ("get_tree", "path_mount")
    assert first.detail == "of that alloc_super 33 %, alloc_inode 33 %, alloc_vfsmnt 33 %"
    assert first.confidence == "high"


def test_functions_with_nothing_in_common_leave_the_process() -> None:
    """One process allocates in many places: it is named, and no function is."""
    sites = [site([name], MIB, [(LEAKER, MIB)]) for name in ("a", "b", "c")]
    found = answer(
        watch({"cache": {"kmalloc-2k": MIB}}, SUnreclaim=ramp(1.5 * MIB, 200 * MIB)),
        look(caches={"kmalloc-2k": {}}),
        traced(trace("slab_unreclaimable", sites)),
    )
    first = found.culprits[0]
    assert (first.stack, first.process and first.process.pid) == ((), 4242)


@pytest.mark.parametrize(
    ("share", "process_share", "lost", "rate", "confidence"),
    [
        (0.95, 0.95, 0, 1.5 * MIB, "high"),
        (0.95, 0.95, 5000, 1.5 * MIB, "medium"),  # more than 5 % of the events are lost
        (0.95, 0.6, 0, 1.5 * MIB, "medium"),  # several processes, but the rate fits
        (0.6, 0.95, 0, 1.5 * MIB, "medium"),
        (0.95, 0.95, 0, 40 * MIB, "medium"),  # clear, but the counters show something else
        (0.6, 0.6, 0, 40 * MIB, "low"),
        (0.4, 0.95, 0, 1.5 * MIB, None),
    ],
)
def test_confidence(share: float, process_share: float, lost: int, rate: float, confidence: str | None) -> None:
    """As measured: nearly all of it, one process, few lost events, and the rate that the counters show."""
    other = process("other", 9)
    sites = [
        site(
            ["leak"],
            share * 3 * MIB,
            [(LEAKER, process_share * share * 3 * MIB), (other, (1 - process_share) * share * 3 * MIB)],
        ),
        site(["noise"], (1 - share) * 3 * MIB, [(other, (1 - share) * 3 * MIB)]),
    ]
    found = answer(
        watch({"cache": {"kmalloc-2k": rate}}, SUnreclaim=ramp(rate, 200 * MIB)),
        look(caches={"kmalloc-2k": {}}),
        traced(trace("slab_unreclaimable", sites, lost=lost)),
    )
    named = [one.confidence for one in found.culprits if one.source == "trace"]
    assert named == ([confidence] if confidence else [])


def test_what_does_not_grow_is_never_certain() -> None:
    """A finding may be about a dimension that rests just now; something always allocates."""
    settings = replace(SETTINGS, dimensions=("page_tables",))
    told = traced(trace("page_tables", [site(["pte_alloc_one"], 3 * MIB, [(LEAKER, 3 * MIB)])]))
    assert answer(watch(), look(), told, settings=settings).culprits[0].confidence == "medium"
    half = traced(
        trace(
            "page_tables",
            [site(["pte_alloc_one"], 2 * MIB, [(LEAKER, MIB), (process("cc1", 5), MIB)]), site(["x"], MIB, [])],
        )
    )
    assert answer(watch(), look(), half, settings=settings).culprits == ()


def test_an_interrupt_names_no_process() -> None:
    """Memory of packets that come in is nobody's of those that happen to run."""
    told = traced(
        trace("unaccounted", [site(["page_pool_alloc"], 6 * MIB, [(process("interrupt", 0, unit=None), 6 * MIB)])])
    )
    found = answer(watch({}, unaccounted=ramp(3 * MIB)), look(), told)
    assert (found.culprits[0].process, found.culprits[0].stack) == (None, ("page_pool_alloc",))
    assert not found.is_answered


def test_many_processes_of_one_command_are_that_command() -> None:
    """None of them is much of it alone."""
    who = [(process("cc1", number, parent=7, parent_command="make"), MIB / 4) for number in range(20, 24)]
    found = answer(
        watch({"cache": {"kmalloc-2k": MIB / 2}}, SUnreclaim=ramp(MIB / 2, 200 * MIB)),
        look(caches={"kmalloc-2k": {}}),
        traced(trace("slab_unreclaimable", [site(["leak"], MIB, who)])),
    ).culprits[0]
    assert found.process is not None
    assert (found.process.command, found.process.pid, found.process.parent_command) == ("cc1", None, "make")
    assert found.processes == 4


def test_a_trickle_names_nobody() -> None:
    """Below 16 KiB a second something always allocates."""
    told = traced(trace("slab_unreclaimable", [site(["leak"], 20 << 10, [(LEAKER, 20 << 10)])]))
    watched = watch({"cache": {"kmalloc-2k": 80.0 * 1024}}, SUnreclaim=ramp(80 << 10, 200 * MIB))
    found = answer(watched, look(caches={"kmalloc-2k": {}}), told)
    assert all(one.source != "trace" for one in found.culprits)
