# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that say anything at all: every output stays what it is, read by real parsers, and all say the same verdict."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.compare import compare_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import (
    compare,
    findings_csv,
    hosts_jsonl,
    junit_xml,
    metrics_prom,
    summary_md,
    write,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.outputs import prometheus_text
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.outputs.page.test_page import Outline
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.outputs.test_hostile_outputs import (
    HOSTILE,
    audit_of,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.screens import shown

FURTHER = {
    "pipes and backticks": "a|b`c``d|`",
    "mention": "@everyone see #12, !34 or https://example.org and www.example.org :tada:",
    "entity of xml": "]]><x>&bogus;",
    "not a character": "a\ufffeb\uffff",
    "label end": '"} 1\nkernel_memory_audit_hosts{environment="x",verdict="ok"} 99',
    "backslash": "a\\\nb\\",
}
ALL = HOSTILE | FURTHER
each_text = pytest.mark.parametrize("text", ALL.values(), ids=ALL)


def names(text):
    return sorted((text, f"{text}2", f"{text}3", f"{text}4"))


def audit_with(text):
    """The audit of hostile hosts, with the text in everything that later keys hold, too."""
    audit = audit_of(text)
    change = {
        "name": text,
        "dimension": "percpu",
        "kind": "limit",
        "severity": "critical",
        "was": None,
        "first_seen_at": None,
        "text": text,
    }
    leak = {
        "kind": "uptime_growth",
        "dimension": "percpu",
        "severity": "warning",
        "kernel": text,
        "hosts": 9,
        "bytes_per_day": 1,
        "low": 1,
        "high": 2,
        "explanation": text,
        "next_step": text,
        "command": text,
    }
    shared = {
        "what": "role",
        "name": text,
        "hosts_with": 2,
        "hosts_there": 2,
        "rate_percent": 100.0,
        "rest_rate_percent": 0.0,
        "sentence": text,
    }
    audit["changes"] = {
        "previous_run_at": "2026-11-23T12:00:00Z",
        "new": [change],
        "worse": [],
        "better": [],
        "resolved": [],
        "ongoing": 1,
    }
    audit["history"] = {
        "state": "new",
        "message": text,
        "engine": "sqlite",
        "name": text,
        "runs": 0,
        "hosts": 0,
        "first_run_at": None,
    }
    audit["fleet_findings"] = [leak]
    audit["groups"] = [{**group, "shared": shared, "regression": True} for group in audit["groups"]]
    audit["hosts"][0]["waived"] = [dict(audit["hosts"][0]["findings"][0])]
    return audit


@each_text
def test_findings_are_rows_without_formulas(text):
    rendered = "".join(findings_csv.pieces(read(audit_with(text))))
    rows = list(csv.reader(io.StringIO(rendered, newline="")))
    assert {len(row) for row in rows} == {len(findings_csv.COLUMNS)} and len(rows) == 4
    assert rendered.count("\n") == rendered.count("\r\n") == 4
    for row in rows[1:]:
        assert not any(cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@each_text
def test_lines_of_json_give_the_names_back_unchanged(text):
    rendered = "".join(hosts_jsonl.pieces(read(audit_with(text))))
    assert rendered.isascii() and rendered.count("\n") == 4
    assert sorted(json.loads(line)["name"] for line in rendered.splitlines()) == names(text)


@each_text
def test_junit_is_sound_xml_with_one_case_a_host(text):
    rendered = "".join(junit_xml.pieces(read(audit_with(text))))
    # The characters that XML 1.0 allows, of which nothing below a space but a newline is used.
    assert re.fullmatch("[\n -\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*", rendered)
    root = ElementTree.fromstring(rendered)
    assert sorted({element.tag for element in root.iter()}) == [
        "error",
        "failure",
        "testcase",
        "testsuite",
        "testsuites",
    ]
    assert len(root.findall("testsuite/testcase")) == 4


@each_text
def test_metrics_hold_each_series_once_and_no_more_than_there_are(text):
    found = prometheus_text.samples_of("".join(metrics_prom.pieces(read(audit_with(text)))))
    hosts = [sample for sample in found if sample.name == "kernel_memory_audit_host_verdict"]
    assert len(hosts) == len({dict(sample.labels)["host"] for sample in hosts}) == 4
    assert sum(sample.value for sample in found if sample.name == "kernel_memory_audit_hosts") == 4


def test_two_names_that_look_alike_when_escaped_are_two_series():
    audit = audit_of("web")
    audit["hosts"][0]["name"], audit["hosts"][1]["name"] = "a\nb", "a\\x0ab"
    prometheus_text.samples_of("".join(metrics_prom.pieces(read(audit))))


@each_text
def test_markdown_has_the_lines_cells_and_marks_that_a_harmless_name_has(text):
    """Without a Markdown parser at hand: lines, cells of tables, and nothing outside of code that could be markup,
    HTML, link or mention.
    """
    shown, harmless = (summary_md.render(read(audit_with(name))).split("\n") for name in (text, "n" * len(text)))
    assert len(shown) == len(harmless)
    for line, other in zip(shown, harmless, strict=True):
        assert all(sign.isprintable() for sign in line)
        # Only in a table does a bar end a cell.
        assert not other.startswith("|") or line.count("|") == other.count("|")
        bare = outside_of_code(line)
        assert not re.search(r"<(?!br>)|(?<!\\)[\[\]]|@|(?<!&)#\d|://|www\.|(?<!\\)`", bare), line


def outside_of_code(line):
    """What of a line is no code, by CommonMark: a run of backticks opens, the next run of the same length closes."""
    rest, bare = line, ""
    while match := re.search(r"(?<!\\)(?<!`)(`+)(?!`)", rest):
        end = re.search(rf"(?<!`){match[1]}(?!`)", rest[match.end() :])
        if end is None:
            return bare + rest
        bare, rest = bare + rest[: match.start()], rest[match.end() + end.end() :]
    return bare + rest


@each_text
def test_the_terminal_stays_short_and_plain(text):
    lines = shown(read(audit_with(text)), {"report.html": f"/srv/{text}/report.html"})
    assert len(lines) <= 30 and all(line.isprintable() for line in lines)
    # The path, the one command, and a word that has no blank stay whole.
    long = [line for line in lines if len(line) > 100 and len(line[10:].split()) > 1]
    assert len([line for line in long if not line.startswith("REPORT")]) <= 1
    assert [line.startswith("REPORT") for line in lines].count(True) == 1


@each_text
def test_a_comparison_is_inert_in_every_form(text):
    before, after = audit_with("nnn"), audit_with(text)
    for name in ("percpu", "vmalloc"):
        after["hosts"][0]["findings"].append(after["hosts"][0]["findings"][0] | {"dimension": name})
    comparison = compare_audits(
        read(before), read({**after, "hosts": [*after["hosts"], *before["hosts"][1:]]} if text != "nnn" else after)
    )
    assert json.loads("".join(compare.json_pieces(comparison))) == json.loads(json.dumps(comparison.as_plain()))
    lines = compare.comparison_lines(comparison)
    assert len(lines) <= 25 and all(line.isascii() and line.isprintable() and len(line) <= 100 for line in lines)
    outline = Outline(compare.compare_section(comparison))
    assert outline.untidy == [] and outline.open == []
    allowed = {"section", "h2", "h3", "p", "div", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "bdi"}
    assert {tag for tag, _attributes in outline.elements} <= allowed
    for line in compare.markdown_text(comparison).split("\n"):
        assert all(sign.isprintable() for sign in line)
        assert not re.search(r"<(?!br>|-)|(?<!\\)[\[\]]|@|://|www\.", outside_of_code(line)), line


@each_text
def test_every_output_has_the_verdict_of_the_audit(text, tmp_path):
    audit = audit_with(text)
    written = write.write_outputs(
        read(audit), str(tmp_path), [name for name in write.RENDERERS if name != "report.html"]
    ).paths
    told = {name: (tmp_path / name).read_bytes().decode("utf-8") for name in written}
    sentence, verdicts = audit["decision"]["sentence"], sorted(host["verdict"] for host in audit["hosts"])
    said = "\n".join(shown(read(audit)))
    assert f"CRITICAL  {verdicts.count('critical')} of {len(verdicts)} hosts" in said
    assert json.loads(told["audit.json"])["decision"]["sentence"] == sentence
    assert told["summary.md"].startswith(
        f"# Kernel memory: {sentence}\n\nDecision: **{audit['decision']['decision']}**."
    )
    assert sorted(row["verdict"] for row in csv.DictReader(io.StringIO(told["hosts.csv"], newline=""))) == verdicts
    assert sorted(json.loads(line)["verdict"] for line in told["hosts.jsonl"].splitlines()) == verdicts
    suites = ElementTree.fromstring(told["junit.xml"])
    assert suites.get("name") == f"kernel memory: {sentence}"
    assert (suites.get("failures"), suites.get("errors")) == (
        str(verdicts.count("critical")),
        str(verdicts.count("unknown")),
    )
    samples = prometheus_text.samples_of(told["metrics.prom"])
    decisions = {
        dict(sample.labels)["decision"]: sample.value for sample in samples if sample.name.endswith("_decision")
    }
    assert [name for name, value in decisions.items() if value] == [audit["decision"]["decision"]]
    assert (
        sorted(dict(sample.labels)["verdict"] for sample in samples if sample.name.endswith("host_verdict")) == verdicts
    )
