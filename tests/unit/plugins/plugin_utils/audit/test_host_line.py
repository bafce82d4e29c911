# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line of a host: put together from its pieces it is the JSON of the whole."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.host_line import Line
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import ENCODER
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, entry_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.entries import entry
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import finding, fleet

HOSTILE = '"similar_hosts":null,"similar_hosts_reason":null,"text":""},"groups":[],"transport":"x"'


def whole(line: Line, more: str = "", last: str = "") -> str:
    """The line with more members in the two places for them."""
    return "".join((line.head, line.fleet, line.middle, more, line.groups, last, line.transport))


def entries() -> list[Entry]:
    """Hosts that are well, ill and silent, and one that says what the places look like."""
    run, records = fleet(12, 3)
    plain = [*built(run, records, policy_of(None))["hosts"], entry()]
    odd = entry("odd", [finding(evidence={"groups": [HOSTILE], "transport": HOSTILE})])
    odd["accounting"]["terms"] = {"similar_hosts": None, "similar_hosts_reason": None, "text": 5, "transport": None}
    odd["unavailable"] = {"transport": HOSTILE, "groups": HOSTILE}
    return [entry_of(one) for one in [*plain, odd, {**odd, "name": HOSTILE, "groups": [HOSTILE]}]]


@pytest.mark.parametrize("one", entries(), ids=lambda one: one.name[:20])
def test_a_line_is_the_json_of_the_entry(one: Entry) -> None:
    """To the byte, whatever stands in it."""
    assert whole(Line.of(one)) == ENCODER.encode(one.as_plain())


@pytest.mark.parametrize("one", entries(), ids=lambda one: one.name[:20])
def test_more_members_stand_where_they_belong(one: Entry) -> None:
    """As if they had been in the entry when it was encoded."""
    line = whole(Line.of(one), '"generated_at":"now",', '"run_id":"r","schema":"s",')
    assert line == ENCODER.encode({**one.as_plain(), "generated_at": "now", "run_id": "r", "schema": "s"})
    assert json.loads(line)["run_id"] == "r"
