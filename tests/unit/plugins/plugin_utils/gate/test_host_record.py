# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a host: what is said of one of which nothing is known yet, and who waits to be brought back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import (
    Attempt,
    HostRecord,
    Settled,
    is_facts,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON


def test_a_new_record_has_no_attempt_and_is_not_settled() -> None:
    """Nothing is taken for granted of it."""
    record = HostRecord("web1")
    assert not record.was_there and not record.is_settled() and record.is_settled(unknown=True)
    assert not replace(record, settled=Settled(False, "It moves.", 2)).is_settled(unknown=True)


def test_no_look_and_one_that_came_to_nothing_have_no_facts() -> None:
    """Neither is a reference."""
    assert not is_facts(None)
    assert not is_facts({"outcome": "unreachable", "facts": None})
    assert is_facts({"outcome": "facts", "facts": {}})


def test_a_record_moves_forwards_and_stays_as_it_was_where_it_may_not() -> None:
    """It is frozen: whoever has it sees no change."""
    fit = HostRecord("web1").moved(HostState.FIT)
    assert fit.moved(HostState.CHANGING).state is HostState.CHANGING and fit.state is HostState.FIT
    with pytest.raises(ValueError, match="can't become planned"):
        fit.moved(HostState.CHANGING).moved(HostState.PLANNED)


def test_a_host_that_was_judged_is_not_taken_back_to_being_seen() -> None:
    """Looked at once more, it is judged again from where it is."""
    assert HostRecord("web1", HostState.JUDGED).seen_back().state is HostState.JUDGED
    assert HostRecord("web1", HostState.FAILED).seen_back().state is HostState.BACK


@pytest.mark.parametrize(
    ("state", "serves", "was_there", "waits"),
    [
        (HostState.ACCEPTED, True, False, True),
        (HostState.ACCEPTED, False, False, False),
        (HostState.ACCEPTED, True, True, False),
        (HostState.OVERRIDDEN, True, False, True),
        (HostState.RETURNING, False, False, True),
        (HostState.IN_SERVICE, True, False, False),
        (HostState.FAILED, True, False, False),
    ],
)
def test_who_waits_to_be_brought_back(state: HostState, serves: bool, was_there: bool, waits: bool) -> None:
    """Whom the rollout let through; where a try has failed, whatever steps today's run has."""
    attempt = Attempt("run-1", NOON, "boot", "6 x", was_there)
    assert HostRecord("web1", state, attempt=attempt).waits_for_service(serves) is waits
