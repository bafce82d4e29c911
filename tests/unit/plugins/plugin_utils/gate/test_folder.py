# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling, budgets, and the files of a rollout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decide import (
    Verdict,
    allowed,
    judge_environment,
    judge_tests,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.folder import MAXIMUM_EARLIER, GateFolder
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rollout_record import RolloutRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.settle import why_not_settled
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import after_look, lost_look, settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB

ROLLOUT = RolloutRecord("kernel-1", "2026-11-24T12:00:00Z", ("../web1",))


@pytest.mark.parametrize(
    ("looks", "why"),
    [
        ([], "not been looked at"),
        ([lost_look()], "Unreachable: no route to host"),
        ([after_look(uptime_seconds=None)], "uptime is not known"),
        ([after_look(uptime_seconds=100), after_look(uptime_seconds=200)], "up for 200 s; 300 s is the least"),
        ([after_look()], "once only"),
        ([after_look(boot_id="other"), after_look()], "once only"),
        (
            [after_look(slab_unreclaimable_bytes=GIB), after_look(slab_unreclaimable_bytes=2 * GIB)],
            "still moves: 1 GiB, then 2 GiB",
        ),
        ([after_look(), after_look(slab_unreclaimable_bytes=600 * MIB)], None),
        ([after_look(), after_look(slab_reclaimable_bytes=9 * GIB)], None),
        ([after_look(page_tables_bytes=20 * GIB), after_look(page_tables_bytes=21 * GIB)], None),
        ([after_look(), lost_look(), after_look()], None),
    ],
)
def test_when_a_host_has_settled(looks: list[dict[str, Any]], why: str | None) -> None:
    """Up for a while, and two looks of one boot that are alike: within noise, or within 5 %."""
    said = why_not_settled(looks, settings())
    assert said is None if why is None else said is not None and why in said


def test_a_host_that_is_still_in_its_old_boot_may_be_going_down() -> None:
    """Waiting is right, until the time is over."""
    assert "still runs the boot" in str(why_not_settled([after_look(), after_look()], settings(), "new-boot"))


@pytest.mark.parametrize(
    ("number", "percent", "whole", "most"),
    [
        (None, None, 9, None),
        (5, None, 3, 5),
        (None, 2, 49, 0),
        (None, 2, 50, 1),
        (5, 2, 1000, 5),
        (1, 50, 10, 1),
        (9, 50, 10, 5),
        (None, 0, 10, 0),
        (None, 100, 3, 3),
    ],
)
def test_the_stricter_of_number_and_share(
    number: int | None, percent: float | None, whole: int, most: int | None
) -> None:
    """A share counts whole hosts only: 2 % of 49 is none."""
    assert allowed(number, percent, whole) == most


@given(st.lists(st.sampled_from(["pass", "hold", "inconclusive", "fail", None])))
def test_the_worst_reason_decides_in_any_order(decisions: list[str | None]) -> None:
    """Fail, then inconclusive, then hold; what is only said decides nothing."""
    verdict = Verdict()
    for decision in decisions:
        verdict.add(decision, "code", f"Because {decision}.")
    worst = next((word for word in ("fail", "inconclusive", "hold") if word in decisions), "pass")
    assert verdict.decision == worst
    assert worst == "pass" or verdict.sentence == f"Because {worst}."


def answers(bad: int, good: int, inconclusive: int = 0) -> dict[str, dict[str, Any]]:
    """Answers of so many hosts."""
    words = ["bad"] * bad + ["inconclusive"] * inconclusive + ["good"] * good
    return {
        f"web{place}": {"outcome": word, "reasons": [{"treatment": word, "sentence": f"It is {word}."}]}
        for place, word in enumerate(words)
    }


def test_bad_hosts_of_a_batch_and_of_all_batches() -> None:
    """One in fifty is allowed in a batch; two in ninety-nine of the whole rollout are one too many."""
    verdict = Verdict()
    row = judge_environment(verdict, "production", answers(1, 49), ["web0"], 50, settings(), "fail")
    assert (verdict.decision, row["bad_allowed"], row["bad_in_all_allowed"]) == ("pass", 1, 1)
    judge_environment(verdict, "production", answers(1, 49), ["web0", "db1"], 99, settings(), "fail")
    assert verdict.decision == "fail"
    assert verdict.sentence == "2 of 99 hosts in production are bad so far, and 1 is allowed: db1, web0."


