# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is traced is made of the events that a kernel has, and of nothing else."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import understood
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import DIMENSIONS, Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.trace_plan import Plan, plans
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import MIB, look, ramp, readings, watch
from ansible_collections.fleetaudit.kernel_memory.tests.unit.trace_formats import PRINTED, fields

CACHES = {
    "msg_msg-2k": {"object_bytes": 2048},
    "filp": {"object_bytes": 256},
    "vmap_area": {"object_bytes": 72},
    "dentry": {"object_bytes": 192, "reclaimable": True},
}


def plan(dimension: str, kernel: str, growing: dict[str, float]) -> Plan | None:
    """What is traced on a kernel for a dimension, where caches grow."""
    watched = watch({"cache": growing}, SUnreclaim=ramp(2 * MIB, 200 * MIB))
    told = understood(readings(watched, look(caches=CACHES, tracing=kernel)), Settings()).answer
    found = plans(told.readings.watched, told.growing, told.readings.looked, [dimension])
    return found[0] if found else None


def events(found: Plan | None) -> list[str]:
    """The names of the events of a plan."""
    assert found is not None
    return [step.event.rpartition("/")[2] for step in found.steps]


@pytest.mark.parametrize("kernel", PRINTED)
@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_plan_has_only_what_the_kernel_has(kernel: str, dimension: str) -> None:
    """An event that is not there, or a field that no line has, would give no answer or a wrong one."""
    found = plan(dimension, kernel, {"msg_msg-2k": 2 * MIB, "filp": MIB, "dentry": MIB})
    if found is None:
        assert dimension == "hugetlb"
        return
    assert {step.role for step in found.steps} == {"alloc", "free"}
    for step in found.steps:
        known = fields(PRINTED[kernel][step.event])
        assert step.key in known
        assert "field" not in step.size or step.size["field"] in known
        for text in step.filters:
            assert "name" not in text or "name" in known
    assert any(step.stack for step in found.steps) or dimension == "kernel_stack"


def test_a_bucket_is_made_by_kmalloc_and_freed_by_kfree() -> None:
    """Also where it is called otherwise than kmalloc; each object is told by its size, since names are merged."""
    found = plan("slab_unreclaimable", "6.18", {"msg_msg-2k": 2 * MIB})
    assert events(found) == ["kmalloc", "kfree"]
    assert found is not None and found.steps[0].filters == ("(bytes_alloc == 2048)",)


def test_a_cache_is_told_by_its_name_where_the_kernel_tells_it_of_both() -> None:
    """Else an object of another cache of that size would be allocated, and its end not seen."""
    filters = {}
    for kernel in ("5.10", "6.12", "6.18"):
        found = plan("slab_unreclaimable", kernel, {"filp": 2 * MIB})
        assert found is not None and events(found)[-2:] == ["kmem_cache_free", "kfree"]
        filters[kernel] = (found.steps[0].filters, found.steps[-2].filters)
    by_size = (("(bytes_alloc == 256)",), ("",))
    assert filters == {
        "5.10": by_size,
        "6.12": by_size,
        "6.18": (('(bytes_alloc == 256) && (name == "filp")',), ('(name == "filp")',)),
    }


def test_what_is_larger_than_any_cache_is_traced_where_caches_do_not_explain_it() -> None:
    """64 KiB at a time from kmalloc are in unreclaimable slab, and in no cache."""
    found = plan("slab_unreclaimable", "6.18", {"filp": 0.1 * MIB})
    assert found is not None
    assert found.steps[0].filters == ("(bytes_alloc > 8192)",)
    assert events(found) == ["kmalloc", "kmem_cache_alloc", "kmem_cache_free", "kfree"]


def test_a_cache_with_a_quotation_mark_is_not_put_into_a_filter() -> None:
    """Modules choose the names of their caches."""
    watched = watch({"cache": {'x" || "': MIB}}, SUnreclaim=ramp(MIB, 200 * MIB))
    told = understood(readings(watched, look(caches={'x" || "': {"object_bytes": 64}})), Settings()).answer
    [found] = told.trace_plans()
    assert [step.filters for step in found.steps] == [("(bytes_alloc == 64)",), ("",), ("",)]


def test_per_cpu_memory_counts_for_each_cpu_where_the_kernel_tells_one() -> None:
    """Before 6.1 the event has the size of one copy."""
    sizes = {}
    for kernel in ("5.10", "6.18"):
        found = plan("percpu", kernel, {})
        assert found is not None
        sizes[kernel] = dict(found.steps[0].size)
    assert sizes == {"5.10": {"field": "size", "times": 8}, "6.18": {"field": "bytes_alloc", "times": 1}}


def test_before_there_were_vmalloc_events_areas_are_counted() -> None:
    """The record of an area tells who makes it, not how large it is."""
    found = plan("vmalloc", "6.1", {})
    assert found is not None and found.counts
    assert found.steps[0].filters == ("(bytes_alloc == 72)",)
    new = plan("vmalloc", "6.12", {})
    assert new is not None and not new.counts


def test_nothing_is_traced_where_nothing_can_be() -> None:
    """No tracefs, no events."""
    told = understood(readings(watch({}, unaccounted=ramp(MIB)), look(tracing=None)), Settings()).answer
    assert told.rates and told.trace_plans() == ()
