# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Equal parts are one object, and what the rules over the fleet read stays."""

from __future__ import annotations

import copy
from datetime import date

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.host import judged_entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.shared_parts import Same
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import judge_alone
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import Judged
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.measures import measures_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import subject


def judged(name: str) -> Judged:
    """A host that was judged by its limits."""
    return judge_alone(subject(name), (), date(2026, 11, 24))


def test_equal_parts_of_two_hosts_are_one_object() -> None:
    """Platforms, coverages and groups: there are few different ones."""
    same, entries = Same(), []
    for name in ("web1", "web2"):
        one = copy.deepcopy(judged(name))
        assert one.subject.facts is not None
        start = Entry(name, "production", "default", ("a", "b")).answered(one.subject.facts, None)
        entries.append(same.in_short(judged_entry(start, one, None, "2026-11-24T12:00:00Z")))
    first, second = entries
    assert first.platform is second.platform and first.coverage is second.coverage and first.groups is second.groups


def test_a_host_without_weight_is_compared_as_before() -> None:
    """Its measures, its reasons and its ceilings are what they were."""
    heavy, light = judged("web1"), judged("web1")
    Same().lighten(light)
    assert measures_of(light.subject) == measures_of(heavy.subject)
    for dimension in ("percpu", "unaccounted"):
        assert light.subject.ceiling(dimension, "limit") == heavy.subject.ceiling(dimension, "limit")
        assert light.subject.why_unknown(dimension) == heavy.subject.why_unknown(dimension)
    assert light.subject.sample == heavy.subject.sample and light.subject.platform == heavy.subject.platform
    assert light.subject.attribution.slab_caches is None
