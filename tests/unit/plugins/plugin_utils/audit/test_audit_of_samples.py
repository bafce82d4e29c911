# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From saved files of real kernels to the audit: what the collector says is what the audit takes."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.reader import read
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read as read_audit

ROOT = Path(__file__).parents[5]
TREES = sorted(path.name for path in (ROOT / "tests" / "samples").iterdir() if (path / "proc" / "meminfo").is_file())
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "audit-1.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("tree", TREES)
def test_a_saved_host_is_judged_and_its_parts_add_up(tree):
    place = ROOT / "tests" / "samples" / tree
    facts = json.loads(json.dumps(build_facts(read(str(place / "proc"), str(place / "sys")))))
    audit = built(synthetic.run((tree,)), {tree: synthetic.record(tree, facts=facts)}, policy_of(None))
    host = audit["hosts"][0]
    assert host["no_data"] is None or host["no_data"]["reason"] == "not_auditable", host["no_data"]
    if host["dimensions"]:
        parts = [
            amount for key, amount in host["dimensions"].items() if key != "unaccounted_bytes" and amount is not None
        ]
        assert sum(parts) == host["kernel_total_bytes"]
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(audit_json.render(read_audit(audit))))


def test_there_are_samples():
    assert len(TREES) >= 4
