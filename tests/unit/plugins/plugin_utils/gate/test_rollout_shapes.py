# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of a rollout: what is said of a host whose record has nothing yet."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rollout_shapes import (
    STATES,
    HostRecord,
    attempt_of,
    is_facts,
    is_settled,
)

HOST_SCHEMA = Path(__file__).parents[5] / "docs" / "schemas" / "rollout-host-1.schema.json"
SCHEMA = Path(__file__).parents[5] / "docs" / "schemas" / "decision-1.schema.json"


def test_a_new_record_has_no_attempt_and_is_not_settled() -> None:
    """Nothing is taken for granted of it."""
    record = HostRecord(host="web1", status="untouched")
    assert attempt_of(record) == {} and not is_settled(record) and is_settled(record, unknown=True)
    record["settled"] = {"is_settled": False, "reason": "It moves.", "looks": 2}
    assert not is_settled(record, unknown=True)


def test_no_look_and_one_that_came_to_nothing_have_no_facts() -> None:
    """Neither is a reference."""
    assert not is_facts(None)
    assert not is_facts({"outcome": "unreachable", "facts": None})
    assert is_facts({"outcome": "facts", "facts": {}})


def test_the_schema_of_a_decision_knows_every_state() -> None:
    """Whoever reads decision.json meets no other."""
    host = json.loads(SCHEMA.read_text())["$defs"]["host"]
    assert set(host["properties"]["status"]["enum"]) == set(STATES)


def test_the_schema_of_a_host_has_the_fields_and_states_of_the_code() -> None:
    """A field that is added to one of them is added to the other."""
    schema = json.loads(HOST_SCHEMA.read_text())
    assert set(schema["properties"]) == {"format", *HostRecord.__annotations__}
    assert set(schema["properties"]["status"]["enum"]) == set(STATES)
