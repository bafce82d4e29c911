# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The dimensions of several readings, and which of them are only the shadow of another."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.dimensions import (
    dimension_series,
    without_shadows,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.watched import watched
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    LEAKER,
    MIB,
    answer,
    flat,
    look,
    ramp,
    watch,
)


def test_threads_explain_stacks_and_the_vmalloc_memory_that_they_lie_in() -> None:
    """One leak is not two findings."""
    found = answer(
        watch(
            {"threads": {"4242 leaker": 64.0}, "caller": {"dup_task_struct": MIB}},
            KernelStack=ramp(MIB, 8 * MIB),
            VmallocUsed=ramp(MIB, 40 * MIB),
        ),
        look(processes={4242: LEAKER}),
    )
    assert (found.rates, found.follow) == ({"kernel_stack": MIB}, {"vmalloc": "kernel_stack"})
    assert found.culprits[0].what == "threads" and found.is_answered


def test_per_cpu_memory_is_not_vmalloc_memory_as_well() -> None:
    """Its chunks lie in vmalloc memory and are counted in both."""
    found = answer(watch({}, Percpu=ramp(MIB), VmallocUsed=ramp(1.1 * MIB)))
    assert (set(found.rates), found.follow) == ({"percpu"}, {"vmalloc": "percpu"})


def values(told: dict[str, object]) -> dict[str, tuple[float, ...]]:
    """The dimensions of an answer."""
    return {row.name: row.values for row in dimension_series(watched(told))}


def test_a_counter_that_is_not_there_is_no_zero() -> None:
    """0 is *not available*, and so is address space in place of pages."""
    found = values(watch({}, Percpu=flat(0), VmallocUsed=ramp(MIB, MIB), VmallocChunk=flat(MIB)))
    assert "percpu" not in found and "vmalloc" not in found and "slab_unreclaimable" in found


def test_memory_without_a_counter_is_what_is_left() -> None:
    """All of the memory less everything that has a counter, in bytes."""
    before, after = values(watch())["unaccounted"], values(watch({}, unaccounted=ramp(3 * MIB)))["unaccounted"]
    assert before == (before[0],) * 5 and after[-1] - before[-1] == 48 * MIB


def test_without_a_total_nothing_is_left_over() -> None:
    """No data is not nothing."""
    told = watch()
    del told["memory"]["MemTotal"]
    assert "unaccounted" not in values(told)


def test_what_grows_far_more_than_its_cause_is_no_shadow() -> None:
    """Stacks of 1 MiB a second do not explain 4 MiB a second of vmalloc memory."""
    rates = {"vmalloc": 4.0 * MIB, "kernel_stack": 1.0 * MIB}
    assert without_shadows(rates) == (rates, {})
    assert without_shadows({"vmalloc": 1.1 * MIB, "kernel_stack": MIB}) == (
        {"kernel_stack": MIB},
        {"vmalloc": "kernel_stack"},
    )
