# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""junit.xml holds what the audit holds, read by a parser of its format."""

from __future__ import annotations

from xml.etree import ElementTree

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import junit_xml
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

RUN, RECORDS = synthetic.fleet(200, seed=4)
AUDIT = built(RUN, RECORDS, policy_of(None))
COUNTS = AUDIT["counts"]["all"]


def junit(audit=None, **settings):
    return ElementTree.fromstring("".join(junit_xml.pieces(read(audit or AUDIT), **settings)))


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
