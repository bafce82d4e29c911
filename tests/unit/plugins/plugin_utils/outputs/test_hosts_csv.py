# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""hosts.csv: one row a host, numbers as numbers, no text that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import hosts_csv
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

RUN, RECORDS = synthetic.fleet(120)
AUDIT = built(RUN, RECORDS, policy_of(None))


def rows(audit=None):
    return list(csv.DictReader(io.StringIO(hosts_csv.render(read(AUDIT if audit is None else audit)), newline="")))


def test_every_host_has_one_row_in_the_order_of_the_audit():
    assert [row["host"] for row in rows()] == [host["name"] for host in AUDIT["hosts"]]


KNOWN = (
    "environment",
    "host",
    "verdict",
    "no_data_reason",
    "kernel_release",
    "architecture",
    "platform",
    "memory_total_bytes",
    "slab_unreclaimable_bytes",
    "slab_reclaimable_bytes",
    "vmalloc_bytes",
    "kernel_stack_bytes",
    "page_tables_bytes",
    "secondary_page_tables_bytes",
    "percpu_bytes",
    "misc_bytes",
    "unaccounted_bytes",
    "kernel_total_bytes",
    "kernel_unreclaimable_bytes",
    "bound",
    "findings",
    "next_step",
    "coverage",
    "collected_at",
)


def test_no_column_is_lost_or_changes_its_place_among_the_others():
    """Whoever reads a column by its name finds it; what is new is a further dimension."""
    assert tuple(name for name in hosts_csv.COLUMNS if name in KNOWN) == KNOWN
    added = {"days_left", "memory_available_bytes"}
    assert set(hosts_csv.COLUMNS) - set(KNOWN) <= {*added, *(f"{name}_bytes" for name in DIMENSIONS)}


def test_the_parts_add_up_to_the_total_by_hand():
    parts = [f"{name}_bytes" for name in DIMENSIONS if name != "unaccounted"]
    judged = [row for row in rows() if row["kernel_total_bytes"]]
    assert judged
    assert all(sum(int(row[part]) for part in parts) == int(row["kernel_total_bytes"]) for row in judged)


def test_numbers_are_bare_texts_are_quoted_unknown_is_empty_and_lines_end_as_the_standard_says():
    text = hosts_csv.render(read(AUDIT))
    assert text.startswith('"environment","host"') and text.endswith("\r\n") and text.count("\n") == text.count("\r\n")
    mute = next(row for row in rows() if row["verdict"] == "unknown")
    assert mute["kernel_total_bytes"] == "" and mute["no_data_reason"] and mute["findings"] and mute["next_step"]
    total = next(host["kernel_total_bytes"] for host in AUDIT["hosts"] if host["kernel_total_bytes"])
    assert f",{total}," in text


def test_a_negative_number_stays_a_number():
    host = next(host for host in AUDIT["hosts"] if host["verdict"] == "ok")
    audit = AUDIT | {"hosts": [host | {"dimensions": host["dimensions"] | {"unaccounted_bytes": -4096}}]}
    assert rows(audit)[0]["unaccounted_bytes"] == "-4096"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "=cmd|' /C calc'!A0", "\uff1d1"]
)
def test_a_text_that_could_be_a_formula_is_defused(text):
    assert hosts_csv.defused(text).startswith("'")


def test_other_texts_stay_as_they_are():
    assert hosts_csv.defused("web-1.example.net") == "web-1.example.net"
