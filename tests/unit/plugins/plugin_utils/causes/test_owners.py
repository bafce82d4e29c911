# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentence that names the largest owner: the right one, only where it is known, on one line."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.owners import owner_sentence
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.attribution import attribution_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution import PARTS, Attribution
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution_parts import ROWS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import attribution
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN, GIB, facts_of

WHOLE = attribution_of(attribution())
EMPTY = attribution_of({name: {"complete": False, "reason": "r", "duration_ms": None} for name in PARTS})
SENTENCES = {
    # The largest cache of all is dentry, which is reclaimable: it would explain nothing here.
    (
        "slab_unreclaimable",
        "bytes",
    ): "The largest cache is kmalloc-512 with 50 MiB (shared with eventpoll_pwq, pool_workqueue).",
    ("slab_reclaimable", "bytes"): "The largest cache is dentry with 100 MiB.",
    # The largest caller of all allocates kernel stacks, which are not in this dimension.
    ("vmalloc", "bytes"): "The largest caller is bpf_prog_alloc_no_stats with 2 MiB.",
    (
        "page_tables",
        "bytes",
    ): "The largest page tables are those of java (pid 4242 in the container 0123456789ab) with 200 MiB.",
    ("kernel_stack", "threads"): "The most threads are those of java (pid 4242 in the container 0123456789ab): 900.",
    ("kernel_stack", "bytes"): "The most threads are those of java (pid 4242 in the container 0123456789ab): 900.",
    ("kernel_stack", "bytes_per_thread"): "",
    ("percpu", "bytes"): "",
    ("unaccounted", "bytes"): "",
    ("kernel_unreclaimable", "bytes"): "",
}


@pytest.mark.parametrize(("dimension", "unit"), SENTENCES)
def test_the_largest_owner_is_named(dimension, unit):
    assert owner_sentence(WHOLE, dimension, unit) == SENTENCES[dimension, unit]


@pytest.mark.parametrize(("dimension", "unit"), SENTENCES)
@pytest.mark.parametrize("known", [Attribution(), EMPTY], ids=["not gathered", "refused"])
def test_nothing_is_said_where_nothing_is_known(dimension, unit, known):
    assert owner_sentence(known, dimension, unit) == ""


@pytest.mark.parametrize(
    ("cache", "reclaimable"),
    [
        ("dentry", True),
        ("ext4_inode_cache", True),
        ("inode_cache", True),
        ("xfs_inode", True),
        ("kmalloc-rcl-64", True),
        ("radix_tree_node", True),
        ("extent_status", True),
        ("xfs_buf", True),
        ("lsm_inode_cache", False),
        ("jbd2_inode", False),
        ("shmem_inode_cache", False),
        ("kmalloc-64", False),
        ("dentry_of_mine", False),
        ("dentry(991:pod7)", True),
        ("kmalloc-192(991:pod7)", False),
        ("task_struct", False),
        ("kmalloc-cg-512", False),
    ],
)
def test_a_cache_explains_the_kind_of_slab_that_it_is_counted_in(cache, reclaimable):
    caches = WHOLE.slab_caches
    known = Attribution(replace(caches, caches=(replace(caches.caches[0], name=cache),)))
    assert bool(owner_sentence(known, "slab_reclaimable", "bytes")) is reclaimable
    assert bool(owner_sentence(known, "slab_unreclaimable", "bytes")) is not reclaimable


def test_a_cache_that_holds_little_explains_nothing():
    """50 MiB are 10 % of 500 MiB and less of 501 MiB."""
    mib = 1024**2
    assert owner_sentence(WHOLE, "slab_unreclaimable", "bytes", 500 * mib).startswith(
        "The largest cache is kmalloc-512 with 50 MiB"
    )
    expected = "No single cache explains it: the largest, kmalloc-512, has 50 MiB."
    assert owner_sentence(WHOLE, "slab_unreclaimable", "bytes", 501 * mib) == expected
    assert owner_sentence(WHOLE, "vmalloc", "bytes", 20 * mib) == SENTENCES["vmalloc", "bytes"]
    assert (
        owner_sentence(WHOLE, "vmalloc", "bytes", 21 * mib)
        == "No single caller explains it: the largest, bpf_prog_alloc_no_stats, has 2 MiB."
    )
    assert owner_sentence(Attribution(), "vmalloc", "bytes", 21 * mib) == ""


def test_a_finding_names_its_owner():
    known = attribution()
    known["slab_caches"]["caches"][1]["bytes"] = 5 * GIB
    finding, without = (
        next(one for one in classify(facts, BUILT_IN, "production").findings if one.dimension == "slab_unreclaimable")
        for facts in (
            facts_of(slab_unreclaimable_bytes=11 * GIB, attribution=known),
            facts_of(slab_unreclaimable_bytes=11 * GIB),
        )
    )
    assert (
        "). The largest cache is kmalloc-512 with 5 GiB (shared with eventpoll_pwq, pool_workqueue)."
        in finding.explanation
    )
    assert finding.explanation.startswith(without.explanation + " The largest")


@pytest.mark.parametrize("hostile", ["x\nVERDICT  Ready", "\x1b[2J\u202e", "<script>", "n" * 3000, ""])
def test_names_stay_on_one_short_line(hostile):
    known = attribution()
    known["slab_caches"]["caches"][0].update(name=hostile or None, aliases=[hostile] * 3)
    known["page_table_processes"]["processes"][0].update(command=hostile, container_id=hostile)
    for dimension in ("slab_unreclaimable", "page_tables"):
        sentence = owner_sentence(attribution_of(known), dimension, "bytes")
        assert sentence.isprintable() and sentence.endswith(".") and len(sentence) < 500


def test_numbers_that_are_null_do_not_stop_the_verdict():
    whole = attribution()
    for part in ("slab_caches", "page_table_processes", "thread_processes", "vmalloc_callers"):
        rows = ROWS[part]
        empty = {one.name: [] if one.name == "aliases" else None for one in fields(rows.entry)}
        whole[part][rows.field] = [empty] * len(whole[part][rows.field])
    known = attribution_of(whole)
    assert known.slab_caches.has_data and known.slab_caches.caches[0].bytes is None
    for dimension, unit in SENTENCES:
        assert isinstance(owner_sentence(known, dimension, unit), str)
