# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far what names itself explains what grows."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.claims import claims
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.looked import Process
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.named import Candidate
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import answer_text
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    KIB,
    LEAKER,
    MIB,
    answer,
    look,
    packet_rings,
    process,
    ramp,
    watch,
)


def test_without_a_trace_a_number_is_not_certain() -> None:
    """That sockets become more along with what no counter names is no proof: each would have 4 MiB."""
    watched, looked, _trace = packet_rings()
    found = answer(watched, looked)
    assert not found.is_answered
    assert found.culprits[0].confidence == "low"


def test_what_is_measured_and_fits_is_an_answer() -> None:
    """Page tables of one process that are the growth of the dimension."""
    found = answer(
        watch({"page_tables": {"4242 leaker": 2 * MIB}}, PageTables=ramp(2.1 * MIB, 30 * MIB)),
        look(processes={4242: LEAKER}),
    )
    assert found.is_answered
    assert answer_text(found) == (
        "`leaker` (pid 4242, `capture.service`) has more and more page tables: 2 MiB a second, 95 % of what grows in "
        "page tables"
    )


def test_a_mere_number_of_nobody_is_no_culprit() -> None:
    """Much becomes more on a healthy host."""
    assert not answer(watch({"count": {"negative dentries": 900.0}})).grows


def test_a_slow_leak_is_seen_in_its_cache() -> None:
    """Below the floor of a dimension, caches are asked all the same."""
    found = answer(watch({"cache": {"kmalloc-2k": 15 * KIB}}), look(caches={"kmalloc-2k": {"aliases": ["biovec-max"]}}))
    assert answer_text(found) == (
        "Only a place is known: Slab cache kmalloc-2k: 15 KiB a second, 100 % of what grows in unreclaimable slab "
        "(also called biovec-max)"
    )
    assert [plan.dimension for plan in found.trace_plans()] == ["slab_unreclaimable"]


WHO = Process(command="db", pid=7)


@pytest.mark.parametrize(
    ("size", "number", "rates", "dimension", "confidence"),
    [
        (MIB, None, {"percpu": 1.2 * MIB}, "percpu", "medium"),
        (MIB, None, {"percpu": 9 * MIB}, None, "low"),  # too little to be it
        (None, 1000.0, {"slab_unreclaimable": MIB}, "slab_unreclaimable", "medium"),  # about 1 KiB each
        (None, 2.0, {"slab_unreclaimable": MIB}, "slab_unreclaimable", "low"),  # half a MiB each: possible
        (None, 0.5, {"slab_unreclaimable": MIB}, None, "low"),
        (None, 1000.0, {}, None, "medium"),
    ],
)
def test_what_fits_is_medium_and_never_more(
    size: float | None, number: float | None, rates: dict[str, float], dimension: str | None, confidence: str
) -> None:
    """That an object grows along with a dimension is no proof that it is in it."""
    [found] = claims([Candidate("things", WHO, size, number)], rates)
    assert (found.dimension, found.confidence) == (dimension, confidence)


def test_what_is_too_little_where_nothing_grows_is_nobody() -> None:
    """Two descriptors a second on a host of which nothing grows are no finding."""
    assert claims([Candidate("things", WHO, None, 2.0)], {}) == ()


def test_a_process_is_named_once_with_what_explains_most() -> None:
    """Its threads also open descriptors."""
    things = [Candidate("descriptors", WHO, None, 40.0), Candidate("threads", WHO, MIB, 64.0, "kernel_stack")]
    assert [one.what for one in claims(things, {"kernel_stack": MIB})] == ["threads"]


def test_what_is_measured_comes_before_what_is_counted() -> None:
    """A size says more than a number that would fit."""
    counted = Candidate("sockets", Process(command="web", pid=8), None, 900.0)
    things = [counted, Candidate("keys", None, 0.9 * MIB, None, "slab_unreclaimable")]
    assert [one.what for one in claims(things, {"slab_unreclaimable": MIB})] == ["keys", "sockets"]


def test_a_caller_of_vmalloc_memory_is_the_function() -> None:
    """Where it grows alike, and is not what holds stacks or per-CPU memory."""
    told = answer(
        watch(
            {"descriptors": {"7 db": 8.0}, "caller": {"array_map_alloc": MIB, "pcpu_get_vm_areas": MIB}},
            VmallocUsed=ramp(MIB, 40 * MIB),
        ),
        look(
            descriptors={7: {"bpf-map of type 2": {"count": 9, "memlock_bytes": 9 * (128 << 10)}}},
            processes={7: process("db", 7)},
        ),
    )
    assert told.culprits[0].stack == ("array_map_alloc",)
