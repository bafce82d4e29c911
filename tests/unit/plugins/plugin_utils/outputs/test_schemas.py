# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published schemas of hosts.jsonl and compare.json hold for what is written, and follow that of audit.json."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import referencing

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.compare import compare_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import compare, hosts_jsonl
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

FOLDER = Path(__file__).parents[5] / "docs" / "schemas"
SCHEMAS = {
    name: json.loads((FOLDER / f"{name}-1.schema.json").read_text(encoding="utf-8"))
    for name in ("audit", "host", "compare")
}
REGISTRY = referencing.Registry().with_resources(
    [(schema["$id"], referencing.Resource.from_contents(schema)) for schema in SCHEMAS.values()]
)


def audits():
    found = []
    for seed in (1, 2):
        run, records = synthetic.fleet(120, seed=seed)
        found.append(built(run, records, policy_of(None)))
    return found


def validator(name):
    return jsonschema.Draft202012Validator(SCHEMAS[name], registry=REGISTRY)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_sound(name):
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])


def test_a_line_has_every_key_of_a_host_and_three_of_its_own():
    entry, line = SCHEMAS["audit"]["$defs"]["entry"], SCHEMAS["host"]
    assert set(line["properties"]) == set(entry["properties"]) | {"schema", "run_id", "generated_at"}
    assert set(line["required"]) == set(entry["required"]) | {"schema", "run_id", "generated_at"}


def test_each_line_keeps_to_its_schema():
    lines = "".join(hosts_jsonl.pieces(read(audits()[0]))).splitlines()
    assert len(lines) == 120
    for line in lines:
        validator("host").validate(json.loads(line))
    assert not validator("host").is_valid(json.loads(lines[0]) | {"extra": 1})


def test_a_comparison_keeps_to_its_schema():
    before, after = audits()
    # Of two fleets with other names only a few hosts are the same; of one fleet with other findings all are.
    worse = {**before, "hosts": [host | {"findings": host["findings"][1:]} for host in before["hosts"]]}
    for pair in ((before, after), (before, worse), (worse, before)):
        document = json.loads("".join(compare.json_pieces(compare_audits(*map(read, pair)))))
        validator("compare").validate(document)
    assert not validator("compare").is_valid(document | {"extra": 1})
