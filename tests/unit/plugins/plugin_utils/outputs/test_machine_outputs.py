# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""junit.xml, metrics.prom, findings.csv and hosts.jsonl hold what the audit holds, read by parsers of their formats."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import (
    findings_csv,
    hosts_jsonl,
    junit_xml,
    metrics_prom,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.outputs.prometheus_text import (
    samples_of,
)

RUN, RECORDS = synthetic.fleet(200, seed=4)
AUDIT = built(RUN, RECORDS, policy_of(None))
COUNTS = AUDIT["counts"]["all"]


def junit(audit=None, **settings):
    return ElementTree.fromstring("".join(junit_xml.pieces(read(audit or AUDIT), **settings)))


def metrics(audit=None):
    return samples_of("".join(metrics_prom.pieces(read(audit or AUDIT))))


def with_shared_kernel():
    records = {name: synthetic.record(name, facts=synthetic.facts("one")) for name in ("a", "b")}
    return built(synthetic.run(("a", "b")), records, policy_of(None))


def test_each_host_is_a_case_of_its_environment():
    suites = junit().findall("testsuite")
    assert [suite.get("name") for suite in suites] == sorted(AUDIT["counts"]["by_environment"])
    cases = {(suite.get("name"), case.get("name")) for suite in suites for case in suite}
    assert cases == {(host["environment"], host["name"]) for host in AUDIT["hosts"]}


def test_failures_errors_and_skipped_add_up_as_they_are_written():
    for audit in (AUDIT, with_shared_kernel()):
        root = junit(audit)
        for suite in (root, *root.findall("testsuite")):
            cases = list(suite.iter("testcase"))
            assert int(suite.get("tests")) == len(cases)
            for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                assert int(suite.get(attribute)) == sum(case.find(tag) is not None for case in cases)
    assert (junit().get("failures"), junit().get("errors")) == (str(COUNTS["critical"]), str(COUNTS["unknown"]))


def test_a_warning_passes_with_its_text_or_fails_as_it_is_asked():
    name = next(host["name"] for host in AUDIT["hosts"] if host["verdict"] == "warning")
    passed = junit().find(f"testsuite/testcase[@name='{name}']")
    assert [element.tag for element in passed] == ["system-out"] and "[warning]" in passed[0].text
    failed = junit(warnings="fail")
    assert [element.tag for element in failed.find(f"testsuite/testcase[@name='{name}']")] == ["failure"]
    assert int(failed.get("failures")) == COUNTS["critical"] + COUNTS["warning"]


def test_a_failure_says_why_and_what_to_do():
    host = AUDIT["hosts"][0]
    failure = junit().find(f"testsuite/testcase[@name='{host['name']}']/failure")
    assert failure.get("type") == "critical" and failure.get("message") == host["findings"][0]["explanation"]
    for finding in host["findings"]:
        assert (
            finding["explanation"] in failure.text
            and finding["next_step"] in failure.text
            and finding["command"] in failure.text
        )


def test_a_second_name_of_a_kernel_is_skipped_and_no_error():
    root = junit(with_shared_kernel())
    assert (root.get("tests"), root.get("errors"), root.get("skipped")) == ("2", "0", "1")


def test_metrics_count_hosts_as_the_audit_does():
    for environment, counts in AUDIT["counts"]["by_environment"].items():
        for verdict in ("ok", "warning", "critical", "unknown"):
            labels = (("environment", environment), ("verdict", verdict))
            assert [
                sample.value
                for sample in metrics()
                if sample.name == "kernel_memory_audit_hosts" and sample.labels == labels
            ] == [counts[verdict]]


def test_metrics_have_each_known_amount_of_each_host_and_no_other():
    found = {
        (dict(one.labels)["host"], dict(one.labels)["dimension"]): one.value
        for one in metrics()
        if one.name == "kernel_memory_audit_host_bytes"
    }
    expected = {
        (host["name"], name.removesuffix("_bytes")): amount
        for host in AUDIT["hosts"]
        if host["dimensions"]
        for name, amount in {
            **host["dimensions"],
            "kernel_total_bytes": host["kernel_total_bytes"],
            "kernel_unreclaimable_bytes": host["kernel_unreclaimable_bytes"],
        }.items()
        if amount is not None
    }
    assert found == expected


def test_metrics_do_not_invent_a_zero_for_what_is_not_known():
    audit = built(synthetic.run(("a", "b")), {"a": synthetic.record("a")}, policy_of(None))
    audit["hosts"][1]["dimensions"]["percpu_bytes"] = None
    found = [dict(sample.labels) for sample in metrics(audit) if sample.name == "kernel_memory_audit_host_bytes"]
    assert {labels["host"] for labels in found} == {"a"} and not any(
        labels["dimension"] == "percpu" for labels in found
    )


def test_metrics_say_when_the_audit_was_made():
    (sample,) = (sample for sample in metrics() if sample.name.endswith("generated_timestamp_seconds"))
    assert sample.value == 1795521630


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


def test_each_line_of_json_is_a_host_of_the_audit_and_names_the_run():
    lines = [json.loads(line) for line in "".join(hosts_jsonl.pieces(read(AUDIT))).splitlines()]
    run = {"schema": hosts_jsonl.SCHEMA, "run_id": AUDIT["run_id"], "generated_at": AUDIT["generated_at"]}
    assert lines == [json.loads(json.dumps(host)) | run for host in AUDIT["hosts"]]
