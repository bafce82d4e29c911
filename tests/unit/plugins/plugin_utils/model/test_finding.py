# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Findings: one order of severities, copies that change only what is asked for, and the order of what is shown."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import (
    SEVERITIES,
    Finding,
    in_order,
    mildest,
    rank,
    worst,
)


def finding(dimension: str = "percpu", severity: str = "warning", value: float = 2, limit: float = 1) -> Finding:
    """A finding with short words."""
    return Finding(dimension, "limit", severity, "current", value, limit, "bytes", "1", "It is high.", "Look.", "true")


def test_the_worst_severity_is_the_first() -> None:
    """Every list, table and decision relies on this order."""
    assert SEVERITIES == ("critical", "warning", "info")
    assert rank("critical") < rank("warning") < rank("info")
    assert worst(["info", "critical", "warning"]) == "critical" and worst([]) is None
    assert mildest(["warning", "critical"]) == "warning"
    with pytest.raises(ValueError):
        mildest([])


def test_a_copy_has_what_is_asked_for_and_the_rest_unchanged() -> None:
    """A sentence comes behind the explanation, and evidence is added; nothing else moves."""
    before = finding().replaced(evidence={"a": 1})
    after = before.replaced(severity="info", status="waived", sentence="It is known.", evidence={"b": 2}, pattern="x")
    assert (after.severity, after.status, after.pattern) == ("info", "waived", "x")
    assert after.explanation == "It is high. It is known."
    assert after.evidence == {"a": 1, "b": 2}
    assert (after.key, after.value, after.limit, after.unit) == (before.key, before.value, before.limit, before.unit)
    assert (after.expected, after.next_step, after.command) == ("1", "Look.", "true")
    assert before == finding().replaced(evidence={"a": 1})
    assert before.replaced() == before
    words = before.replaced(explanation="It is low.", next_step="Wait.", command="false")
    assert (words.explanation, words.next_step, words.command) == ("It is low.", "Wait.", "false")


@pytest.mark.parametrize("name", ["severity", "explanation", "evidence"])
def test_a_finding_does_not_change(name: str) -> None:
    """Several rules hold the same finding."""
    with pytest.raises(FrozenInstanceError):
        setattr(finding(), name, "x")


def test_findings_are_shown_the_worst_first_and_then_what_exceeds_its_limit_most() -> None:
    """Equal ones by name, so that two runs agree. A limit of 0 divides nothing."""
    given = [
        finding("a", "info", 100),
        finding("c", "warning", 2),
        finding("b", "warning", 2),
        finding("d", "warning", 3),
        finding("e", "critical", 1),
    ]
    assert [one.dimension for one in in_order(given)] == ["e", "d", "b", "c", "a"]
    assert finding(value=5, limit=0).share == 5


def test_the_plain_form_is_the_documented_one() -> None:
    """audit.json has these fields in this order."""
    assert list(finding().as_plain()) == [
        "dimension",
        "kind",
        "severity",
        "status",
        "value",
        "limit",
        "unit",
        "expected",
        "explanation",
        "next_step",
        "command",
        "meaning",
        "pattern",
        "evidence",
    ]
