# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The states of a host in a rollout: forwards only, and no way out of having been touched but by being let through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decision import status_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import (
    MOVES,
    HostState,
    check_move,
)

SCHEMAS = Path(__file__).parents[5] / "docs" / "schemas"


def reached(state: HostState) -> set[HostState]:
    """All states that a host may come to from one."""
    found: set[HostState] = set()
    todo = [state]
    while todo:
        for one in MOVES[todo.pop()]:
            if one not in found:
                found.add(one)
                todo.append(one)
    return found


def test_every_state_has_its_moves_and_is_reached() -> None:
    """None is forgotten, and each leads to the end."""
    assert set(MOVES) == set(HostState)
    assert reached(HostState.PLANNED) == set(HostState) - {HostState.PLANNED}
    assert all(HostState.IN_SERVICE in reached(state) for state in HostState if state is not HostState.IN_SERVICE)


def test_a_host_that_was_touched_is_never_untouched_again_and_one_that_is_done_never_changed_again() -> None:
    """Else it would be changed twice, and compared with itself."""
    for state in HostState:
        if not state.is_untouched:
            assert not any(one.is_untouched for one in reached(state)), state
        if state.is_done:
            assert all(one.is_done for one in reached(state)), state


def test_only_a_failure_leads_to_another_change() -> None:
    """What was seen back or judged is judged again; so no state leads back to itself but by a failure."""
    for state in HostState:
        if state.is_touched and state in reached(state):
            assert HostState.FAILED in reached(state), state
    assert HostState.CHANGING not in MOVES[HostState.BACK] + MOVES[HostState.JUDGED]


def test_every_state_is_untouched_or_touched_or_done() -> None:
    """Just one of the three."""
    assert all([state.is_untouched, state.is_touched, state.is_done].count(True) == 1 for state in HostState)
    assert [state.value for state in HostState if state.is_under_way] == ["draining", "drained", "changing", "changed"]


def test_a_move_that_is_not_allowed_is_refused_by_name() -> None:
    """Staying is none."""
    check_move("web1", HostState.FAILED, HostState.FAILED)
    with pytest.raises(ValueError, match="web1 is accepted in this rollout, and a host that is so can't become fit"):
        check_move("web1", HostState.ACCEPTED, HostState.FIT)


def test_the_schemas_know_every_state() -> None:
    """Whoever reads decision.json or a host's file meets no other."""
    decision = json.loads((SCHEMAS / "decision-1.schema.json").read_text())["$defs"]["host"]["properties"]
    host = json.loads((SCHEMAS / "rollout-host-2.schema.json").read_text())["properties"]
    states = {state.value for state in HostState}
    assert set(decision["state"]["enum"]) == set(host["state"]["enum"]) == states
    words = {status_of(HostRecord("web1", state, is_overridden=over)) for state in HostState for over in (True, False)}
    assert words == set(decision["status"]["enum"])
