# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate judges as the audit does: its own words of a host are those of ``judging/judge.py``."""

from __future__ import annotations

from datetime import date

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.judgement import Judge, Seen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import judge_fleet
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import days_of, series_before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON, POLICY
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import (
    GIB,
    facts_of,
    healthy_facts,
    subject_of,
)

SICK = {"slab_unreclaimable_bytes": 11 * GIB, "boot_id": "one", "uptime_seconds": 100 * 86400}


def seen(name: str = "web1", **changes: object) -> Seen:
    """A look at a host."""
    return Seen(name, "production", ("web",), NOON, healthy_facts(**changes))


def test_a_healthy_host_has_no_finding_and_a_sick_one_has_those_of_the_audit() -> None:
    """The same severity, status and sentence."""
    found = Judge(POLICY).judge([seen("web1"), seen("web2", **SICK)], NOON)
    assert (found["web1"].verdict, found["web1"].findings) == ("ok", ())
    subject = subject_of(facts_of(**SICK), name="web2")
    audit = judge_fleet([subject], None, (), date(2026, 11, 24)).hosts["web2"]
    assert [(one.key, one.severity, one.status) for one in found["web2"].findings] == [
        (one.key, one.severity, one.status) for one in audit.findings
    ]
    assert found["web2"].verdict == "critical"


def test_the_history_of_a_host_counts() -> None:
    """What grew before the look is growth in the gate as well; without a history it is not asked for."""
    known = series_before(days_of("slab_unreclaimable", [600 + 200 * day for day in range(30)]))
    look = Seen("web1", "production", (), "2026-11-24T12:00:00Z", healthy_facts(slab_unreclaimable_bytes=GIB))
    with_past = Judge(POLICY, {"web1": known}).judge([look], NOON)["web1"]
    without = Judge(POLICY).judge([look], NOON)["web1"]
    assert without.verdict == "ok"
    assert with_past.verdict in ("ok", "warning", "critical") and not with_past.is_unknown


def test_a_host_that_shows_nothing_is_unknown_with_a_reason() -> None:
    """Which is no healthy host: its counters are missing, or its facts are no facts."""
    missing = [*(f"{name}_bytes" for name in LIMITED), "memory_total_bytes", "threads"]
    empty = healthy_facts(**dict.fromkeys(missing))
    looks = [Seen(name, "production", (), NOON, facts) for name, facts in (("a", empty), ("b", {"schema_version": 1}))]
    found = Judge(POLICY).judge(looks, NOON)
    assert found["a"].is_unknown and found["a"].reason
    assert found["b"].is_unknown and found["b"].reason


def test_what_is_waived_is_no_finding() -> None:
    """By the name and the groups of the inventory, as in an audit."""
    waiver = {"hosts": "web", "reason": "The vendor is at work on it.", "until": "2999-12-31"}
    names = ("slab_unreclaimable", "kernel_unreclaimable")
    policy = policy_of({"waivers": [{**waiver, "dimension": name} for name in names]})
    assert Judge(policy).judge([seen(**SICK)], NOON)["web1"].verdict == "ok"
