# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts, one culprit; and the document that all outputs are made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.whole import (
    earlier_answer,
    host_of_results,
    investigation_text,
    read_investigation,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    healthy,
    lost,
    page_tables,
    sick,
    whole,
)

SCHEMA = json.loads(
    (Path(__file__).parents[5] / "docs" / "schemas" / "investigation-1.schema.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("made", [sick, healthy, lost, lambda name: page_tables(name, "db")])
def test_a_document_keeps_to_its_schema(made: Any) -> None:
    """Whoever reads it with a program relies on it."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    found = json.loads(investigation_text(whole(made("web1"), made("web2"))))
    validator.validate(found)
    found["hosts"][0]["extra"] = 1
    assert not validator.is_valid(found)


def test_a_document_is_read_back_and_others_are_refused() -> None:
    """In one sentence."""
    found = whole(sick("web1"), lost("web2"))
    assert read_investigation(investigation_text(found), "x.json") == json.loads(investigation_text(found))
    for text in ("", "[]", "{}", '{"schema": "other"}', json.dumps({**found, "hosts": [{}]})):
        with pytest.raises(ValueError, match=r"x\.json is no .*\.$"):
            read_investigation(text, "x.json")


def test_a_host_is_made_of_what_its_tasks_returned() -> None:
    """The last with an answer counts; a failure after an answer takes nothing away."""
    told = {"investigation": sick("a")}
    assert host_of_results("a", "sick", [told])["outcome"] == "investigated"
    assert host_of_results("a", "sick", [told, {"failed": True, "msg": "Lost."}])["outcome"] == "investigated"
    assert host_of_results("a", "sick", [told, {"skipped": True}])["outcome"] == "investigated"
    assert host_of_results("a", "sick", [{"unreachable": True, "msg": "No route."}]) == {
        "name": "a",
        "outcome": "unreachable",
        "message": "No route.",
        "role": "sick",
    }
    assert host_of_results("a", "nonsense", [])["role"] == "asked"


@pytest.mark.parametrize(
    "changed",
    [
        {"name": 7},
        {"role": "other"},
        {"outcome": None},
        {"culprits": {}},
        {"culprits": [7]},
        {"culprits": [{"sentence": None}]},
        {"culprits": [{"sentence": "x", "process": {"pid": 7}}]},
    ],
)
def test_a_host_that_nothing_can_be_told_of_is_refused(changed: dict[str, Any]) -> None:
    """An inventory would be made of it."""
    found = json.loads(investigation_text(whole(sick("web1"))))
    found["hosts"][0].update(changed)
    with pytest.raises(ValueError, match="is no sound investigation"):
        read_investigation(json.dumps(found), "x.json")


def test_to_go_on_needs_an_answer() -> None:
    """What failed can't be gone on with, and nothing given is nothing asked."""
    assert earlier_answer(None) is None
    assert earlier_answer(sick("web1"))["name"] == "web1"
    for told in ({}, lost("web1"), "x", {"outcome": "investigated"}):
        with pytest.raises(ValueError, match="continue_from holds no investigation"):
            earlier_answer(told)
