# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rollout from its first batch to its last, without Ansible: what is refused, what is let through, and what the
files say.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate import batch as _gate_judge
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate import begin as _gate_begin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate import look as _gate_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate import output as _gate_output
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    SICK,
    after_look,
    before_look,
    codes,
    gate_run,
    lost_look,
    valid,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB

WEB = ["web1", "web2", "web3"]
LENIENT = policy_of(
    {"environments": {"production": {"gate": {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 50}}}}
)


def trail(run: GateRun) -> list[str]:
    """The events of the audit trail."""
    return [json.loads(line)["event"] for line in (Path(run.folder.path) / "trail.jsonl").read_text().splitlines()]


def test_a_whole_rollout(tmp_path: Path) -> None:
    """Two batches pass; every file says so."""
    first = gate_run(tmp_path, WEB, batch=["web1"])
    assert before(first)["decision"] == "pass"
    assert after(first)["decision"] == "pass"
    rest = gate_run(tmp_path, WEB, batch=["web2", "web3"])
    assert before(rest)["decision"] == "pass"
    decision = after(rest)
    assert decision["state"] == {"new": WEB, "old": [], "untouched": [], "unknown": []}
    assert decision["reasons"][-1]["sentence"] == "3 of 3 hosts of the rollout are done, none is left."
    assert trail(rest) == ["batch_begun", "decided_batch", "batch_begun", "decided_batch"]
    assert len(rest.folder.earlier("web1")) == 1
    assert codes(before(gate_run(tmp_path, WEB, "run-2"))) == ["done"]
    assert _gate_look.is_done(rest, "web1")


def test_the_decision_on_disk_never_says_pass_while_a_batch_is_under_way(tmp_path: Path) -> None:
    """If the play dies now, this is what a pipeline reads."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    assert before(run)["decision"] == "pass"
    assert run.folder.read_decision()["decision"] == "inconclusive"


def test_a_stop_refuses_every_later_batch_of_the_run(tmp_path: Path) -> None:
    """Also where Ansible goes on because somebody rescued the failure."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    before(run)
    assert after(run, {"web1": lost_look()})["decision"] == "fail"
    for batch in (["web2"], ["web1", "web2"]):
        refused = before(gate_run(tmp_path, WEB, batch=batch))
        assert (refused["decision"], codes(refused)) == ("fail", ["stopped_before"])
        assert "It did not come back" in refused["sentence"]


def test_a_batch_that_was_never_judged_refuses_the_next(tmp_path: Path) -> None:
    """Its play ended in between; a later run must bring its hosts."""
    before(gate_run(tmp_path, WEB, batch=["web1"]))
    assert codes(before(gate_run(tmp_path, WEB, batch=["web2"]))) == ["stopped_before"]
    later = before(gate_run(tmp_path, WEB, "run-2", batch=["web2"]))
    assert (later["decision"], codes(later)) == ("inconclusive", ["stopped_before"])
    assert "bring web1 into the run" in later["sentence"]
    assert before(gate_run(tmp_path, WEB, "run-3"), {name: before_look() for name in WEB})["decision"] == "pass"


def test_a_part_of_a_stopped_batch_does_not_end_its_stop(tmp_path: Path) -> None:
    """One of two is repaired and passes; the other still stands between the rollout and the rest."""
    first = gate_run(tmp_path, WEB, batch=["web1", "web2"])
    before(first)
    assert after(first, {"web1": lost_look(), "web2": lost_look()})["decision"] == "fail"
    part = gate_run(tmp_path, WEB, "run-2", batch=["web1"], policy=LENIENT)
    assert before(part, {"web1": after_look()})["decision"] == "pass"
    assert after(part)["decision"] == "pass"
    around = before(gate_run(tmp_path, WEB, "run-3", batch=["web3"], policy=LENIENT))
    assert (around["decision"], codes(around)) == ("fail", ["stopped_before"])
    assert "bring web2 into the run" in around["sentence"]
    by_override = gate_run(tmp_path, WEB, "run-4", batch=["web3"], policy=LENIENT, override="web2 is scrap, ticket 12.")
    assert before(by_override)["decision"] == "pass"


