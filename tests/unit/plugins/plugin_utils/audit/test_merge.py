# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several audits as one: no host lost, none twice, no missing part that looks well."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit import merge as _merge
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.read_back import checked_audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read as read_audit
from ansible_collections.fleetaudit.kernel_memory.tests.unit.screens import shown

POLICY = policy_of(None)
SCHEMA = json.loads(
    (Path(__file__).parents[5] / "docs" / "schemas" / "audit-1.schema.json").read_text(encoding="utf-8")
)


def audit_of(*names, run_id="run-1", at="2026-11-24T12:00:00Z", outcomes=None, **facts):
    """An audit of the named hosts, collected at a time; *outcomes* names those that gave no data."""
    records = {}
    for name in names:
        outcome = (outcomes or {}).get(name, "facts")
        records[name] = synthetic.record(name, outcome)
        if outcome == "facts":
            records[name]["facts"] = synthetic.facts(name, **facts) | {"collected_at": at}
    run = synthetic.run(names, run_id=run_id, started_at=at, generated_at=at)
    return built(run, records, POLICY)


def merge(*audits, **settings):
    inputs = [
        _merge.Input(f"{number}/audit.json", checked_audit(json.loads(audit_json.render(read_audit(audit))), "x"))
        for number, audit in enumerate(audits)
    ]
    return _merge.merge_audits(inputs, tool_version="9.9", **settings).as_plain()


def names(audit, verdict=None):
    return sorted(host["name"] for host in audit["hosts"] if verdict in (None, host["verdict"]))


def host(audit, name):
    return next(entry for entry in audit["hosts"] if entry["name"] == name)


def test_slices_of_one_fleet_become_the_audit_of_the_whole():
    run, records = synthetic.fleet(120)
    whole = built(run, records, POLICY)
    slices = []
    for number in range(3):
        part = run.targets[number::3]
        chosen = {name: records[name] for name in part if name in records}
        slices.append(built(synthetic.run(part, {name: run.groups[name] for name in part}), chosen, POLICY))
    merged = merge(*slices)
    assert names(merged) == names(whole) and merged["run_id"] == "run-1"
    # Similar hosts are sought in each slice, so only what rests on one host alone must be the same.
    assert names(merged, "critical") == names(whole, "critical")
    assert sum(numbers["total"] for numbers in merged["counts"]["by_environment"].values()) == 120
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(audit_json.render(read_audit(merged))))


def test_the_same_inputs_give_the_same_bytes_and_an_audit_that_can_be_merged_again():
    first, second = audit_of("a", "b"), audit_of("c", run_id="run-2", at="2026-11-25T12:00:00Z")
    merged = merge(first, second)
    assert audit_json.render(read_audit(merged)) == audit_json.render(read_audit(merge(first, second)))
    assert merged["generated_at"] == "2026-11-25T12:00:00Z" and merged["started_at"] == "2026-11-24T12:00:00Z"
    assert merged["run_id"].startswith("merged-")
    again = merge(merged, audit_of("d"))
    assert names(again) == ["a", "b", "c", "d"]


def test_of_a_host_in_several_inputs_the_newest_counts_and_a_note_says_so():
    old, new = audit_of("a", "b"), audit_of("a", at="2026-11-25T12:00:00Z", slab_share=0.4)
    for merged in (merge(old, new), merge(new, old)):
        assert (
            host(merged, "a")["verdict"] == "critical" and host(merged, "a")["collected_at"] == "2026-11-25T12:00:00Z"
        )
        assert "1 host stands in several inputs; the newest with data counts: a." in merged["notes"]
        assert [
            entry["used"] for entry in sorted(merged["merged"]["inputs"], key=lambda entry: entry["generated_at"])
        ] == [1, 1]


def test_many_repeated_hosts_are_counted_and_five_are_named():
    several = [f"h{number}" for number in range(9)]
    note = merge(audit_of(*several), audit_of(*several))["notes"][0]
    assert note == "9 hosts stand in several inputs; the newest with data counts: h0, h1, h2, h3, h4 and 4 more."


def test_data_beats_no_data_and_that_it_is_older_is_said():
    old, new = audit_of("a"), audit_of("a", at="2026-11-25T12:00:00Z", outcomes={"a": "unreachable"})
    merged = merge(old, new)
    assert host(merged, "a")["verdict"] == "ok"
    assert "1 host gave no data in a later input, so older data is shown: a." in merged["notes"]


