# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""audit.json keeps to its published schema and is easy on grep and diff."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

POLICY = policy_of(None)
SCHEMA = json.loads(
    (Path(__file__).parents[5] / "docs" / "schemas" / "audit-1.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def audit():
    run, records = synthetic.fleet(300)
    records["web-container"] = synthetic.record("web-container")
    records["web-container"]["facts"]["platform"] |= {
        "kind": "container",
        "auditable": False,
        "reason": "lxcfs shows its own meminfo.",
    }
    run = synthetic.run((*run.targets, "web-container"), run.groups)
    return built(run, records, POLICY)


def problems(document):
    return [
        f"{list(error.path)}: {error.message}"
        for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(document)
    ]


def test_the_schema_itself_is_sound():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_a_fleet_with_some_of_everything_keeps_to_the_schema(audit):
    assert problems(json.loads(audit_json.render(read(audit)))) == []


def test_the_schema_refuses_unknown_fields_missing_fields_and_health_without_data(audit):
    document = json.loads(audit_json.render(read(audit)))
    mute = next(host for host in document["hosts"] if host["no_data"])
    assert problems(document | {"extra": 1})
    assert problems({key: value for key, value in document.items() if key != "decision"})
    assert problems(document | {"hosts": [mute | {"verdict": "ok"}]})
    assert problems(document | {"hosts": [mute | {"no_data": None}]})
    assert problems(document | {"hosts": []})


def test_each_host_is_one_line(audit):
    lines = audit_json.render(read(audit)).splitlines()
    for host in audit["hosts"]:
        assert sum(f'"name":{json.dumps(host["name"])}' in line for line in lines) == 1


def test_the_text_is_ascii_sorted_and_the_same_every_time(audit):
    text = audit_json.render(read(audit))
    assert text.isascii() and text == audit_json.render(read(json.loads(text)))
    assert list(json.loads(text)) == sorted(audit)


def test_a_number_that_json_has_no_word_for_is_refused(audit):
    with pytest.raises(ValueError, match="JSON"):
        audit_json.render(replace(read(audit), started_at=float("nan")))
