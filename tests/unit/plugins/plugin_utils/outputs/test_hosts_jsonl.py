# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hosts.jsonl holds each host of the audit once, read by a parser of its format."""

from __future__ import annotations

import json

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import hosts_jsonl
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

RUN, RECORDS = synthetic.fleet(200, seed=4)
AUDIT = built(RUN, RECORDS, policy_of(None))


def test_each_line_of_json_is_a_host_of_the_audit_and_names_the_run():
    lines = [json.loads(line) for line in "".join(hosts_jsonl.pieces(read(AUDIT))).splitlines()]
    run = {"schema": hosts_jsonl.SCHEMA, "run_id": AUDIT["run_id"], "generated_at": AUDIT["generated_at"]}
    assert lines == [json.loads(json.dumps(host)) | run for host in AUDIT["hosts"]]
