# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the page: what its script reads is what the audit says, small, and inert whatever a host says."""

from __future__ import annotations

import json
import re
from array import array
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.hosts import Hosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.trend import Trend
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS, TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import SEVERITIES, VERDICTS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN
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


def packed(amounts):
    return array("q", [UNKNOWN if amount is None else amount for amount in amounts])


def level(sign):
    return html_data.SIGNS.index(sign)


def unpacked(signs, low, high):
    return [None if sign == html_data.GAP else low + (high - low) * level(sign) / 63 for sign in signs]


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
        assert DATA["trend"]["low"][place] is None


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


def test_a_trend_comes_back_within_one_level_of_64():
    steps = DATA["trend"]["steps"]
    assert steps == 30
    for place, host in enumerate(HOSTS):
        trend = entry_of(host).total_trend
        if trend:
            low, high = DATA["trend"]["low"][place], DATA["trend"]["high"][place]
            back = unpacked(DATA["trend"]["signs"][place * steps : (place + 1) * steps], low, high)
            for amount, seen in zip(trend.amounts, back, strict=True):
                assert (amount is None) == (seen is None)
                assert amount is None or abs(amount - seen) <= (high - low) / 126 + 1


@given(
    st.lists(st.one_of(st.none(), st.integers(0, 2**40)), min_size=2, max_size=40),
    st.integers(0, 2**40),
    st.integers(0, 2**40),
)
def test_any_trend_can_be_packed(amounts, low, high):
    if len(amounts) - amounts.count(None) < 2:
        return
    signs, lowest, highest, usual, since = html_data.packed_trend(
        Trend(TOTAL, packed(amounts), min(low, high), max(low, high), "2026-11-01"), 30
    )
    assert since == "2026-11-01"
    assert len(signs) == 30 and len(usual) == 2 and set(signs + usual) <= {*html_data.SIGNS, html_data.GAP}
    assert lowest <= highest and level(usual[0]) <= level(usual[1])
    assert unpacked(signs[-1], lowest, highest)[0] is None or amounts[-1] is not None


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
            assert set(entry["past"]) == set(host["trend"]["amounts"])
            assert [key for key, *_unused in entry["owners"]] == [
                key for key in DETAILS["views"] if key in host["attribution"]
            ]


def test_beyond_a_number_of_sick_hosts_only_the_reasons_are_kept(monkeypatch):
    monkeypatch.setattr(html_details, "MOST_DETAILED", 2)
    entries = json.loads("".join(html_details.details(read(AUDIT))))["hosts"]
    sick = [entry for entry in entries.values() if "findings" in entry]
    assert [("past" in entry, "cut" in entry) for entry in sick[:3]] == [(True, False), (True, False), (False, True)]
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
