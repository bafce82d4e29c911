# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What patterns look at: sums of one host, and of owners that have grown in the time of a finding."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.scene import (
    Scene,
    growth_of,
    past_of,
    since_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import subject_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import GIB, machine

MIB = 1024**2
SLAB = Finding(**synthetic.finding("slab_unreclaimable", "critical"))


def scene(findings=(SLAB,), growing=None, **host):
    return Scene(subject_of(machine(ram=16 * GIB, **({"su": 2 * GIB} | host))), findings, growing or {})


def slab(**caches):
    """A host with caches of so many MiB each, in pages of 4 KiB."""
    rows = [[name, 256 * mib, 256 * mib, 4096, 1, 1, 256 * mib] for name, mib in caches.items()]
    return {
        "parts": {"slab": {"rows": rows, "pages": sum(row[6] for row in rows), "caches": len(rows), "zfs_pages": 0}}
    }


def test_what_is_not_known_is_nothing_that_could_be_a_cause():
    """A pattern compares sizes, and an unknown one is the largest of nothing."""
    one = scene()
    assert one.size("unheard_of") == 0 and one.slope("vmalloc") == 0.0
    assert one.commands == one.page_table_processes == one.thread_processes == () and one.outside_caches == 0
    assert scene(growing={"vmalloc": 5.0}).slope("vmalloc") == 5.0
    without = Scene(replace(subject_of(machine(ram=16 * GIB, su=GIB)), facts=None), (), {})
    assert (without.page_size, without.cpus_online, without.term("free_bytes"), without.outside) == (
        None,
        None,
        None,
        (),
    )


def test_what_is_information_or_a_fall_alarms_nobody():
    """A pattern that asks whether two dimensions are high together means those that count."""
    quiet = Finding(**synthetic.finding("percpu", "info"))
    fall = Finding(**synthetic.finding("vmalloc", "warning", kind="drop"))
    assert scene((SLAB, quiet, fall)).alarmed == {"slab_unreclaimable"}


def test_caches_are_those_of_the_kind_that_is_asked():
    """Dentries are given back; who looks for what can't be is not led to them."""
    one = scene(sr=GIB, **slab(dentry=900, **{"kmalloc-512": 700}))
    assert [row.name for row in one.holdings(SLAB).caches] == ["kmalloc-512"]
    assert [row.name for row in one.holdings(SLAB, reclaimable=True).caches] == ["dentry"]
    assert one.holdings(SLAB) is one.holdings(SLAB)


def test_copies_for_control_groups_are_seen_by_their_names():
    """The kernels that made them are those that leak by them."""
    assert scene(**slab(**{"kmalloc-64(12:a.service)": 5})).has_group_caches
    assert not scene(**slab(**{"kmalloc-64": 5})).has_group_caches


def vmalloc(*rows):
    return {
        "parts": {
            "vmalloc": {"rows": list(rows), "pages": 99999, "ioremap_bytes": 0, "stack_pages": 0, "jit_pages": 0}
        },
        "vmalloc": 1000,
    }


@pytest.mark.parametrize(("percent", "said"), [(39, True), (41, False)])
def test_callers_are_named_from_their_share_on(percent, said):
    """400 of 1,000 MiB: below the share that a pattern asks for it is chance."""
    callers = [["bpf_prog_alloc.isra.0 [x]", 256 * 300, 9], ["bpf_map_alloc", 256 * 100, 9], ["other", 256 * 500, 1]]
    one = scene(**vmalloc(*callers))
    finding = Finding(**synthetic.finding("vmalloc"))
    words = one.allocated_by(finding, re.compile("bpf_.*"), percent)
    assert words == ("bpf_prog_alloc.isra.0 [x] and its like hold 400 MiB, 40.0 % of it." if said else "")


def test_stacks_are_no_caller():
    """They are counted by themselves, and would be named as the owner of all vmalloc memory."""
    one = scene(**vmalloc(["dup_task_struct", 256 * 900, 9]))
    assert one.allocated_by(Finding(**synthetic.finding("vmalloc")), re.compile(".*dup_task.*"), 10) == ""


def test_modules_from_outside_are_named_in_a_few_words():
    """A host with thirty of them has no sentence of thirty names."""
    many = scene(outside=tuple(f"m{number}" for number in range(8)))
    assert many.out_of_tree and many.outside_named == "m0, m1, m2, m3, m4, m5 and 2 more"
    assert not scene().out_of_tree and scene().outside_named == ""


@pytest.mark.parametrize(
    ("kind", "since", "expected"),
    [("growth", "2026-11-04T12:00:00Z", 1793793600), ("limit", "2026-11-04T12:00:00Z", None), ("growth", None, None)],
)
def test_only_what_goes_on_over_time_has_a_beginning(kind, since, expected):
    """A limit is of now, whatever its evidence says."""
    assert since_of(Finding(**synthetic.finding(kind=kind, evidence={"since": since}))) == expected


def test_a_sudden_change_has_brought_what_is_above_the_usual():
    """2 GiB where 1.5 are usual are half a GiB to find the owner of."""
    spike = synthetic.finding(kind="spike", value=2048 * MIB, evidence={"median_bytes": 1536 * MIB})
    assert growth_of(Finding(**spike)) == 512 * MIB
    assert growth_of(Finding(**(spike | {"evidence": {}}))) == 2048 * MIB
    assert growth_of(Finding(**(spike | {"kind": "growth"}))) == 2048 * MIB


def test_without_a_past_nobody_has_grown():
    """Not even who holds most."""
    one = scene(**slab(**{"kmalloc-512": 700}))
    finding = Finding(**synthetic.growth("slab_unreclaimable", evidence={"since": "2026-11-04T12:00:00Z"}))
    subject = subject_of(machine(ram=16 * GIB, su=GIB))
    assert past_of(replace(subject, facts=None)).grown is not None
    assert not one.holdings(finding).grown and one.number(finding, "threads") is None
