# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two audits beside each other: a host without data is not cured, and nothing is better or worse by chance."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.compare import compare_audits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import compare
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, compared, read

NAMES = tuple(f"host{number}" for number in range(6))
BASE = built(synthetic.run(NAMES), {name: synthetic.record(name) for name in NAMES}, policy_of(None))
LISTS = ("worse", "better", "appeared", "vanished", "no_longer_judged", "waived")


def audit(findings=None, without=(), gone=(), **changes):
    """The healthy audit with findings on some hosts, others without data, others not there."""
    made = copy.deepcopy(BASE)
    made["hosts"] = [host for host in made["hosts"] if host["name"] not in gone]
    for host in made["hosts"]:
        host["findings"] = (findings or {}).get(host["name"], [])
        host["verdict"] = min(
            (finding["severity"] for finding in host["findings"]),
            default="ok",
            key=("critical", "warning", "info").index,
        )
        host["verdict"] = "ok" if host["verdict"] == "info" else host["verdict"]
        if host["name"] in without:
            host.update(
                verdict="unknown",
                findings=[],
                coverage=None,
                no_data={"reason": "unreachable", "message": "m", "next_step": "n"},
            )
        host.update(changes.get(host["name"], {}))
    return made


def numbers(comparison):
    return {
        name: [(change["name"], change["dimension"]) for change in comparison[name]]
        for name in LISTS
        if comparison[name]
    }


SLAB, PERCPU = synthetic.finding(), synthetic.finding("percpu")


def test_an_audit_beside_itself_shows_no_difference():
    one = audit({"host0": [SLAB], "host1": [PERCPU]}, without=["host2"])
    comparison = compared(one, one)
    assert (
        numbers(comparison) == {}
        and comparison["unchanged"] == 2
        and comparison["groups"] == comparison["amounts"] == []
    )
    assert comparison["sentence"] == "0 hosts are worse and 0 are better"


def test_each_finding_is_in_the_one_list_that_it_belongs_to():
    before = audit({"host0": [SLAB], "host1": [SLAB | {"severity": "critical"}], "host2": [SLAB], "host4": [SLAB]})
    after = audit({"host0": [SLAB | {"severity": "critical"}], "host1": [SLAB], "host3": [PERCPU], "host4": [SLAB]})
    comparison = compared(before, after)
    assert numbers(comparison) == {
        "worse": [("host0", "slab_unreclaimable")],
        "better": [("host1", "slab_unreclaimable")],
        "appeared": [("host3", "percpu")],
        "vanished": [("host2", "slab_unreclaimable")],
    }
    assert comparison["unchanged"] == 1 and comparison["sentence"] == "2 hosts are worse and 2 are better"
    assert (
        comparison["worse"][0]["was"]["severity"] == "warning"
        and comparison["worse"][0]["now"]["severity"] == "critical"
    )


def test_the_other_way_round_worse_is_better():
    first, second = (
        audit({"host0": [SLAB], "host2": [PERCPU]}),
        audit({"host0": [SLAB | {"severity": "critical"}], "host3": [SLAB]}),
    )
    there, back = numbers(compared(first, second)), numbers(compared(second, first))
    assert (there["worse"], there["appeared"], there["vanished"]) == (
        back["better"],
        back["vanished"],
        back["appeared"],
    )


def test_a_host_without_data_is_not_cured():
    comparison = compared(audit({"host0": [SLAB]}), audit(without=["host0"]))
    assert numbers(comparison) == {} and comparison["data_lost"] == ["host0"]
    assert comparison["sentence"] == "0 hosts are worse, 0 are better and 1 host gave no data this time"
    assert compared(audit(without=["host0"]), audit())["data_regained"] == ["host0"]


@pytest.mark.parametrize(
    ("finding", "coverage"),
    [
        (SLAB, {"not_judged": {"slab_unreclaimable": "missing"}}),
        (
            synthetic.finding("fragmentation"),
            {"checks": {"judged": [], "not_judged": {"fragmentation": "not gathered"}}},
        ),
        (synthetic.finding(kind="growth"), {"history": None}),
        (synthetic.finding(kind="spike"), {"history": {"ready": 0, "of": 7}}),
        (synthetic.finding(kind="disproportion"), {"similar_hosts": None}),
    ],
)
def test_a_finding_whose_rule_could_not_run_is_not_cured(finding, coverage):
    whole = {
        "judged": [],
        "not_judged": {},
        "text": "",
        "checks": {"judged": [], "not_judged": {}},
        "history": {"ready": 7, "of": 7},
        "similar_hosts": 9,
    }
    before = audit({"host0": [finding]})
    assert list(numbers(compared(before, audit(host0={"coverage": whole | coverage})))) == ["no_longer_judged"]
    assert list(numbers(compared(before, audit(host0={"coverage": whole})))) == ["vanished"]


def test_a_finding_that_was_waived_is_not_cured():
    assert list(numbers(compared(audit({"host0": [SLAB]}), audit(host0={"waived": [SLAB]})))) == ["waived"]


def test_hosts_that_came_and_went_are_named_and_not_compared():
    comparison = compared(audit({"host0": [SLAB]}, gone=["host5"]), audit({"host5": [PERCPU]}, gone=["host0"]))
    assert (comparison["hosts_added"], comparison["hosts_gone"], comparison["hosts_added_in_trouble"]) == (
        ["host5"],
        ["host0"],
        ["host5"],
    )
    assert numbers(comparison) == {} and "1 host came with findings" in comparison["sentence"]


def test_groups_environments_kernels_and_reboots_are_counted():
    kernel = dict(BASE["hosts"][0]["host"])
    after = audit(
        {"host0": [SLAB], "host1": [SLAB]},
        host0={"host": kernel | {"boot_id": "new", "kernel_release": "9.9"}, "kernel_unreclaimable_bytes": 5},
    )
    comparison = compared(audit({"host1": [SLAB]}), after)
    assert comparison["groups"] == [
        {"dimension": "slab_unreclaimable", "kind": "limit", "severity": "warning", "hosts_before": 1, "hosts_after": 2}
    ]
    assert comparison["rebooted"] == ["host0"] and [row["name"] for row in comparison["amounts"]] == ["host0"]
    assert {
        "kernel": "9.9",
        "hosts_before": 0,
        "attention_before": 0,
        "hosts_after": 1,
        "attention_after": 1,
    } in comparison["kernels"]
    assert comparison["environments"]["production"]["after"]["warning"] == 2


def test_a_policy_that_changed_is_said_everywhere():
    other = audit() | {"policy": BASE["policy"] | {"environments": {}}}
    comparison = compare_audits(read(audit()), read(other))
    assert comparison.policy_changed
    assert any(line.startswith("POLICY") for line in compare.comparison_lines(comparison))
    assert "not the same" in compare.compare_section(comparison) and "not the same" in compare.markdown_text(comparison)
