# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who it is, worked out from what a host answers: with a trace, without one, and as a plain user sees it."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.sentences import answer_text
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    KIB,
    LEAKER,
    MIB,
    SETTINGS,
    answer,
    look,
    ramp,
    site,
    trace,
    traced,
    watch,
)


def test_a_healthy_host_has_no_culprit() -> None:
    """Nothing grows, and nobody is named."""
    found = answer(watch())
    assert (found.culprits, found.rates, found.grows) == ((), {}, False)
    assert answer_text(found) == "Nothing grows in 4 windows of 4 seconds"


def test_a_trace_and_an_object_of_the_same_process_are_one_culprit() -> None:
    """The function from the one, the object from the other."""
    found = answer(
        watch({"keys": {"0": MIB}, "cache": {"kmalloc-4k": 1.1 * MIB}}, SUnreclaim=ramp(1.2 * MIB, 200 * MIB)),
        look(caches={"kmalloc-4k": {"object_bytes": 4096}}),
        traced(trace("slab_unreclaimable", [site(["user_preparse"], 2.2 * MIB, [(LEAKER, 2.2 * MIB)])])),
    )
    first = found.culprits[0]
    assert (first.stack, first.what, first.confidence) == (("user_preparse",), "keys of user 0", "high")
    assert first.process is not None and first.process.pid == 4242


def test_reclaimable_caches_below_the_floor_are_nothing() -> None:
    """Dentries come and go on every healthy host."""
    assert not answer(watch({"cache": {"dentry": 60 * KIB}}), look(caches={"dentry": {"reclaimable": True}})).grows


def test_on_a_busy_host_a_cache_alone_is_nothing() -> None:
    """Inodes, and what follows them, grow for a while on every host that works with files."""
    busy = replace(SETTINGS, busy=True)
    grows = {"lsm_inode_cache": {"reclaimable": False}}
    found = answer(watch({"cache": {"lsm_inode_cache": 72 * KIB}}), look(caches=grows), settings=busy)
    assert answer_text(found) == "Nothing grows in 4 windows of 4 seconds, but for what is too little to name"
    assert answer(watch({"cache": {"lsm_inode_cache": 300 * KIB}}), look(caches=grows), settings=busy).grows


def test_reclaimable_slab_is_asked_where_hardly_anything_else_grows() -> None:
    """A little of something else must not hide what made the dentries."""
    told = look(caches={"dentry": {"reclaimable": True}, "kmalloc-192": {}})
    caches = {"dentry": 3 * MIB, "kmalloc-192": 100 * KIB}
    assert list(answer(watch({"cache": caches}, SReclaimable=ramp(3 * MIB, 400 * MIB)), told).rates) == [
        "slab_reclaimable",
        "slab_unreclaimable",
    ]
    more = {"dentry": 3 * MIB, "kmalloc-192": MIB}
    assert list(answer(watch({"cache": more}, SReclaimable=ramp(3 * MIB, 400 * MIB)), told).rates) == [
        "slab_unreclaimable"
    ]
