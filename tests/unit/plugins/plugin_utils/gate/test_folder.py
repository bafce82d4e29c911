# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settling, budgets, and the files of a rollout."""

from __future__ import annotations

import json
import os
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
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.folder import (
    MAXIMUM_EARLIER,
    GateFolder,
    _file_name,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.settle import why_not_settled
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import after_look, lost_look, settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB


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


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_names_of_hosts_are_safe_and_different_file_names(one: str, other: str) -> None:
    """An inventory name may hold anything, also ../ and upper and lower case."""
    try:
        first, second = _file_name(one), _file_name(other)
    except UnicodeEncodeError:
        return
    assert "/" not in first and not first.startswith(".") and len(first) <= 160 and first.isascii()
    assert (first == second) == (one == other)


def test_files_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Nothing is left beside them."""
    folder = GateFolder(str(tmp_path / "gate"), "kernel-1")
    assert (folder.read_rollout(), folder.read_decision()) == (None, None)
    assert folder.read_host("../web1") == {"host": "../web1", "status": "untouched"}
    folder.write_rollout({"targets": ["../web1"]})
    folder.write_host({"host": "../web1", "status": "begun"})
    assert folder.read_rollout() == {"format": 1, "targets": ["../web1"]}
    assert folder.read_hosts(["../web1"])["../web1"]["status"] == "begun"
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


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 99}', '"text"'])
def test_a_broken_file_is_an_error_and_never_an_empty_state(tmp_path: Path, content: str) -> None:
    """A gate without memory would let everything through."""
    folder = GateFolder(str(tmp_path), "rollout")
    os.makedirs(folder.path)
    (Path(folder.path) / "rollout.json").write_text(content)
    with pytest.raises(ValueError, match="rollout of another name"):
        folder.read_rollout()


def test_a_full_or_foreign_disk_stops(tmp_path: Path) -> None:
    """The sentence says why."""
    (tmp_path / "file").write_text("")
    folder = GateFolder(str(tmp_path / "file"), "rollout")
    with pytest.raises(ValueError, match="has no memory, so it stops"):
        folder.write_rollout({})
    with pytest.raises(ValueError, match="trail.jsonl can't be written"):
        folder.add_to_trail({})


@pytest.mark.parametrize("name", ["", ".", "../x", "a/b", "-rf", "a" * 101, "kernel 1"])
def test_names_of_rollouts_that_are_refused(name: str) -> None:
    """It becomes a folder."""
    with pytest.raises(ValueError, match="The rollout is named"):
        GateFolder("gate", name)
