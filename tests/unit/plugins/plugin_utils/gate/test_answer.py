# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer grows worse with each reason; a look is checked facts or the reason why there are none."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer import Answer, blocks, is_same, look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON, settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts


@pytest.mark.parametrize(
    ("treatments", "outcome"),
    [
        ([], "good"),
        (["accept"], "good"),
        (["accept", "inconclusive"], "inconclusive"),
        (["bad", "inconclusive"], "bad"),
    ],
)
def test_an_answer_is_as_bad_as_its_worst_reason(treatments: list[str], outcome: str) -> None:
    """Whatever comes after it."""
    answer = Answer()
    for treatment in treatments:
        answer.add(treatment, "code", "It is so.")
    assert answer.outcome == outcome and len(answer.reasons) == len(treatments)


def test_facts_that_can_not_be_read_are_none() -> None:
    """A host may send anything, and a container shows no kernel of its own."""
    assert look("facts", None, {"host": 7}, NOON)["outcome"] == "unreadable"
    container = look("facts", None, healthy_facts(auditable=False, reason="It is a container."), NOON)
    assert (container["outcome"], container["message"]) == ("not_auditable", "It is a container.")


@pytest.mark.parametrize(
    ("severity", "status", "does"),
    [
        ("warning", "open", True),
        ("info", "open", False),
        ("critical", "waived", False),
        ("warning", "long_standing", False),
    ],
)
def test_what_blocks(severity: str, status: str, does: bool) -> None:
    """What has stood for long, or was waived, is said and does not."""
    assert blocks({"severity": severity, "status": status}, settings()) is does


def test_two_findings_are_the_same_by_what_they_are_about() -> None:
    """Not by their amounts."""
    one = {"dimension": "percpu", "kind": "limit", "unit": "bytes", "value": 1}
    assert is_same(one, {**one, "value": 2}) and not is_same(one, {**one, "kind": "growth"})
