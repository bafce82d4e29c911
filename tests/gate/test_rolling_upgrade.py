# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rolling upgrade over real SSH hosts: where it stops, with which exit code and decision, and which hosts it
touched.
"""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.gate.rollout_lab import MIB, OLD, POLICY, GateLab

CANARY_OF_ONE = ("-e", '{"kernel_mem_audit_serial": [1, "100%"]}')


def parts(*given: str) -> dict[str, str]:
    """Hosts web1, web2, … that play the given parts."""
    return {f"web{place}": part for place, part in enumerate(given, 1)}


def test_a_good_upgrade_goes_through_and_a_second_run_touches_nothing(lab: GateLab) -> None:
    """All batches pass; the same command again finds everything done, and reboots nobody."""
    lab.hosts(parts(*["good"] * 5))
    first = lab.rolling("-e", "kernel_mem_audit_expected_kernel=6.12.*", ANSIBLE_SHOW_CUSTOM_STATS="true")
    assert (first.exit_code, first.word) == (0, "pass"), first.output
    assert first.touched == ["web1", "web2", "web3", "web4", "web5"]
    assert first.decision["state"] == {"new": first.touched, "old": [], "untouched": [], "unknown": []}
    assert '"decision": "pass"' in first.output.split("CUSTOM STATS")[1]
    again = lab.rolling()
    assert (again.exit_code, again.word, again.touched) == (0, "pass", []), again.output


def test_a_regression_stops_after_the_canaries_and_says_why(lab: GateLab) -> None:
    """Five hundred MiB more on each canary: the other hosts are never touched, and the files say who is where."""
    lab.hosts(parts(*["regression"] * 3, "good", "good"))
    stopped = lab.rolling("-e", "kernel_mem_audit_junit=gate.xml", ANSIBLE_SHOW_CUSTOM_STATS="true")
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "fail", ["web1", "web2", "web3"]), stopped.output
    assert stopped.codes("web1") == ["worse"]
    assert stopped.decision["state"] == {
        "new": ["web1", "web2", "web3"],
        "old": [],
        "untouched": ["web4", "web5"],
        "unknown": [],
    }
    assert "Unreclaimable slab 401 MiB at the same uptime in an earlier boot, 901 MiB now" in stopped.output
    assert (
        "GATE FAIL: Unreclaimable slab is at least 2.241 times what it was before on every one of 3 hosts"
        in stopped.output
    )
    assert '"decision": "fail"' in stopped.output.split("CUSTOM STATS")[1]
    assert 'failures="4"' in (stopped.folder / "gate.xml").read_text()

    # A second run judges the canaries again without another reboot, and still goes no further.
    again = lab.rolling()
    assert (again.exit_code, again.word, again.touched) == (2, "fail", []), again.output

    # Around them: the other hosts alone are refused while the canaries stand as they are.
    around = lab.rolling("--limit", "web4,web5")
    assert (around.exit_code, around.word, around.touched) == (2, "fail", []), around.output
    assert around.reason_codes == ["stopped_before"]

    # Cured (by a setting, say): judged again, let through, and the rest follows.
    for name in ("web1", "web2", "web3"):
        tree = lab.folder / "hosts" / name / "now" / "proc" / "meminfo"
        lab._meminfo(tree, tree, 410 * MIB)
    done = lab.rolling()
    assert (done.exit_code, done.word, done.touched) == (0, "pass", ["web4", "web5"]), done.output


@pytest.mark.once
def test_an_override_needs_a_reason_and_is_written_down(lab: GateLab) -> None:
    """A person may go on in spite of a stop, by a reason that stays in the trail; the next batch is judged all the
    same.
    """
    lab.hosts(parts("regression", "good", "regression"))
    assert lab.rolling(*CANARY_OF_ONE).word == "fail"
    refused = lab.rolling("--limit", "web2", "-e", "kernel_mem_audit_override=yes")
    assert refused.exit_code == 2 and refused.touched == []
    assert "needs a reason" in refused.output
    reason = "The vendor says this is the new flow table, case 4711."
    on = lab.rolling(
        "-e",
        '{"kernel_mem_audit_serial": 1}',
        "--limit",
        "web2,web3",
        "-e",
        json.dumps({"kernel_mem_audit_override": reason}),
    )
    assert (on.exit_code, on.word, on.touched) == (2, "fail", ["web2", "web3"]), on.output
    trail = [json.loads(line) for line in (on.folder / "gate" / "rollout" / "trail.jsonl").read_text().splitlines()]
    override = next(entry for entry in trail if entry["event"] == "override")
    assert override["reason"] == reason and override["decision"] == "fail" and override["actor"]["user"]


@pytest.mark.once
@pytest.mark.parametrize(
    ("part", "word", "code", "state"),
    [
        ("down", "fail", "unreachable", "unknown"),
        ("old_kernel", "fail", "old_kernel", "old"),
        ("not_rebooted", "fail", "not_rebooted", "old"),
        ("leak", "fail", "new_finding", "new"),
        ("noisy", "inconclusive", "not_settled", "new"),
        ("broken_upgrade", "fail", "step_failed", "old"),
    ],
)
def test_a_bad_canary_stops_the_rollout(lab: GateLab, part: str, word: str, code: str, state: str) -> None:
    """Whatever is wrong with the canary after its reboot, no other host is touched."""
    lab.hosts(parts(part, "good", "good"))
    stopped = lab.rolling(*CANARY_OF_ONE)
    assert stopped.exit_code == 2, stopped.output
    assert (stopped.word, stopped.touched) == (word, ["web1"]), stopped.output
    assert code in stopped.codes("web1")
    assert stopped.decision["state"][state] == ["web1"]
    assert stopped.decision["state"]["untouched"] == ["web2", "web3"]


@pytest.mark.parametrize("part", ["unreachable", "broken_variables"])
def test_a_host_that_can_not_be_looked_at_holds_its_batch(lab: GateLab, part: str) -> None:
    """The first host of the first batch is the worst place for it: Ansible would lose the play, or the host, without
    a word.
    """
    lab.hosts(parts(part, "good", "good", "good"))
    held = lab.rolling()
    assert (held.exit_code, held.word, held.touched) == (2, "hold", []), held.output
    assert held.host("web1")["outcome"] == "bad"
    assert held.decision["state"]["untouched"] == ["web1", "web2", "web3", "web4"]


@pytest.mark.once
def test_a_dead_host_is_left_out_where_the_policy_allows_it(lab: GateLab) -> None:
    """Within the limit the others go on; the dead one is named as not changed."""
    lab.hosts(parts("unreachable", "good", "good", "good"))
    more = {"maximum_bad_percent": 40, "maximum_bad_percent_in_all": 40}
    policy = {"environments": {"production": {"gate": {**POLICY["environments"]["production"]["gate"], **more}}}}
    passed = lab.rolling(policy=policy)
    assert (passed.exit_code, passed.word, passed.touched) == (0, "pass", ["web2", "web3", "web4"]), passed.output
    assert passed.decision["state"]["untouched"] == ["web1"]


def test_a_whole_batch_that_is_unreachable_is_decided(lab: GateLab) -> None:
    """No host is left for a task to run on, and still there is a decision."""
    lab.hosts(parts(*["unreachable"] * 3, "good"))
    held = lab.rolling()
    assert (held.exit_code, held.word, held.touched) == (2, "hold", []), held.output


def test_a_whole_batch_that_does_not_come_back_is_decided(lab: GateLab) -> None:
    """All canaries are lost in the reboot."""
    lab.hosts(parts(*["down"] * 3, "good"))
    stopped = lab.rolling()
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "fail", ["web1", "web2", "web3"]), stopped.output
    assert stopped.decision["state"]["unknown"] == ["web1", "web2", "web3"]


@pytest.mark.once
def test_a_sick_host_may_be_cured(lab: GateLab) -> None:
    """The gate must not stand in the way of the upgrade that ends a leak."""
    lab.hosts(parts("sick", "good"))
    cured = lab.rolling(*CANARY_OF_ONE)
    assert (cured.exit_code, cured.word, cured.touched) == (0, "pass", ["web1", "web2"]), cured.output
    assert "Cured: Unreclaimable slab 3.3 GiB" in cured.output


@pytest.mark.once
def test_a_small_regression_on_all_canaries_is_found_against_the_other_hosts(lab: GateLab) -> None:
    """A third more slab is under the limit of a single host, and no accident on three hosts of thirteen."""
    lab.hosts(parts(*["small_regression"] * 3, *["good"] * 10))
    stopped = lab.rolling()
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "fail", ["web1", "web2", "web3"]), stopped.output
    assert "regression_cohort" in stopped.reason_codes
    assert [host["outcome"] for host in stopped.decision["hosts"]] == ["good"] * 3


def test_limit_changes_only_those_hosts_and_a_later_run_the_rest(lab: GateLab) -> None:
    """Hosts that an earlier run has done are left alone."""
    lab.hosts(parts(*["good"] * 4))
    some = lab.rolling("--limit", "web2,web3")
    assert (some.exit_code, some.word, some.touched) == (0, "pass", ["web2", "web3"]), some.output
    rest = lab.rolling()
    assert (rest.exit_code, rest.word, rest.touched) == (0, "pass", ["web1", "web4"]), rest.output


def test_check_mode_looks_and_changes_nothing(lab: GateLab) -> None:
    """Not on the hosts, and no state on the controller."""
    lab.hosts(parts("good", "sick"))
    dry = lab.rolling("--check")
    assert (dry.exit_code, dry.touched, dry.decision) == (0, [], None), dry.output
    assert "GATE PASS" in dry.output and "Check mode" in dry.output
    assert OLD in dry.output


def test_no_host_is_an_error(lab: GateLab) -> None:
    """Ansible ends with 0 where a pattern matches nothing; a gate of nothing must not pass."""
    lab.hosts(parts("good"))
    nobody = lab.rolling("-e", "kernel_mem_audit_hosts=nobody")
    assert (nobody.exit_code, nobody.word, nobody.touched) == (2, "inconclusive", []), nobody.output
    assert lab.play("fleetaudit.kernel_memory.gate", "-e", "kernel_mem_audit_hosts=nobody").exit_code == 2


def test_a_stop_names_who_holds_the_memory_and_what_to_do(lab: GateLab) -> None:
    """At three in the morning that is what somebody needs; and the long sentence is said once."""
    lab.hosts(parts("regression", "good"))
    slabinfo = lab.folder / "hosts" / "web1" / "next" / "proc" / "slabinfo"
    lines = slabinfo.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("kmalloc-512 "))
    name, _active, _objects, *rest = lines[place].split()
    lines[place] = " ".join([name, "1000000", "1000000", *rest[:-3], "62500", "62500", "0"])
    slabinfo.write_text("\n".join(lines) + "\n")
    stopped = lab.rolling(*CANARY_OF_ONE)
    assert (stopped.exit_code, stopped.word, stopped.touched) == (2, "fail", ["web1"]), stopped.output
    sentence = next(one["sentence"] for one in stopped.host("web1")["reasons"] if one["code"] == "worse")
    assert "Most of it: the cache kmalloc-512, " in sentence and sentence.endswith("MiB now."), sentence
    said = " ".join(stopped.output.split())
    assert said.count("NEXT Look at web1, and see what grows there: ansible-playbook ") == 1, said
    assert said.count("Most of it: the cache kmalloc-512") <= 2, said
