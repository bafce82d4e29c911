# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision about a batch: how many bad hosts are too many, what each reason does to it, and what it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decide import (
    ORDER,
    Verdict,
    allowed,
    judge_environment,
    judge_tests,
)

SETTINGS = {
    "maximum_bad_hosts": None,
    "maximum_bad_percent": None,
    "maximum_bad_hosts_in_all": None,
    "maximum_bad_percent_in_all": None,
    "require_regression_test": False,
}


def answer(outcome: str, sentence: str = "It grew.", code: str = "growth", **more: Any) -> Any:
    """What the gate found about one host; a reason that is only said stands before the one that counts."""
    noted = {"code": "noted", "treatment": "accept", "sentence": "Only noted.", "dimension": None}
    reason = {"code": code, "treatment": outcome, "sentence": sentence, "dimension": None}
    return {"outcome": outcome, "reasons": [noted, reason], **more}


def batch(bad: int = 0, good: int = 0, unsure: int = 0) -> dict[str, Any]:
    """The answers of a batch, each host with a reason of its own."""
    kinds = ["bad"] * bad + ["good"] * good + ["inconclusive"] * unsure
    return {f"web{number}": answer(kind, code=f"code{number}") for number, kind in enumerate(kinds, 1)}


def judged(
    answers: dict[str, Any], bad_in_all: list[str] | None = None, targets: int = 1000, **limits: Any
) -> tuple[Verdict, dict[str, Any]]:
    """The decision about a batch of production, and its numbers."""
    verdict = Verdict()
    numbers = judge_environment(
        verdict, "production", answers, bad_in_all or [], targets, {**SETTINGS, **limits}, "fail"
    )
    return verdict, numbers


@pytest.mark.parametrize(
    ("number", "percent", "whole", "expected"),
    [
        (None, None, 50, None),
        (3, None, 50, 3),
        (0, None, 50, 0),
        (None, 10, 50, 5),
        (None, 10, 59, 5),
        (None, 0, 50, 0),
        (3, 10, 50, 3),
        (7, 10, 50, 5),
        (0, 10, 50, 0),
        (None, 100, 1, 1),
        (None, 99.9, 1, 0),
    ],
)
def test_the_stricter_of_a_number_and_a_share_holds(
    number: int | None, percent: float | None, whole: int, expected: int | None
) -> None:
    """A share allows whole hosts only: 10 % of 59 is five. None of both allows any."""
    assert allowed(number, percent, whole) == expected


@given(st.lists(st.sampled_from([None, *ORDER])))
def test_the_first_of_the_order_stands_whatever_comes_after(given_reasons: list[str | None]) -> None:
    """A rollout that failed can't be healed by a reason to pass; what is only said changes nothing."""
    verdict = Verdict()
    for place, decision in enumerate(given_reasons):
        verdict.add(decision, f"code{place}", f"Reason {place}.")
    said = [one for one in given_reasons if one is not None]
    assert verdict.decision == next((one for one in ORDER if one in said), "pass")
    assert [(one["decision"], one["code"]) for one in verdict.reasons] == [
        (one, f"code{place}") for place, one in enumerate(given_reasons)
    ]
    if verdict.decision in said:
        assert verdict.sentence == f"Reason {given_reasons.index(verdict.decision)}."
    else:
        assert verdict.sentence == "Nothing speaks against going on."


@pytest.mark.parametrize(
    ("bad", "good", "limit", "decision", "said"),
    [
        (0, 10, 0, "pass", None),
        (1, 9, 0, "fail", "1 of 10 hosts of this batch in production is bad, and none is allowed: web1 (It grew)."),
        (1, 9, 1, "pass", "1 of 10 hosts of this batch in production is bad, which is allowed: web1 (It grew)."),
        (1, 0, None, "pass", "1 of 1 host of this batch in production is bad, which is allowed: web1 (It grew)."),
        (
            2,
            8,
            1,
            "fail",
            "2 of 10 hosts of this batch in production are bad, and 1 is allowed: web1 (It grew); web2 (It grew).",
        ),
        (
            5,
            1500,
            2,
            "fail",
            "5 of 1,505 hosts of this batch in production are bad, and 2 are allowed: "
            "web1 (It grew); web2 (It grew); web3 (It grew) and 2 more.",
        ),
    ],
)
def test_bad_hosts_of_a_batch(bad: int, good: int, limit: int | None, decision: str, said: str | None) -> None:
    """More than allowed stops; as many as allowed are said, with why, and go on. Three are named."""
    verdict, numbers = judged(batch(bad, good), maximum_bad_hosts=limit)
    assert verdict.decision == decision
    assert [one["sentence"] for one in verdict.reasons] == ([said] if said else [])
    assert {one["code"] for one in verdict.reasons} <= {"bad_hosts"}
    assert numbers == {
        "environment": "production",
        "hosts": bad + good,
        "bad": bad,
        "bad_allowed": limit,
        "targets": 1000,
        "bad_in_all": 0,
        "bad_in_all_allowed": None,
        "inconclusive": 0,
    }


