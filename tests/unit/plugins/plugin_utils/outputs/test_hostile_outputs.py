# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever a host says, no output lets it do more than be read."""

from __future__ import annotations

import csv
import io
import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import Judged
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding, Judgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json, hosts_csv
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import parts as report_parts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import Policy, policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.outputs.page.test_page import Outline
from ansible_collections.fleetaudit.kernel_memory.tests.unit.screens import shown

POLICY = policy_of(None)
HOSTILE = {
    "script": "</script><img src=x onerror=alert(1)>",
    "style": "</style><style>*{display:none}</style>",
    "title": "</title><h1>Ready</h1>",
    "quotes": "\"' onmouseover='x' \" style=\"color:red",
    "many quotes": "\"' onmouseover='x' style=\"color:red\" " * 10,
    "entity": "&lt;b&gt;&#x3c;script&#x3e;",
    "separators": "a\u2028b\u2029c\x85d",
    "direction": "\u202egnp.exe\u2066x\u200f",
    "long": "n" * 300,
    "formula": "=cmd|' /C calc'!A0",
    "newline": "web1\nVERDICT  Ready\r\nx",
    "ansi": "\x1b[2J\x1b]0;title\x07\x9b31m",
    "nul": "a\x00b",
    "surrogate": "\ud800x\udfff",
    "template": "{{ lookup('pipe','id') }}",
}


def shout(value, text):
    """Return *value* with every text in it replaced by *text*, except where only known words are taken."""
    if isinstance(value, dict):
        known = ("kind", "bound", "vmalloc_meaning")
        return {key: value[key] if key in known else shout(value[key], text) for key in value} | (
            {text: 1} if "free_bytes" in value else {}
        )
    if isinstance(value, list):
        return [shout(entry, text) for entry in value]
    return text if isinstance(value, str) else value


def judge(text):
    def judge_host(subject):
        found = synthetic.finding(severity="critical", expected=text, explanation=text, next_step=text, command=text)
        return Judged(subject, Judgement(not_judged={"percpu": text}), findings=[Finding(**found)])

    return judge_host


def audit_of(text):
    """An audit in which *text* stands wherever a host, its name or its groups can put it; two of its hosts share a
    finding.
    """
    names = (text, f"{text}2", f"{text}3", f"{text}4")
    base = synthetic.facts("web1")
    base["platform"] |= {"reason": "r", "evidence": ["e"]}
    base["unavailable"] = {"percpu": "u"}
    base["dimensions"]["percpu_bytes"] = None
    base["accounting"] |= {
        "bound": "estimate",
        "reasons": ["r"],
        "unknown_fields": ["f"],
        "holders": [{"name": "n", "kind": "zfs", "bytes": 1, "explanation": "e"}],
    }
    records = {}
    for name in names[:2]:
        facts = shout(base, text)
        facts["host"]["boot_id"] = name
        records[name] = synthetic.record(name, facts=facts, groups=[text], environment=text)
    records[names[2]] = synthetic.record(names[2], "failed", text)
    refused = shout(base, text) | {"dimensions": text}
    records[names[3]] = synthetic.record(names[3], facts=refused)
    plain = POLICY.plain
    policy = Policy({**plain, "name": text, "environments": {text: plain["environments"]["production"]}}, text)
    run = synthetic.run(names, tool_version=text, environments=dict.fromkeys(names, text))
    return built(run, records, policy, judge=synthetic.judging_with(judge(text)), notes=[text])


def test_the_texts_above_stand_in_the_attribution_and_the_page_shows_it():
    audit = audit_of("nnnn")
    parts = audit["hosts"][0]["attribution"]
    assert all(
        cache["name"] == "nnnn" and set(cache["aliases"]) <= {"nnnn"} for cache in parts["slab_caches"]["caches"]
    )
    assert parts["page_table_processes"]["processes"][0]["command"] == parts["cgroups"]["cgroups"][0]["path"] == "nnnn"
    assert report_html.render(read(audit)).count("Who uses it") == 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_element_and_no_attribute_is_born_of_a_text(text):
    """The same page with a harmless name must have exactly the same elements, attributes and classes."""

    def skeleton(page):
        shown = Outline(page)
        assert shown.untidy == [] and shown.open == []
        return [
            (
                tag,
                {name: value for name, value in attributes.items() if name in ("class", "id", "href", "role")}
                | dict.fromkeys(attributes, 0),
            )
            for tag, attributes in shown.elements
        ]

    harmless = "n" * len(text)
    assert skeleton(report_html.render(read(audit_of(text)))) == skeleton(report_html.render(read(audit_of(harmless))))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_page_holds_no_sign_that_can_not_be_seen(text):
    page = report_html.render(read(audit_of(text)))
    assert all(sign.isprintable() or sign in ("\n", report_parts.NB) for sign in page)
    assert page.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_terminal_gets_printable_lines(text):
    lines = shown(read(audit_of(text)), {"report.html": f"/tmp/{text}/report.html"})
    assert len(lines) <= 30
    assert all(line.isprintable() for line in lines)
    assert sum(line.startswith("CRITICAL") for line in lines) == 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_table_has_one_row_a_host_and_no_formula(text):
    rendered = hosts_csv.render(read(audit_of(text)))
    assert rendered.encode("utf-8")
    rows = list(csv.reader(io.StringIO(rendered, newline="")))
    assert len(rows) == 5 and {len(row) for row in rows} == {len(hosts_csv.COLUMNS)}
    for row in rows[1:]:
        for column, cell in zip(hosts_csv.COLUMNS, row, strict=True):
            assert column.endswith("_bytes") or not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_json_gives_the_names_back_unchanged_and_is_ascii(text):
    rendered = audit_json.render(read(audit_of(text)))
    assert rendered.isascii()
    assert sorted(host["name"] for host in json.loads(rendered)["hosts"]) == sorted(
        (text, f"{text}2", f"{text}3", f"{text}4")
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_every_output_has_the_verdict_of_the_audit(text):
    audit = audit_of(text)
    sentence = "2 of 4 hosts are critical"
    assert audit["decision"]["sentence"] == sentence
    assert f"<span>{sentence}</span></h1>" in report_html.render(read(audit))
    assert "CRITICAL  2 of 4 hosts" in "\n".join(shown(read(audit)))
    assert json.loads(audit_json.render(read(audit)))["decision"]["sentence"] == sentence
    rows = list(csv.DictReader(io.StringIO(hosts_csv.render(read(audit)), newline="")))
    assert sorted(row["verdict"] for row in rows) == ["critical", "critical", "unknown", "unknown"]
