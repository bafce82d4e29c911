# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit object: every host once, the right verdict, the right decision."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging import judge as _judging
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.limit import judge_limits
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built

POLICY = policy_of(None)


def audit_of(records, targets=None, **settings):
    names = tuple(targets or records)
    return built(
        synthetic.run(names, **settings), records, POLICY, judge=synthetic.judging_with(synthetic.judge_by_slab)
    )


def host_of(audit, name):
    return next(host for host in audit["hosts"] if host["name"] == name)


def with_slab(name, share, **overrides):
    return synthetic.record(name, facts=synthetic.facts(name, slab_share=share), **overrides)


@pytest.mark.parametrize(
    ("shares", "outcomes", "decision", "sentence"),
    [
        ({"a": 0.01}, {}, "pass", "The only host is within its limits"),
        ({"a": 0.01, "b": 0.01}, {}, "pass", "All 2 hosts are within their limits"),
        ({"a": 0.15, "b": 0.01}, {}, "hold", "1 of 2 hosts has a warning"),
        ({"a": 0.15, "b": 0.15}, {}, "hold", "2 of 2 hosts have a warning"),
        ({"a": 0.15}, {"b": "unreachable"}, "inconclusive", "1 of 2 hosts gave no data"),
        ({}, {"a": "timed_out"}, "inconclusive", "The only host gave no data"),
        ({"a": 0.3}, {"b": "unreachable"}, "fail", "1 of 2 hosts is critical"),
        ({"a": 0.3, "b": 0.3, "c": 0.15}, {}, "fail", "2 of 3 hosts are critical"),
    ],
)
def test_the_worst_host_decides_and_no_data_is_never_health(shares, outcomes, decision, sentence):
    records = {name: with_slab(name, share) for name, share in shares.items()}
    records |= {name: synthetic.record(name, outcome) for name, outcome in outcomes.items()}
    got = audit_of(records)["decision"]
    assert (got["decision"], got["sentence"]) == (decision, sentence)


def test_large_numbers_are_easy_to_read_in_the_sentence():
    names = [f"host{number:04d}" for number in range(1200)]
    records = {name: with_slab(name, 0.3 if name == "host0007" else 0.01) for name in names}
    assert audit_of(records)["decision"]["sentence"] == "1 of 1,200 hosts is critical"


def test_a_target_without_a_record_is_reported_as_not_run():
    audit = audit_of({"web1": with_slab("web1", 0.01)}, targets=("web1", "lost1"))
    lost = host_of(audit, "lost1")
    assert (lost["verdict"], lost["no_data"]["reason"]) == ("unknown", "not_run")
    assert "--limit lost1" in lost["no_data"]["next_step"]
    assert audit["decision"]["decision"] == "inconclusive"


def test_a_run_without_hosts_is_an_error():
    with pytest.raises(ValueError, match="no hosts"):
        audit_of({}, targets=())


def test_a_target_named_twice_stands_once():
    assert len(audit_of({"web1": with_slab("web1", 0.01)}, targets=("web1", "web1"))["hosts"]) == 1


def test_records_of_other_hosts_are_left_out_and_a_note_says_so():
    audit = audit_of({"web1": with_slab("web1", 0.01), "stranger": with_slab("stranger", 0.5)}, targets=("web1",))
    assert [host["name"] for host in audit["hosts"]] == ["web1"]
    assert audit["notes"] == ["1 record is of a host that is no target of this run, and left out."]


@pytest.mark.parametrize("reason", ["unreachable", "failed", "timed_out", "no_python", "not_linux", "no_answer"])
def test_each_outcome_has_its_sentence_its_message_and_one_next_step(reason):
    audit = audit_of({"web1": synthetic.record("web1", reason, "because of this")})
    no_data = host_of(audit, "web1")["no_data"]
    assert no_data["reason"] == reason
    assert no_data["message"].endswith("because of this")
    assert len(no_data["next_step"]) > 20


def test_a_name_with_spaces_can_be_pasted_into_a_shell():
    audit = audit_of({"a b; reboot": synthetic.record("a b; reboot", "unreachable")})
    assert "ansible 'a b; reboot' -m" in host_of(audit, "a b; reboot")["no_data"]["next_step"]


