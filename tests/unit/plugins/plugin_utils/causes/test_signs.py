# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs in slab: each has its evidence, and a look-alike without it is not named. tests of apply have the incidents."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes import signs
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.scene import Scene
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import subject_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import CONTAINER_HOST, GIB, PHYSICAL, machine

SLAB = Finding(**synthetic.finding("slab_unreclaimable", "critical"))
REST = Finding(**synthetic.finding("unaccounted", "critical"))


def scene(findings=(SLAB,), growing=None, caches=None, zfs_pages=0, slab=2 * GIB, **host):
    """A host of 64 GiB with caches of so many MiB, and with findings."""
    if caches is not None:
        rows = [[name, 256 * mib, 256 * mib, 4096, 1, 1, 256 * mib] for name, mib in caches.items()]
        pages = sum(row[6] for row in rows)
        part = {"rows": rows, "pages": pages, "caches": len(rows), "zfs_pages": zfs_pages}
        host = {"parts": {"slab": part}} | host
    return Scene(subject_of(machine(ram=64 * GIB, su=slab, **host)), findings, growing or {})


@pytest.mark.parametrize(
    ("release", "host", "named"),
    [
        ("3.10.0-957.el7.x86_64", {"signs": CONTAINER_HOST}, True),
        ("3.10.0-1074.el7.x86_64", {"signs": CONTAINER_HOST}, True),
        ("3.10.0-1075.el7.x86_64", {"signs": CONTAINER_HOST}, False),
        ("3.10.0-957.el7.x86_64", {"signs": PHYSICAL, "cgroups": 1999}, True),
        ("3.10.0-957.el7.x86_64", {"signs": PHYSICAL, "cgroups": 1998}, False),
        ("3.10.0-957.el7.x86_64", {"signs": PHYSICAL, "caches": {"kmalloc-64(12:a)": 900}}, True),
        ("3.100.0-1", {"signs": CONTAINER_HOST}, False),
        ("4.18.0-957.el8.x86_64", {"signs": CONTAINER_HOST}, False),
    ],
)
def test_the_accounting_of_old_kernels_leaks_only_where_it_is_used(release, host, named):
    """It was mended in build 1075; a machine without containers, with less than 2,000 groups (the root is one more than
    the descendants that are counted), does not account.
    """
    assert bool(signs.old_kmem_accounting(scene(release=release, **host), SLAB)) is named


def test_caches_that_are_not_accounted_are_no_leak_of_the_accounting():
    """The old kernel has other troubles, too."""
    assert not signs.old_kmem_accounting(
        scene(
            release="3.10.0-957.el7.x86_64", signs=CONTAINER_HOST, caches={"task_struct": 1900, "sighand_cache": 100}
        ),
        SLAB,
    )


@pytest.mark.parametrize(("mib", "named"), [(520, True), (480, False)])
def test_a_cache_with_the_name_of_a_module_is_the_modules(mib, named):
    """From a quarter of slab on, and only where the module is loaded."""
    caches = {"falcon_lsm_event": mib, "kmalloc-64": 2048 - mib}
    said = signs.cache_of_module(scene(caches=caches, outside=["falcon_lsm"]), SLAB)
    assert bool(said) is named and (not named or "the module falcon_lsm, which is loaded" in said)
    assert signs.cache_of_module(scene(caches=caches), SLAB) == ""


def test_packets_without_copies_need_a_driver_that_captures_them():
    """kmalloc alone is everybody's."""
    caches = {"kmalloc-2k": 1900}
    assert "pf_ring is loaded for packet capture" in signs.zero_copy_driver(
        scene(caches=caches, outside=["pf_ring"]), SLAB
    )
    assert signs.zero_copy_driver(scene(caches=caches), SLAB) == ""
    assert signs.zero_copy_driver(scene(caches=caches, outside=["nvidia"]), SLAB) == ""


@pytest.mark.parametrize(("stored_mib", "named"), [(511, False), (513, True), (4000, True)])
def test_the_content_of_keys_lies_in_general_caches(stored_mib, named):
    """Long keys have few heads; what the kernel charges their users with is what they hold."""
    users = {"proc/key-users": f"    0: 9 8/8 8000/1000000 {stored_mib << 20}/{1 << 40}\n"}
    parts = {"slab": {"rows": [["kmalloc-4k", 0, 500_000, 4096, 1, 1, 500_000]], "pages": 500_000, "caches": 1}}
    given = scene(files=users, parts=parts | {"limits": {}})
    said = signs.kernel_keys(given, SLAB)
    assert bool(said) is named
    assert not named or "The user with the id 0 has 8 of 8 keys." in said


@pytest.mark.parametrize(("mib", "named"), [(830, True), (810, False)])
def test_general_caches_are_said_from_two_fifths_on(mib, named):
    """They say nothing of who it is, and less than that does not even say what."""
    said = signs.kmalloc(scene(caches={"kmalloc-512": mib, "inode_of_some_fs": 2048 - mib}), SLAB)
    assert bool(said) is named
    assert "module" not in said


def test_modules_from_outside_are_named_as_possible():
    """A general cache that leaks is mostly a driver's; the sentence does not say that it is this one."""
    said = signs.kmalloc(scene(caches={"kmalloc-512": 1900}, outside=["mystery"]), SLAB)
    assert said.endswith(" These modules are not part of the kernel: mystery.")
    tainted = scene(caches={"kmalloc-512": 1900}, files={"proc/sys/kernel/tainted": "4096\n"})
    assert "has been loaded since boot" in signs.kmalloc(tainted, SLAB) or tainted.out_of_tree is False


def test_a_container_host_that_nobody_explains_needs_both_to_be_high():
    """One alone has other causes."""
    both = scene((SLAB, REST), signs=CONTAINER_HOST)
    assert "high together" in signs.containers_unexplained(both, SLAB)
    assert signs.containers_unexplained(scene((SLAB,), signs=CONTAINER_HOST), SLAB) == ""
    assert signs.containers_unexplained(scene((SLAB, REST), signs=PHYSICAL), SLAB) == ""


@pytest.mark.parametrize(("negative", "named"), [(500, True), (499, False)])
def test_names_of_no_files_are_half_of_the_names(negative, named):
    """A web server has some, a broken search path has millions."""
    files = {"proc/sys/fs/dentry-state": f"1000\t10\t45\t0\t{negative}\t0\n"}
    parts = {"objects": {}}
    said = signs.names_of_no_files(scene(files=files, parts=parts), Finding(**synthetic.finding("slab_reclaimable")))
    assert (said == "500 of 1,000 dentries are names of files that do not exist.") is named


def test_an_object_limit_is_of_its_object_alone():
    """A full table of connections is not a full table of keys."""
    full = Finding(**synthetic.finding("object_limits", unit="count", evidence={"object": "conntrack"}))
    keys = Finding(**synthetic.finding("object_limits", unit="count", evidence={"object": "keys"}))
    assert signs.connection_tracking(scene(), full) == "Connection tracking is nearly full."
    assert signs.connection_tracking(scene(), keys) == signs.names_of_no_files(scene(), keys) == ""
    assert signs.object_of(SLAB) == ""
