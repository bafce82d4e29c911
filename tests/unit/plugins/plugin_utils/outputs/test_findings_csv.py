# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""findings.csv holds each finding once, read by a parser of its format."""

from __future__ import annotations

import csv
import io

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import findings_csv
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

RUN, RECORDS = synthetic.fleet(200, seed=4)
AUDIT = built(RUN, RECORDS, policy_of(None))


def test_each_finding_is_a_row_with_its_numbers():
    rows = list(csv.DictReader(io.StringIO("".join(findings_csv.pieces(read(AUDIT))), newline="")))
    assert [(row["host"], row["dimension"], float(row["value"])) for row in rows] == [
        (host["name"], finding["dimension"], finding["value"])
        for host in AUDIT["hosts"]
        for finding in host["findings"]
    ]
    assert {row["waived"] for row in rows} == {"no"}


def test_what_was_waived_is_a_row_that_says_so():
    audit = AUDIT | {"hosts": [AUDIT["hosts"][-1] | {"waived": [synthetic.finding(status="waived")]}]}
    (row,) = csv.DictReader(io.StringIO("".join(findings_csv.pieces(read(audit))), newline=""))
    assert row["waived"] == "yes" and row["verdict"] == "ok"
