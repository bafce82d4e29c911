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

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.document import failed_document
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.whole import (
    host_of_results,
    investigation,
    investigation_text,
    read_investigation,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    AT,
    MIB,
    asked,
    document,
    look,
    packet_rings,
    process,
    ramp,
    watch,
)

SCHEMA = json.loads(
    (Path(__file__).parents[5] / "docs" / "schemas" / "investigation-1.schema.json").read_text(encoding="utf-8")
)


def sick(name: str) -> dict[str, Any]:
    """A host with packet rings."""
    return document(name, asked(*packet_rings()), "sick")


def healthy(name: str) -> dict[str, Any]:
    """A host on which nothing grows."""
    return document(name, asked(watch()), "healthy")


def page_tables(name: str, command: str, role: str = "sick") -> dict[str, Any]:
    """A host on which the page tables of a process grow."""
    told = asked(
        watch({"page_tables": {f"7 {command}": MIB}}, PageTables=ramp(MIB)), look(processes={7: process(command, 7)})
    )
    return document(name, told, role)


def lost(name: str) -> dict[str, Any]:
    """A host that gave no answer."""
    return {**failed_document(name, "unreachable", "No route to host."), "role": "sick"}


def whole(*hosts: dict[str, Any]) -> dict[str, Any]:
    """All of them."""
    return investigation(hosts, at=AT)


def test_what_sick_hosts_share_is_one_sentence() -> None:
    """The question of a fleet: is it one thing?"""
    found = whole(healthy("web8"), sick("web1"), sick("web2"), healthy("web9"))
    assert found["sentence"] == (
        "`packet_set_ring`, called by `tcpdump`: on 2 of 2 hosts, and on none of the 2 hosts of the same kernel that "
        "are healthy."
    )
    assert [host["name"] for host in found["hosts"]] == ["web1", "web2", "web8", "web9"]
    assert found["shared"][0]["sick"] == ["web1", "web2"]


def test_what_healthy_hosts_have_as_well_is_said() -> None:
    """Then it alone makes no host sick."""
    found = whole(page_tables("a", "db"), page_tables("b", "db"), page_tables("c", "db", "healthy"))
    assert found["sentence"].endswith(
        "on 2 of 2 hosts; but also on 1 of the 1 host that are healthy, so it alone makes no host sick."
    )


def test_several_culprits_are_several_sentences() -> None:
    """What most have first."""
    hosts = [sick(f"web{number}") for number in range(3)] + [page_tables(f"db{number}", "db") for number in range(2)]
    assert [len(one["sick"]) for one in whole(*hosts)["shared"]] == [3, 2]


def test_hosts_without_anything_in_common() -> None:
    """No culprit of all is made up."""
    found = whole(page_tables("a", "db"), sick("b"))
    assert found["shared"] == []
    assert found["sentence"].startswith("The hosts have no culprit in common; a, for example: `db`")


def test_one_host_only() -> None:
    """Its own sentence; of a healthy one that nothing grows; of one without an answer that there is none."""
    assert whole(sick("a"))["sentence"].startswith("`packet_set_ring` < `packet_setsockopt`, called by `tcpdump`")
    assert whole(healthy("a"))["sentence"] == "Nothing grows in 4 windows of 4 seconds."
    assert whole(lost("a"))["sentence"] == "None of 1 host could be investigated."
    assert whole(healthy("a"), healthy("b"))["sentence"] == "Nothing grows on 2 hosts."
    assert whole(healthy("a"), sick("b"))["sentence"].startswith("Only on b: `packet_set_ring`")


def test_modules_that_only_the_sick_have_are_named() -> None:
    """A module from outside is the first suspect, where no healthy host has it."""
    hosts = [sick("a"), sick("b"), healthy("c")]
    for host in hosts[:2]:
        host["machine"]["foreign_modules"] = ["nic_driver", "scanner"]
    hosts[2]["machine"]["foreign_modules"] = ["scanner"]
    assert whole(*hosts)["differences"] == [
        "All 2 hosts that are sick, and none of the healthy, have loaded `nic_driver`."
    ]


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