def test_too_many_bad_hosts_name_their_reason() -> None:
    """The sentence that the person on call reads."""
    verdict = Verdict()
    judge_environment(verdict, "production", answers(2, 1), ["web0", "web1"], 3, settings(), "hold")
    assert verdict.decision == "hold"
    assert (
        verdict.sentence
        == "2 of 3 hosts of this batch in production are bad, and none is allowed: web0 (It is bad), web1 likewise."
    )


def test_one_host_that_can_not_be_judged_stops() -> None:
    """Not known is not healthy."""
    verdict = Verdict()
    judge_environment(verdict, "production", answers(0, 9, 1), [], 10, settings(), "fail")
    assert verdict.decision == "inconclusive"


def test_not_testable_decides_only_where_a_test_is_demanded() -> None:
    """Small pools are decided host by host, and the decision says so."""
    tests = {
        "paired": {"state": "not_testable", "reason": "3 hosts have changed."},
        "cohort": {"state": "not_testable", "reason": "Too few."},
    }
    for needed, decision in ((False, "pass"), (True, "inconclusive")):
        verdict = Verdict()
        judge_tests(verdict, tests, {}, settings(require_regression_test=needed))
        assert verdict.decision == decision
        assert any(reason["sentence"].startswith("Cohort not testable: too few") for reason in verdict.reasons)
    verdict = Verdict()
    judge_tests(verdict, {**tests, "paired": {"state": "tested"}}, {}, settings(require_regression_test=True))
    assert (verdict.decision, verdict.reasons) == ("pass", [])


def test_files_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Nothing is left beside them."""
    folder = GateFolder(str(tmp_path / "gate"), "kernel-1")
    assert (folder.read_rollout(), folder.read_decision()) == (None, None)
    assert folder.read_host("../web1") == HostRecord("../web1")
    folder.write_rollout(ROLLOUT)
    folder.write_host(HostRecord("../web1", HostState.CHANGING))
    assert folder.read_rollout() == ROLLOUT
    assert folder.read_hosts(["../web1"])["../web1"].state is HostState.CHANGING
    folder.add_to_trail({"event": "one"})
    folder.add_to_trail({"event": "two"})
    assert [
        json.loads(line)["event"] for line in (tmp_path / "gate/kernel-1/trail.jsonl").read_text().splitlines()
    ] == ["one", "two"]
    assert sorted(path.name for path in (tmp_path / "gate").rglob("*") if path.is_file()) == [
        "%..%2Fweb1.json",
        "rollout.json",
        "trail.jsonl",
    ]


def test_the_last_six_looks_stay_for_the_next_rollout(tmp_path: Path) -> None:
    """One for each boot and about the same uptime: ten minutes and an hour of one boot are two, twelve minutes are
    none.
    """
    folder = GateFolder(str(tmp_path), "kernel-1")
    for boot in range(4):
        for uptime in (600, 720, 3600, None):
            folder.add_earlier(
                "web1", {"boot_id": f"boot-{boot}", "kernel": "5", "uptime_seconds": uptime, "amounts": {}}
            )
    kept = [(look["boot_id"], look["uptime_seconds"]) for look in GateFolder(str(tmp_path), "kernel-2").earlier("web1")]
    assert kept == [(f"boot-{boot}", uptime) for boot in range(1, 4) for uptime in (600, 3600)]
    assert len(kept) == MAXIMUM_EARLIER


@pytest.mark.parametrize("name", ["", ".", "../x", "a/b", "-rf", "a" * 101, "kernel 1"])
def test_names_of_rollouts_that_are_refused(name: str) -> None:
    """It becomes a folder."""
    with pytest.raises(ValueError, match="The rollout is named"):
        GateFolder("gate", name)