@pytest.mark.parametrize(
    "entry",
    [
        None,
        5,
        "facts",
        [],
        {},
        {"host": "web1"},
        {"host": "web1", "outcome": "fine"},
        {"host": "web1", "outcome": ["facts"]},
        synthetic.record("other"),
        synthetic.record("web1", facts=None),
        synthetic.record("web1", facts={"schema_version": 2}),
        synthetic.record("web1", facts=synthetic.facts("web1") | {"dimensions": {"percpu_bytes": "much"}}),
        synthetic.record("web1", facts=synthetic.facts("web1") | {"kernel_total_bytes": -1}),
        synthetic.record("web1", facts=synthetic.facts("web1") | {"kernel_total_bytes": True}),
        synthetic.record("web1", facts=synthetic.facts("web1") | {"duration_ms": float("nan")}),
        synthetic.record("web1", facts=synthetic.facts("web1") | {"platform": {"auditable": 1, "kind": "vm"}}),
        synthetic.record("web1", facts=synthetic.facts("web1") | {"unavailable": {"percpu": {}}}),
    ],
)
def test_a_record_of_a_wrong_form_is_no_data_and_never_an_exception(entry):
    web1 = host_of(audit_of({"web1": entry, "web2": with_slab("web2", 0.01)}), "web1")
    assert web1["verdict"] == "unknown"
    assert web1["no_data"]["reason"] == ("not_run" if entry is None else "unreadable")


def test_rules_that_stumble_over_one_host_do_not_cost_the_others(monkeypatch):
    def stumble(subject, growing, earlier):
        if subject.sample.boot_id == "boot-of-web1":
            raise KeyError("surprise")
        return judge_limits(subject, growing, earlier)

    monkeypatch.setattr(_judging, "judge_limits", stumble)
    records = {name: with_slab(name, 0.01) for name in ("web1", "web2")}
    audit = built(synthetic.run(("web1", "web2")), records, POLICY)
    assert host_of(audit, "web1")["no_data"]["reason"] == "unreadable"
    assert host_of(audit, "web2")["verdict"] == "ok"


def test_a_number_that_is_missing_has_a_reason():
    facts = synthetic.facts("web1")
    facts["dimensions"] |= {"percpu_bytes": None, "vmalloc_bytes": None}
    facts["unavailable"] = {"vmalloc": "The kernel does not count it."}
    web1 = host_of(audit_of({"web1": synthetic.record("web1", facts=facts)}), "web1")
    assert web1["dimensions"]["percpu_bytes"] is None
    assert web1["unavailable"] == {
        "vmalloc": "The kernel does not count it.",
        "percpu": "The host gave no number and no reason.",
    }


def container(name, boot_id, kind="container", auditable=False, share=0.01):
    facts = synthetic.facts(boot_id, slab_share=share)
    facts["host"]["boot_id"] = boot_id
    facts["platform"] |= {"kind": kind, "auditable": auditable, "reason": None if auditable else "It is a container."}
    return synthetic.record(name, facts=facts)


def test_a_container_is_not_auditable_and_its_numbers_are_not_shown_as_its_own():
    web1 = host_of(audit_of({"web1": container("web1", "b1")}), "web1")
    assert web1["no_data"]["reason"] == "not_auditable"
    assert "It is a container." in web1["no_data"]["message"]
    assert web1["dimensions"] is None


def test_of_names_with_one_kernel_the_first_that_is_no_container_is_judged():
    records = {
        "a-container": container("a-container", "b1"),
        "b-machine": container("b-machine", "b1", "vm", True),
        "c-machine": container("c-machine", "b1", "vm", True),
        "d-other": container("d-other", "b2", "vm", True),
    }
    audit = audit_of(records)
    verdicts = {
        host["name"]: (host["verdict"], host["no_data"] and host["no_data"]["reason"]) for host in audit["hosts"]
    }
    assert verdicts == {
        "a-container": ("unknown", "shared_kernel"),
        "b-machine": ("ok", None),
        "c-machine": ("unknown", "shared_kernel"),
        "d-other": ("ok", None),
    }
    assert "judged as b-machine" in host_of(audit, "c-machine")["no_data"]["message"]
    assert audit["decision"]["decision"] == "pass"
    assert audit["decision"]["sentence"] == "All 2 kernels are within their limits"
    assert audit["decision"]["reasons"] == ["2 hosts share their kernels with other names and are judged there."]


def test_a_machine_goes_before_a_container_that_could_be_judged():
    audit = audit_of({"a": container("a", "b1", "container", True), "b": container("b", "b1", "physical", True)})
    assert host_of(audit, "b")["verdict"] == "ok"
    assert host_of(audit, "a")["no_data"]["reason"] == "shared_kernel"


