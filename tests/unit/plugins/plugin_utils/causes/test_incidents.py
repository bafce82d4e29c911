# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known incidents, with the numbers that were made public: each is recognised, or it is said why the numbers of a host
can't show it.

What a report does not say (RAM, the size of what was quiet) is chosen so that the incident hurts, as it did.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.table import NOT_RECOGNISED, PATTERNS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit.machines import GIB, judged, machine
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.causes import (
    incidents_beside_slab as _others,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.causes import (
    incidents_of_slab as _slab,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.causes.look_alikes import LOOK_ALIKES

DOCUMENT = (Path(__file__).parents[5] / "docs" / "patterns.md").read_text(encoding="utf-8")
INCIDENTS = sorted((*_slab.INCIDENTS, *_others.INCIDENTS), key=lambda one: one.number)
IDS = [f"{one.number} {one.reference}" for one in INCIDENTS]


@pytest.mark.parametrize("incident", INCIDENTS, ids=IDS)
def test_an_incident_is_found_and_its_cause_named(incident):
    verdict, findings = judged(machine(**incident.host), incident.more, incident.growing)
    counting = {one.dimension: one.pattern for one in findings if one.severity != "info"}
    assert (verdict, counting) == (incident.verdict, incident.found)
    for one in findings:
        assert one.explanation.isprintable() and one.explanation.endswith("."), one.explanation


@pytest.mark.parametrize("incident", INCIDENTS, ids=IDS)
def test_the_documents_say_where_an_incident_was_seen(incident):
    for reference in incident.reference.split(", "):
        assert reference in " ".join(DOCUMENT.split()), reference


def test_every_incident_has_a_row():
    assert {one.number for one in INCIDENTS} == set(range(1, 28))


def test_what_the_numbers_can_not_show_is_named_with_its_reason():
    silent = {one.not_recognised for one in INCIDENTS if one.not_recognised}
    assert silent <= {*NOT_RECOGNISED}
    for name in silent:
        assert re.search(rf"^##+ .*`{name}`$", DOCUMENT, re.MULTILINE), name
    for name, reason in NOT_RECOGNISED.items():
        assert reason in DOCUMENT, name


def test_information_on_a_healthy_host_names_its_cause_too():
    """Incidents 15 and 23 are no defects: a balloon, and a hypervisor that could add CPUs."""
    _verdict, (only,) = judged(machine(**next(one for one in INCIDENTS if one.number == 15).host))
    assert (only.dimension, only.severity, only.pattern) == ("unaccounted", "info", "balloon")
    beside = Finding(
        "percpu",
        "disproportion",
        "info",
        status="current",
        value=840 * 1024,
        limit=400 * 1024,
        unit="bytes_per_cpu",
        expected="",
        explanation="It is high.",
        next_step="",
        command="",
        evidence={},
    )
    _verdict, (only,) = judged(machine(**next(one for one in INCIDENTS if one.number == 23).host), [beside])
    assert only.pattern == "percpu_by_possible_cpus"
    assert "prepared for 128 CPUs, 1 are online" in only.explanation


def test_reclaimable_slab_alone_is_no_incident_while_memory_is_available():
    """The first incident on the day before it hurt."""
    host = dict(next(one for one in INCIDENTS if one.number == 1).host, available=20 * GIB)
    assert judged(machine(**host)) == ("ok", [])


def test_every_pattern_is_seen_in_an_incident_or_has_a_test_of_its_own():
    seen = {pattern for one in INCIDENTS for pattern in one.found.values()}
    shown = {one.pattern for one in LOOK_ALIKES if one.sick}
    assert {pattern.name for pattern in PATTERNS} - seen - shown == {"balloon", "percpu_by_possible_cpus"}