def test_a_touched_host_that_is_lost_in_the_next_run_is_not_judged_by_old_looks(tmp_path: Path) -> None:
    """It looked well last time; nobody has seen it today."""
    first = gate_run(tmp_path, WEB, batch=["web1", "web2"])
    before(first)
    assert after(first, {"web1": lost_look(), "web2": after_look()})["decision"] == "fail"
    again = gate_run(tmp_path, WEB, "run-2", batch=["web1"], lost=["web2"], policy=LENIENT)
    before(again, {"web1": after_look()})
    decision = after(again)
    assert [(host["name"], host["outcome"]) for host in decision["hosts"]] == [("web1", "good"), ("web2", "bad")]


def test_hosts_of_a_stopped_batch_are_judged_again_and_not_touched(tmp_path: Path) -> None:
    """The look from before they were changed stays the reference."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    before(run, {"web1": before_look(slab_unreclaimable_bytes=500 * MIB)})
    assert after(run, {"web1": after_look(slab_unreclaimable_bytes=3 * GIB)})["decision"] == "fail"
    again = gate_run(tmp_path, WEB, "run-2", batch=["web1"])
    row = _gate_begin.begin(again) and _gate_look.keep_before(again, "web1", "production", after_look())
    assert (row["touch"], row["judge"], row["judged_again"]) == (False, True, True)
    assert _gate_judge.decide_before(again)["decision"] == "pass"
    decision = after(again, {"web1": after_look(slab_unreclaimable_bytes=600 * MIB)})
    assert decision["decision"] == "pass"
    assert decision["hosts"][0]["dimensions"]["slab_unreclaimable"]["before_bytes"] == 500 * MIB


def test_too_many_hosts_that_may_not_be_touched_hold_and_nothing_is_begun(tmp_path: Path) -> None:
    """Nothing is broken by the change, so it is no failure; a later run starts afresh."""
    held = before(gate_run(tmp_path, WEB), {"web1": lost_look(), "web2": before_look(), "web3": before_look()})
    assert (held["decision"], held["state"]["untouched"]) == ("hold", WEB)
    run = gate_run(tmp_path, WEB, "run-2")
    assert before(run)["decision"] == "pass"
    assert after(run)["decision"] == "pass"


def test_a_host_that_no_worker_looked_at_counts(tmp_path: Path) -> None:
    """Its variables are broken, so its task failed before it began; or a task before the gate's lost it."""
    held = before(gate_run(tmp_path, WEB), {"web2": before_look(), "web3": before_look()})
    assert (held["decision"], held["hosts"][0]["reasons"][0]["code"]) == ("hold", "lost")
    run = gate_run(tmp_path, WEB, "run-2", batch=["web2", "web3"], lost=["web1"])
    held = before(run)
    assert (held["decision"], [host["outcome"] for host in held["hosts"]]) == ("hold", ["bad", "good", "good"])
    all_lost = gate_run(tmp_path, ["db1", "db2"], "run-3", batch=["db2"], lost=["db1"])
    assert _gate_begin.begin(all_lost)["todo"] == ["db2", "db1"]


def test_bad_hosts_add_up_over_batches(tmp_path: Path) -> None:
    """One of two is allowed in each batch, and one of four in all."""
    gate = {"maximum_bad_percent": 50, "maximum_bad_percent_in_all": 25}
    policy = policy_of({"environments": {"production": {"gate": gate}}})
    hosts = ["web1", "web2", "web3", "web4"]
    first = gate_run(tmp_path, hosts, batch=hosts[:2], policy=policy)
    before(first)
    assert after(first, {"web1": lost_look(), "web2": after_look()})["decision"] == "pass"
    second = gate_run(tmp_path, hosts, batch=hosts[2:], policy=policy)
    before(second)
    decision = after(second, {"web3": lost_look(), "web4": after_look()})
    assert decision["decision"] == "fail"
    assert [code for code in codes(decision) if code != "not_testable"] == ["bad_hosts", "bad_hosts_in_all", "progress"]