def test_a_host_that_no_input_has_data_of_stays_without():
    merged = merge(
        audit_of("a", outcomes={"a": "failed"}), audit_of("a", at="2026-11-25T12:00:00Z", outcomes={"a": "unreachable"})
    )
    assert host(merged, "a")["no_data"]["reason"] == "unreachable" and merged["decision"]["decision"] == "inconclusive"


@pytest.mark.parametrize("time", ["9999-99-99", "2027", "~", "2026-11-24T12:00:00Z; x"])
def test_a_host_can_not_stay_by_a_time_that_is_none(time):
    old = audit_of("a")
    old["hosts"][0]["collected_at"] = time
    assert host(merge(old, audit_of("a", at="2026-11-25T12:00:00Z", slab_share=0.4)), "a")["verdict"] == "critical"


def boot(audit, name, boot_id):
    host(audit, name)["host"]["boot_id"] = boot_id
    return audit


def test_one_boot_under_two_names_counts_once():
    first, second = boot(audit_of("b", slab_share=0.4), "b", "same"), boot(audit_of("a", slab_share=0.4), "a", "same")
    for key in ("host", "dimensions"):
        host(first, "b")[key] = host(second, "a")[key]
    merged = merge(first, second)
    assert names(merged, "critical") == ["a"]
    assert (
        host(merged, "b")["no_data"]["reason"] == "shared_kernel"
        and "judged as a" in host(merged, "b")["no_data"]["message"]
    )
    assert host(merged, "b")["dimensions"] is None and host(merged, "b")["findings"] == []
    assert merged["counts"]["all"] == {"ok": 0, "warning": 0, "critical": 1, "unknown": 1, "total": 2}
    assert "1 host of different inputs is another name of a kernel: b." in merged["notes"]
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(audit_json.render(read_audit(merged))))


def test_a_second_name_whose_kernel_is_judged_by_nobody_any_more_is_missing_data():
    """The name that it shared its kernel with has rebooted since: to take it for judged would hide a host."""
    facts = {name: synthetic.facts("one kernel") for name in ("a", "b")}
    records = {name: synthetic.record(name, facts=facts[name]) for name in facts}
    old = built(synthetic.run(("a", "b")), records, POLICY)
    assert host(old, "b")["no_data"]["reason"] == "shared_kernel"
    merged = merge(old, audit_of("a", at="2026-11-25T12:00:00Z"))
    assert host(merged, "b")["no_data"]["reason"] == "not_run"
    assert merged["decision"]["decision"] == "inconclusive"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"missing": ["3/audit.json"]}, "1 input is not there: 3/audit.json."),
        ({"expected_slices": 4}, "2 of 4 expected slices are missing, with all hosts of them."),
        ({"expected_slices": 3}, "1 of 3 expected slices is missing, with all hosts of it."),
    ],
)
def test_what_is_missing_is_never_a_pass(settings, sentence):
    merged = merge(audit_of("a"), audit_of("b"), **settings)
    assert merged["decision"]["decision"] == "inconclusive" and merged["decision"]["reasons"][0] == sentence
    assert merged["notes"][0] == sentence and sentence in " ".join(" ".join(shown(read_audit(merged))).split())


def test_what_is_missing_does_not_hide_a_failure():
    merged = merge(audit_of("a", slab_share=0.4), missing=["b.json"])
    assert merged["decision"]["decision"] == "fail" and "1 input is not there: b.json." in merged["decision"]["reasons"]


def test_as_many_slices_as_expected_are_whole_and_more_are_said():
    assert merge(audit_of("a"), audit_of("b"), expected_slices=2)["decision"]["decision"] == "pass"
    assert "expected" in merge(audit_of("a"), audit_of("b"), expected_slices=1)["decision"]["reasons"][0]


def test_expected_hosts_that_no_input_has_are_hosts_without_data():
    merged = merge(audit_of("a"), expected_hosts={"a": [], "lost": [], "mine": ["staging"]})
    assert (
        host(merged, "lost")["no_data"]["reason"] == "not_run" and host(merged, "lost")["environment"] == "production"
    )
    assert host(merged, "mine")["environment"] == "staging"
    assert "2 hosts stand in the inventory and in no input: lost, mine." in merged["notes"]
    assert merged["decision"]["decision"] == "inconclusive"


