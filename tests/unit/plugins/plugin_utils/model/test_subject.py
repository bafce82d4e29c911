# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as rules read it: which memory its shares are of, what is not known, and the worst that may be said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import Holder
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import (
    NOT_KEPT,
    Subject,
    holders_remark,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import (
    BUILT_IN,
    GIB,
    MIB,
    facts_of,
    subject_of,
)

SETTINGS = BUILT_IN.environments["production"]
ZFS = {"name": None, "kind": "zfs", "bytes": None, "explanation": None}


def host(settings: Any = SETTINGS, **changes: Any) -> Subject:
    """A healthy host with these changes."""
    return subject_of(facts_of(**changes), settings)


def test_32_bit_hosts_with_high_memory_are_measured_by_low_memory():
    """The kernel's own memory has to fit there; what no counter names is a remainder of all RAM."""
    low = {"memory_total_bytes": 8 * GIB, "memory_low_total_bytes": 860 * MIB}
    assert host(**low).memory("slab_unreclaimable") == 860 * MIB
    assert host(**low).memory("unaccounted") == 8 * GIB
    assert host(**{**low, "memory_low_total_bytes": None}).memory("percpu") == 8 * GIB
    assert host(**{**low, "memory_low_total_bytes": 8 * GIB}).memory("percpu") == 8 * GIB
    assert host(memory_total_bytes=None, memory_low_total_bytes=1).memory("percpu") is None


def test_address_space_is_no_amount():
    """VmallocUsed of old kernels is said, and not judged."""
    old = host(vmalloc_meaning="area")
    assert old.amount("vmalloc") is None and old.amount("percpu") == 16 * MIB
    assert old.why_unknown("vmalloc") == (
        "VmallocUsed does not count pages on this kernel (its meaning is 'area'), so it is not judged."
    )
    assert old.why_unknown("vmalloc", "has no history").endswith("so it has no history.")


def test_what_is_not_known_has_the_reason_of_the_host():
    """On one line, whatever the host says; of a stored sample there is none."""
    blind = host(percpu_bytes=None, unavailable={"percpu_bytes": "This kernel has\nno Percpu line."})
    assert blind.why_unknown("percpu") == "This kernel has no Percpu line."
    assert replace(blind, facts=None).why_unknown("percpu") == NOT_KEPT


def test_the_most_severe_that_may_be_said():
    """The lowest of environment, policy and what holds the memory."""

    def most(dimension: str, one: Subject) -> str:
        return one.ceiling(dimension, "growth").severity

    assert most("percpu", host()) == "critical"
    assert most("percpu", host(replace(SETTINGS, highest_severity="warning"))) == "warning"
    assert most("percpu", host(replace(SETTINGS, severities={"percpu.growth": "info"}))) == "info"
    assert most("unaccounted", host(holders=[ZFS])) == "info"
    assert most("percpu", host(holders=[ZFS])) == "critical"
    assert most("unaccounted", host(holders=[{**ZFS, "bytes": GIB}])) == "critical"
    assert most("unaccounted", host(holders=[{**ZFS, "kind": "driver"}])) == "critical"


def test_a_ceiling_says_what_it_is_from():
    """The reader has to know whether to ask the policy or the host."""
    assert host(replace(SETTINGS, highest_severity="warning")).ceiling("percpu", "growth").remark == (
        "production hosts get a warning at most"
    )
    capped = host(replace(SETTINGS, severities={"percpu.*": "info"}))
    assert capped.ceiling("percpu", "growth").remark == "the policy allows information at most here"
    assert host(holders=[ZFS]).ceiling("unaccounted", "growth").remark == (
        "zfs may hold it and can't be measured, so this is information only"
    )


@pytest.mark.parametrize("name", ["{", "{}", "{0.__class__}", "%s", "a\nb"])
def test_a_holder_may_be_called_anything(name: str):
    """Names come from hosts and must neither stop the verdict nor mean anything in it."""
    ceiling = host(holders=[{**ZFS, "name": name}]).ceiling("unaccounted", "growth")
    assert ceiling.severity == "info" and ceiling.remark.startswith(name.replace("\n", " ") + " may hold it")


def test_holders_are_named_up_to_three():
    """A list of modules is no sentence."""

    def holders(*names: str) -> list[Holder]:
        return [Holder(name, "driver", None, None) for name in names]

    assert holders_remark(holders("a", "b\n")) == "a, b may hold it and can't be measured"
    assert holders_remark(holders(*"abcde")) == "a, b, c and 2 more may hold it and can't be measured"