def test_an_override_lifts_the_stop_and_keeps_its_reason(tmp_path: Path) -> None:
    """Its hosts count no more; the dimension that was found is not found again; the next new thing is."""
    hosts = [f"web{place}" for place in range(1, 14)]
    run = gate_run(tmp_path, hosts, batch=hosts[:3])
    for name in hosts:
        _gate_look.keep_look(run, name, "production", before_look(slab_unreclaimable_bytes=(500 + len(name)) * MIB))
    before(run, {name: before_look() for name in run.batch})
    stopped = after(run, {name: after_look(slab_unreclaimable_bytes=750 * MIB) for name in run.batch})
    assert (stopped["decision"], codes(stopped)[:2]) == ("fail", ["regression_paired", "regression_cohort"])
    assert [host["outcome"] for host in stopped["hosts"]] == ["good"] * 3
    for reason in ("yes", "short"):
        with pytest.raises(ValueError, match="needs a reason"):
            before(gate_run(tmp_path, hosts, "run-2", batch=hosts[3:8], override=reason))
    on = gate_run(tmp_path, hosts, "run-2", batch=hosts[3:8], override="Known, and paid for by ticket 4711.")
    assert before(on)["decision"] == "pass"
    decision = after(on, {name: after_look(slab_unreclaimable_bytes=750 * MIB) for name in on.batch})
    assert decision["decision"] == "pass", decision["sentence"]
    assert decision["regression"]["production"]["paired"]["dimensions"]["slab_unreclaimable"]["worse"]
    assert trail(on).count("override") == 1


def test_an_override_that_the_policy_forbids(tmp_path: Path) -> None:
    """Nobody can talk the gate into it."""
    policy = policy_of({"environments": {"production": {"gate": {"allow_override": False}}}})
    run = gate_run(tmp_path, WEB, batch=["web1"], policy=policy)
    before(run)
    after(run, {"web1": lost_look()})
    with pytest.raises(ValueError, match="allows no override"):
        before(gate_run(tmp_path, WEB, "run-2", batch=["web2"], policy=policy, override="The boss said so, twice."))


def test_a_sick_host_is_neither_pair_nor_control(tmp_path: Path) -> None:
    """It may be changed, and tells nothing about the others."""
    hosts = [f"web{place}" for place in range(1, 15)]
    run = gate_run(tmp_path, hosts, batch=hosts[:4])
    for name in hosts:
        _gate_look.keep_look(run, name, "production", before_look(**(SICK if name == "web14" else {})))
    before(run, {name: before_look(**(SICK if name == "web1" else {})) for name in run.batch})
    tests = after(run)["regression"]["production"]
    assert (tests["cohort"]["state"], tests["cohort"]["changed"], tests["cohort"]["unchanged"]) == (
        "not_testable",
        3,
        9,
    )


def test_a_step_that_failed_is_bad_and_named(tmp_path: Path) -> None:
    """The look shows where it left the host."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    before(run)
    _gate_look.keep_failed_step(run, "web1", before_look(), "dnf: no space left on device")
    decision = valid(_gate_judge.decide_batch(run))
    assert (decision["decision"], decision["state"]["old"]) == ("fail", ["web1"])
    assert "dnf: no space left on device" in decision["sentence"]


def test_check_mode_closes_a_batch_without_a_comparison(tmp_path: Path) -> None:
    """So that the next batch is looked at, too."""
    run = gate_run(tmp_path, WEB, batch=["web1"])
    before(run)
    assert valid(_gate_judge.close_untouched(run))["decision"] == "pass"
    assert before(gate_run(tmp_path, WEB, batch=["web2"]))["decision"] == "pass"


def test_deciding_without_a_batch_is_an_error(tmp_path: Path) -> None:
    """The phase before comes first."""
    with pytest.raises(ValueError, match="No batch"):
        _gate_judge.decide_batch(gate_run(tmp_path, WEB))


def test_plan_saves_the_targets_and_gives_the_batches(tmp_path: Path) -> None:
    """The denominator of all shares, before anything can fail. A later run may add to it and never takes away."""
    assert _gate_begin.plan(gate_run(tmp_path, WEB)) == {"targets": 3, "serial": [3, "10%", "25%"]}
    assert _gate_begin.plan(gate_run(tmp_path, ["web2"]))["targets"] == 3


def test_hostile_names_and_texts_are_shown_safely(tmp_path: Path) -> None:
    """A host's name or kernel may try to write to the terminal or into the XML."""
    name = "web\x1b[2J]]><x>&\u202e"
    run = gate_run(tmp_path, [name])
    before(run)
    decision = after(run, {name: after_look(kernel_release="6\x1b[0m<b>")})
    assert "\x1b" not in "\n".join(_gate_output.decision_lines(decision, None))