def test_policies_that_differ_are_said():
    other = audit_of("b")
    other["policy"] = {"name": "house rules", "source": "/x", "environments": {"production": {"groups": []}}}
    merged = merge(audit_of("a"), other)
    assert merged["policy"]["name"] == "several policies" and merged["policy"]["source"] == "merged"
    assert (
        "The inputs judge production by different settings; each host keeps the verdict that it was given."
        in merged["notes"]
    )


def test_changes_are_those_of_the_input_that_a_host_is_taken_from():
    def with_change(audit, name):
        change = {
            "name": name,
            "dimension": "percpu",
            "kind": "limit",
            "severity": "warning",
            "was": None,
            "first_seen_at": None,
            "text": "x",
        }
        return audit | {
            "changes": {
                "previous_run_at": audit["started_at"],
                "new": [change],
                "worse": [],
                "better": [],
                "resolved": [],
                "ongoing": 1,
            }
        }

    merged = merge(with_change(audit_of("a", "b"), "a"), with_change(audit_of("a", at="2026-11-25T12:00:00Z"), "a"))
    assert [change["name"] for change in merged["changes"]["new"]] == ["a"] and merged["changes"][
        "previous_run_at"
    ] == "2026-11-25T12:00:00Z"


def test_slab_caches_are_added_up_over_the_inputs():
    """The lists of hosts that need attention are in their entries."""
    whole = audit_of("a", "b", slab_share=0.4)
    assert whole["caches"] and all(cache["hosts"] == 2 for cache in whole["caches"])
    merged = merge(audit_of("a", slab_share=0.4), audit_of("b", slab_share=0.4))
    assert merged["caches"] == whole["caches"]


def test_no_input_is_an_error():
    with pytest.raises(ValueError, match="no audit to merge. None of these is there: x.json"):
        _merge.merge_audits([], tool_version="1", missing=["x.json"])


# Reading


@pytest.mark.parametrize(
    "change",
    [
        {"hosts": []},
        {"hosts": None},
        {"run_id": 7},
        {"decision": {}},
        {"policy": []},
        {"notes": [1]},
        {"groups": [1]},
        {"tool": {}},
        {"generated_at": "soon"},
        {"changes": {"ongoing": -1}},
        {"changes": {"previous_run_at": None, "new": [{}], "worse": [], "better": [], "resolved": [], "ongoing": 0}},
        {"history": "new"},
        {"fleet_findings": [{}]},
        {"waivers": [{}]},
    ],
)
def test_an_audit_with_a_wrong_key_is_refused(change):
    with pytest.raises(ValueError, match="^x.json is not a sound audit: .*[.]$"):
        checked_audit(audit_of("a") | change, "x.json")


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": None},
        {"verdict": "well"},
        {"verdict": "unknown"},
        {"no_data": {"reason": "asleep"}},
        {"host": None},
        {"dimensions": None},
        {"dimensions": {"percpu_bytes": "1"}},
        {"kernel_total_bytes": "1"},
        {"platform": {}},
        {"findings": None},
        {"findings": [{}]},
        {"collected_at": 1},
        {"environment": None},
        {"host": {"boot_id": 1}},
        {"findings": [synthetic.finding(severity="bad")]},
        {"findings": [synthetic.finding(value="1")]},
    ],
)
def test_a_host_with_a_wrong_key_is_refused(change):
    audit = copy.deepcopy(audit_of("a"))
    audit["hosts"][0].update(change)
    with pytest.raises(ValueError, match="^x.json is not a sound audit: .*[.]$"):
        checked_audit(audit, "x.json")


def test_a_host_twice_in_one_audit_is_refused():
    audit = audit_of("a")
    with pytest.raises(ValueError, match="a host stands in it more than once"):
        checked_audit(audit | {"hosts": audit["hosts"] * 2}, "x.json")


def test_an_audit_of_the_first_version_without_the_later_keys_is_taken():
    audit = audit_of("a", slab_share=0.4)
    for key in ("history", "changes", "fleet_findings", "caches", "waivers"):
        del audit[key]
    for key in ("groups", "profiles", "waived", "trend"):
        del audit["hosts"][0][key]
    for finding in audit["hosts"][0]["findings"]:
        del finding["pattern"], finding["evidence"], finding["first_seen_at"]
    merged = merge(audit, audit_of("b"))
    assert names(merged) == ["a", "b"] and shown(read_audit(merged), {})
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(audit_json.render(read_audit(merged))))
