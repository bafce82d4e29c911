# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the page: what its script reads is what the audit says, small, and inert whatever a host says."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.consolidated import days_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.hosts import Hosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import SEVERITIES, VERDICTS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import data as html_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import details as html_details
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.labels import finding_phrase
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entry_of, read

AUDIT = audits.audit_with_history(200)
HOSTS = AUDIT["hosts"]
DATA = json.loads("".join(html_data.data(read(AUDIT))))
DETAILS = json.loads("".join(html_details.details(read(AUDIT))))
HOSTILE = ("</script><script>", "<!--", "]]>", "\u2028\u202e", "\ud800", "=cmd()", '"', "\\", "\x00", "n" * 300)


def texts(column):
    return [DATA[column]["texts"][place] for place in DATA[column]["places"]]


def test_every_host_stands_in_every_column_in_the_order_of_the_audit():
    assert DATA["name"] == [host["name"] for host in HOSTS]
    assert [VERDICTS[place] for place in DATA["verdict"]] == [host["verdict"] for host in HOSTS]
    assert texts("environment") == [host["environment"] for host in HOSTS]
    assert texts("kernel") == [(host["host"] or {}).get("kernel_release") or "" for host in HOSTS]
    for key in DIMENSIONS:
        assert DATA[key] == [host["dimensions"] and host["dimensions"][f"{key}_bytes"] // 1024 for host in HOSTS]
    assert DATA["total"] == [
        None if host["kernel_total_bytes"] is None else host["kernel_total_bytes"] // 1024 for host in HOSTS
    ]


def test_a_number_that_is_not_known_is_null_and_never_nothing():
    missing = [place for place, host in enumerate(HOSTS) if host["no_data"]]
    assert missing
    for place in missing:
        assert all(DATA[column][place] is None for column in ("total", "fixed", *DIMENSIONS))
        assert DATA["past"]["places"][place] == -1 and DATA["used"][place] is None


def test_findings_have_their_phrase_and_severity():
    rows = {row[0]: row[1:] for row in DATA["findings"]["rows"]}
    assert set(rows) == {place for place, host in enumerate(HOSTS) if host["findings"]}
    for place, row in rows.items():
        said = [
            (DATA["findings"]["sorts"][row[at]][0], SEVERITIES[row[at + 1]], row[at + 2])
            for at in range(0, len(row), 3)
        ]
        assert said == [
            (f"{one['dimension']}.{one['kind']}", one["severity"], finding_phrase(one))
            for one in HOSTS[place]["findings"]
        ]


def test_the_past_of_a_host_is_the_stack_of_the_audit():
    past = DATA["past"]
    signs = past["signs"].split(" ")
    assert len(signs) == len(HOSTS)
    for place, host in enumerate(HOSTS):
        known = host["trend"]
        assert (past["places"][place] >= 0) is bool(known)
        if known:
            assert (past["units"][place], signs[place]) == (known["stack"]["unit_kib"], known["stack"]["signs"])
            assert past["ages"][past["places"][place]] == [1440 * day for day in range(29, -1, -1)]
            boots = [known["collected_at"].index(moment) for moment in known["booted_at"]]
            assert past["boots"].get(str(place), []) == boots


def test_days_left_and_the_nearest_limit_are_those_of_the_host():
    near = DATA["words"]["nearKeys"]
    for place, host in enumerate(HOSTS):
        entry = entry_of(host)
        assert DATA["left"].get(str(place)) == days_of(entry)
        if entry.nearest is None:
            assert DATA["near"][place] == -1 and DATA["used"][place] is None
        else:
            assert near[DATA["near"][place]] == entry.nearest.dimension
            assert DATA["used"][place] == pytest.approx(100 * entry.nearest.share, abs=0.06)


def test_names_go_without_the_ending_that_all_have():
    shown = json.loads("".join(html_data.data(read(AUDIT), ending=".example.net")))
    assert [name + shown["words"]["ending"] for name in shown["name"]] == DATA["name"]


def test_details_are_of_hosts_with_findings_or_without_data_only():
    wanted = {str(place) for place, host in enumerate(HOSTS) if host["findings"] or host["no_data"]}
    assert set(DETAILS["hosts"]) == wanted
    for place, entry in DETAILS["hosts"].items():
        host = HOSTS[int(place)]
        if host["no_data"]:
            assert [DETAILS["texts"][at] for at in entry["no_data"][1:]] == [
                host["no_data"]["message"],
                host["no_data"]["next_step"],
            ]
        else:
            assert [one[1] for one in entry["findings"]] == [one["explanation"] for one in host["findings"]]
            assert [DETAILS["texts"][one[2]] for one in entry["findings"]] == [
                one["next_step"] for one in host["findings"]
            ]
            assert entry["limits"] == {key: limit // 1024 for key, limit in host["critical_limits"].items()}
            assert [key for key, *_unused in entry["owners"]] == [
                key for key in DETAILS["views"] if key in host["attribution"]
            ]


def test_beyond_a_number_of_sick_hosts_only_the_reasons_are_kept(monkeypatch):
    monkeypatch.setattr(html_details, "MOST_DETAILED", 2)
    entries = json.loads("".join(html_details.details(read(AUDIT))))["hosts"]
    sick = [entry for entry in entries.values() if "findings" in entry]
    assert [("limits" in entry, "cut" in entry) for entry in sick[:3]] == [(True, False), (True, False), (False, True)]
    assert all(entry["findings"] for entry in sick)


def test_nobody_to_show_gives_documents_that_can_be_read():
    assert json.loads("".join(html_details.details(replace(read(AUDIT), hosts=Hosts([])))))["hosts"] == {}
    healthy = {**AUDIT, "hosts": [host for host in HOSTS if host["verdict"] == "ok"][:1]}
    assert json.loads("".join(html_data.data(read(healthy))))["findings"]["rows"] == []


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_no_text_can_end_the_script_element_or_hide_what_it_is(text):
    page = report_html.render(read(audits.shouted(audits.audit_with_history(40), text)))
    blocks = re.findall(r'<script type="application/json" id="\w+">(.*?)</script>', page, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert block.isascii() and "<" not in block
        loaded = json.dumps(json.loads(block), ensure_ascii=False)
        assert all(sign.isprintable() for sign in loaded)