@pytest.mark.parametrize("over", ["fail", "hold"])
@pytest.mark.parametrize(
    ("bad_in_all", "limit", "said"),
    [
        (3, 3, None),
        (3, None, None),
        (1, 0, "1 of 1,000 hosts in production is bad so far, and none is allowed: a1."),
        (2, 1, "2 of 1,000 hosts in production are bad so far, and 1 is allowed: a1, a2."),
        (7, 3, "7 of 1,000 hosts in production are bad so far, and 3 are allowed: a1, a2, a3, a4, a5 and 2 more."),
    ],
)
def test_bad_hosts_of_the_whole_rollout(over: str, bad_in_all: int, limit: int | None, said: str | None) -> None:
    """A rollout that loses one host a batch must stop too. Five are named, in the order of names."""
    verdict, names = Verdict(), [f"a{number}" for number in range(bad_in_all, 0, -1)]
    settings = {**SETTINGS, "maximum_bad_hosts_in_all": limit}
    numbers = judge_environment(verdict, "production", batch(good=2), names, 1000, settings, over)
    expected = [(over, "bad_hosts_in_all", said)] if said else []
    assert [(one["decision"], one["code"], one["sentence"]) for one in verdict.reasons] == expected
    assert (numbers["bad_in_all"], numbers["bad_in_all_allowed"]) == (bad_in_all, limit)


def test_a_batch_that_stops_by_itself_is_not_said_twice() -> None:
    """The batch's own sentence is the nearer one; the rollout's is said where the batch alone would go on."""
    limits = {"maximum_bad_hosts": 1, "maximum_bad_hosts_in_all": 1}
    codes = [one["code"] for one in judged(batch(2, 8), ["web1", "web2"], **limits)[0].reasons]
    assert codes == ["bad_hosts"]
    verdict = judged(batch(1, 9), ["web0", "web1"], **limits)[0]
    assert [(one["decision"], one["code"]) for one in verdict.reasons] == [
        (None, "bad_hosts"),
        ("fail", "bad_hosts_in_all"),
    ]
    without = judged(batch(2, 8), ["web1", "web2"], maximum_bad_hosts_in_all=1)[0]
    assert [one["code"] for one in without.reasons] == ["bad_hosts", "bad_hosts_in_all"]


def test_shares_are_of_the_batch_and_of_all_targets() -> None:
    """10 % of ten is one, 10 % of a thousand is a hundred."""
    numbers = judged(batch(1, 9), ["web1"], maximum_bad_percent=10, maximum_bad_percent_in_all=10)[1]
    assert (numbers["bad_allowed"], numbers["bad_in_all_allowed"]) == (1, 100)


def test_a_host_that_an_earlier_batch_could_bear_does_not_stop_another() -> None:
    """It stays bad and is named; only the count that stops leaves it out."""
    answers = {"web1": answer("bad", allowed_before=True), "web2": answer("bad"), "web3": answer("good")}
    verdict, numbers = judged(answers, maximum_bad_hosts=1)
    assert verdict.decision == "pass" and numbers["bad"] == 2
    assert verdict.reasons[0]["sentence"].startswith("2 of 3 hosts of this batch in production are bad, which is")
    answers["web3"] = answer("bad")
    assert judged(answers, maximum_bad_hosts=1)[0].decision == "fail"


def test_hosts_that_can_not_be_judged_are_no_good_ones() -> None:
    """No data is never healthy."""
    verdict, numbers = judged(batch(good=3, unsure=2))
    assert [(one["decision"], one["code"], one["sentence"]) for one in verdict.reasons] == [
        ("inconclusive", "inconclusive_hosts", "2 hosts can't be judged: web4 (It grew); web5 (It grew).")
    ]
    assert numbers["inconclusive"] == 2


def test_a_long_reason_and_none_at_all_are_said_in_short() -> None:
    """A hostile host's sentence is cut, and its missing one has words."""
    answers = {"a": answer("bad", "x" * 400 + "."), "b": {"outcome": "bad", "reasons": []}}
    assert judged(answers)[0].reasons[0]["sentence"].endswith(f": a ({'x' * 300}); b (no reason given).")


def test_a_regression_fails_and_names_its_test() -> None:
    """Each dimension that is worse has a reason of its own."""
    verdict = Verdict()
    sentences = {"paired.slab": "Slab is worse.", "cohort.slab": "Slab is worse than elsewhere."}
    judge_tests(verdict, {"paired": {"state": "tested"}}, sentences, SETTINGS)
    assert [(one["decision"], one["code"]) for one in verdict.reasons] == [
        ("fail", "regression_paired"),
        ("fail", "regression_cohort"),
    ]


@pytest.mark.parametrize(
    ("needed", "decision", "rest"),
    [(True, "inconclusive", "and the policy demands a test"), (False, None, "so the rules for each host decide")],
)
def test_no_test_stops_only_where_the_policy_demands_one(needed: bool, decision: str | None, rest: str) -> None:
    """Both tests say why they could not be made; one that was not asked for is silent."""
    tests = {
        "paired": {"state": "not_testable", "reason": "Two hosts are too few."},
        "cohort": {"state": "not_testable", "reason": "There is no control."},
    }
    verdict = Verdict()
    judge_tests(verdict, tests, {}, {**SETTINGS, "require_regression_test": needed})
    assert [(one["decision"], one["code"], one["sentence"]) for one in verdict.reasons] == [
        (decision, "not_testable", f"No test of the hosts against themselves: two hosts are too few, {rest}."),
        (decision, "not_testable", f"Cohort not testable: there is no control, {rest}."),
    ]
    tests["cohort"] = {"state": "off", "reason": "It is off."}
    verdict = Verdict()
    judge_tests(verdict, tests, {}, {**SETTINGS, "require_regression_test": needed})
    assert len(verdict.reasons) == 1


def test_one_test_that_could_be_made_is_enough() -> None:
    """Whoever demands a test has one."""
    verdict = Verdict()
    tests = {"paired": {"state": "not_testable", "reason": "Few."}, "cohort": {"state": "tested"}}
    judge_tests(verdict, tests, {}, {**SETTINGS, "require_regression_test": True})
    assert (verdict.decision, verdict.reasons) == ("pass", [])
