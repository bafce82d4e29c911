# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of a host before it is changed."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer import look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer_before import (
    answer_before,
    with_judgement,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    NOON,
    SICK,
    before_look,
    judgement,
    lost_look,
    settings,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, healthy_facts


def before(one: dict[str, Any], **changes: Any) -> tuple[str, bool, list[str]]:
    """The answer before a change: outcome, whether it may be touched, codes."""
    answer, judged = answer_before(one, settings(**changes)), judgement(one)
    if judged is not None:
        answer = with_judgement(answer, judged, settings(**changes))
    return answer["outcome"], answer["may_touch"], [reason["code"] for reason in answer["reasons"]]


def test_a_sick_host_may_be_touched() -> None:
    """The change may be its cure; it is marked as no reference."""
    one = before_look(**SICK)
    assert before(one) == ("good", True, ["sick"])
    judged = judgement(one)
    assert judged is not None
    assert with_judgement(answer_before(one, settings()), judged, settings())["sick"]


def test_what_makes_touching_a_host_unsafe() -> None:
    """It can't be reached, says nothing, is no kernel of its own, or has no memory left for an upgrade."""
    container = look("facts", None, healthy_facts(auditable=False, reason="It is a container."), NOON)
    assert before(lost_look()) == ("bad", False, ["unreachable"])
    assert before(lost_look("no_python", "no Python")) == ("bad", False, ["no_data"])
    assert before(container) == ("bad", False, ["no_data"])
    assert before(before_look(memory_available_bytes=GIB)) == ("bad", False, ["little_memory"])
    assert before(before_look(memory_available_bytes=GIB), minimum_available_percent=None) == ("good", True, [])
    accepting = {"states": {**settings()["states"], "unknown": "accept", "unreachable": "accept"}}
    assert before(lost_look("no_python"), **accepting) == ("good", True, ["no_data"])
    assert before(lost_look(), **accepting) == ("good", False, ["unreachable"])
