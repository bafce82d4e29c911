# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the audit keeps of a host's attribution: only what is published, only its types, and little of healthy hosts."""

from __future__ import annotations

import copy
import json
from dataclasses import fields
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.attribution import WRONG, attribution_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution import (
    OF_HEALTHY_HOSTS,
    PARTS,
    Attribution,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.attribution_parts import COMMON, ROWS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.attributions import attribution, part_classes
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import BUILT_IN

SCHEMA = json.loads(
    (Path(__file__).parents[5] / "docs" / "schemas" / "audit-1.schema.json").read_text(encoding="utf-8")
)
PUBLISHED = SCHEMA["$defs"]["attribution"]["properties"]
WHOLE = attribution()


def keeps_to_the_schema(parts):
    validator = jsonschema.Draft202012Validator(
        {"$schema": SCHEMA["$schema"], "$defs": SCHEMA["$defs"], "$ref": "#/$defs/attribution"}
    )
    return [error.message for error in validator.iter_errors(parts)] == []


def test_the_schema_has_the_same_parts_and_fields():
    assert set(PUBLISHED) == set(PARTS)
    for name, made in part_classes().items():
        assert set(PUBLISHED[name]["properties"]) == {one.name for one in fields(made)} - {"has_data"}
    for name, rows in ROWS.items():
        published = PUBLISHED[name]["properties"][rows.field]
        assert set(published["items"]["properties"]) == {one.name for one in fields(rows.entry)}
        assert published["maxItems"] == rows.most
        optional = {one.name for one in fields(rows.entry) if one.default is None}
        assert set(published["items"]["required"]) == {one.name for one in fields(rows.entry)} - optional


def test_every_part_has_the_fields_that_all_have():
    """A part is read and shown by these, whichever it is."""
    for made in part_classes().values():
        assert tuple(one.name for one in fields(made))[: len(COMMON)] == COMMON


def test_what_the_facts_give_is_kept_whole():
    assert attribution_of(WHOLE).as_plain() == WHOLE
    assert keeps_to_the_schema(WHOLE)


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize(
    "wrong", [None, 7, [], "x", {}, {"complete": "yes"}, {"complete": True}, {"complete": True, "reason": 7}]
)
def test_a_part_of_a_wrong_form_is_emptied_and_the_rest_is_kept(name, wrong):
    given = attribution_of({**WHOLE, name: wrong})
    checked = given.as_plain()
    assert checked[name] == {"complete": False, "reason": WRONG, "duration_ms": None}
    assert not given.part(name).has_data and attribution_of(WHOLE).part(name).has_data
    assert given.why_without(name) == WRONG
    assert checked | {name: WHOLE[name]} == WHOLE and keeps_to_the_schema(checked)


@pytest.mark.parametrize("number", [-1, 2**53 + 1, 1.5, True, "1", float("nan"), float("inf")])
def test_a_number_that_no_host_can_have_empties_its_part(number):
    changed = copy.deepcopy(WHOLE)
    changed["slab_caches"]["caches"][0]["bytes"] = number
    changed["objects"]["dentries"] = number
    checked = attribution_of(changed)
    assert checked.slab_caches.reason == checked.objects.reason == WRONG


def test_unknown_parts_and_fields_are_left_out_and_long_texts_are_cut():
    changed = copy.deepcopy(WHOLE)
    changed |= {"surprise": {"complete": True}}
    changed["numa_nodes"]["surprise"] = 1
    changed["numa_nodes"]["nodes"][0]["surprise"] = 1
    changed["cgroups"]["cgroups"][0]["path"] = "x" * 1000
    checked = attribution_of(changed).as_plain()
    assert "surprise" not in json.dumps(checked)
    assert checked["cgroups"]["cgroups"][0]["path"] == "x" * 297 + "..."


def test_a_part_without_data_always_has_a_reason():
    assert attribution_of({"numa_nodes": {"complete": False}}).as_plain() == {
        "numa_nodes": {"complete": False, "reason": "The host gave no reason.", "duration_ms": None}
    }


@pytest.mark.parametrize("nothing", [None, 7, [], "x", {}])
def test_without_an_attribution_no_part_is_there(nothing):
    """Nobody asked for one, or the host is of another mind what one is."""
    assert attribution_of(nothing) == Attribution() and Attribution().as_plain() == {}


def test_a_host_that_is_ok_keeps_three_small_parts_and_one_that_is_not_keeps_all():
    names = ("web1", "web2", "web3")
    records = {
        "web1": synthetic.record("web1"),
        "web2": synthetic.record("web2", facts=synthetic.facts("web2", slab_share=0.3)),
        "web3": synthetic.record("web3", "failed", "no"),
    }
    hosts = {host["name"]: host for host in built(synthetic.run(names), records, BUILT_IN)["hosts"]}
    assert hosts["web1"]["verdict"] == "ok" and set(hosts["web1"]["attribution"]) == set(OF_HEALTHY_HOSTS)
    assert hosts["web2"]["verdict"] == "critical" and hosts["web2"]["attribution"] == WHOLE
    assert hosts["web3"]["attribution"] is None


def test_a_healthy_host_costs_audit_json_little():
    audit = built(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, BUILT_IN)
    with_it = len(audit_json.render(read(audit)))
    audit["hosts"][0]["attribution"] = {}
    assert with_it - len(audit_json.render(read(audit))) < 1024


def test_a_part_is_checked_when_it_is_first_read_and_only_then():
    """Of ten thousand healthy hosts few parts are ever read, and a part that is read is always checked."""

    class Told(dict):
        def __getitem__(self, name):
            asked.append(name)
            return super().__getitem__(name)

    asked: list[str] = []
    known = attribution_of(Told(WHOLE))
    assert asked == []
    assert known.pressure is known.pressure
    assert known.part("objects").has_data
    assert asked == ["pressure", "objects"]
    assert known.as_plain() == attribution_of(WHOLE).as_plain()
    assert sorted(asked) == sorted(WHOLE)


def test_what_is_no_part_is_asked_for_in_vain():
    """A host can't name fields of ours: what is not a part of an attribution is none, whatever it sent."""
    known = attribution_of({**WHOLE, "surplus": 1})
    with pytest.raises(AttributeError, match="no part 'surplus'"):
        known.part("surplus")


def test_attributions_with_the_same_parts_are_equal():
    """However they were made: read back from a file, or told by a host."""
    told = attribution_of(WHOLE)
    assert told == Attribution(**told.parts())
    assert told != Attribution()
    assert told != WHOLE