def test_containers_alone_are_not_auditable_however_many_share_a_kernel():
    audit = audit_of({name: container(name, "b1") for name in ("a", "b")})
    assert {host["no_data"]["reason"] for host in audit["hosts"]} == {"not_auditable"}
    assert audit["decision"]["decision"] == "inconclusive"


def test_hosts_without_a_boot_id_share_nothing():
    audit = audit_of({name: container(name, None, "vm", True) for name in ("a", "b")})
    assert audit["counts"]["all"]["ok"] == 2


def test_hosts_are_sorted_by_verdict_then_by_share_of_the_limit_then_by_name():
    shares = {
        "z-ok": 0.01,
        "a-ok": 0.01,
        "a-warn-low": 0.11,
        "b-warn-high": 0.19,
        "a-crit-low": 0.25,
        "b-crit-high": 0.4,
    }
    records = {name: with_slab(name, share) for name, share in shares.items()} | {
        "mute": synthetic.record("mute", "failed")
    }
    names = [host["name"] for host in audit_of(records)["hosts"]]
    assert names == ["b-crit-high", "a-crit-low", "b-warn-high", "a-warn-low", "mute", "a-ok", "z-ok"]


def test_counts_agree_with_the_hosts_and_the_environments_with_the_whole():
    run, records = synthetic.fleet(300)
    counts = built(run, records, POLICY)["counts"]
    assert counts["all"]["total"] == 300
    for verdict in counts["all"]:
        assert counts["all"][verdict] == sum(numbers[verdict] for numbers in counts["by_environment"].values())
    assert all(counts["all"][verdict] > 0 for verdict in counts["all"]), "the synthetic fleet has some of everything"


def test_the_environment_comes_from_the_variable_then_the_groups_then_the_policy():
    run = synthetic.run(
        ("a", "b", "c"), {"a": ["staging"], "b": ["staging"], "c": []}, environments={"a": "development"}
    )
    audit = built(run, {}, POLICY)
    places = {host["name"]: (host["environment"], host["environment_source"]) for host in audit["hosts"]}
    assert places == {
        "a": ("development", "variable"),
        "b": ("staging", "group staging"),
        "c": ("production", "default"),
    }


def test_a_mistyped_environment_costs_no_report_and_is_said():
    run = synthetic.run(("a",), {"a": []}, environments={"a": "prodution"})
    audit = built(run, {}, POLICY)
    assert audit["hosts"][0]["environment"] == "production"
    assert audit["hosts"][0]["environment_source"] == "default"
    assert "prodution" in audit["notes"][0]


def test_groups_hold_findings_of_two_hosts_and_more_critical_first():
    records = {name: with_slab(name, 0.3) for name in ("c1", "c2")} | {
        name: with_slab(name, 0.15) for name in ("w1", "w2", "w3")
    }
    groups = audit_of(records)["groups"]
    assert [(group["severity"], group["hosts"]) for group in groups] == [
        ("critical", ["c1", "c2"]),
        ("warning", ["w1", "w2", "w3"]),
    ]
    assert (
        groups[1]["explanation"]
        == "Slab that can't be reclaimed is above its warning limit on 3 hosts: production (3)."
    )
    assert not audit_of({"c1": with_slab("c1", 0.3), "w1": with_slab("w1", 0.15)})["groups"]


def test_the_same_input_gives_the_same_bytes_whatever_the_order_of_the_records():
    run, records = synthetic.fleet(60)
    first = built(run, records, POLICY)
    second = built(run, dict(reversed(records.items())), POLICY)
    assert json.dumps(first) == json.dumps(second)


def test_the_real_rules_and_the_audit_agree_on_every_host():
    """The filter judges with the same rules: for each host of a fleet, without similar hosts, it must give the
    audit's verdict.
    """
    policy = policy_of({"environments": {name: {"similar_hosts": "none"} for name in POLICY.environments}})
    run, records = synthetic.fleet(200)
    for host in built(run, records, policy)["hosts"]:
        if host["no_data"] is None:
            facts = checked_facts(records[host["name"]]["facts"])
            alone = classify(facts, policy, host["environment"], name=host["name"], groups=host["groups"]).as_plain()
            findings = [
                {field: finding[field] for field in finding if field not in ("first_seen_at", "investigate")}
                for finding in host["findings"]
            ]
            assert (host["verdict"], findings) == (alone["verdict"], alone["findings"])
