# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision of a gate: pass, hold, fail or inconclusive, over what it found of each host.

``fail``: the change has made hosts worse. ``inconclusive``: it can't be known. ``hold``: nothing is broken by the
change, but it must not go on now. Where several apply, the first of these stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..text.units import number_text
from ..words.labels import hosts_phrase, some_names
from .host_record import HostAnswer, Reason
from .json_files import Plain

ORDER = ("fail", "inconclusive", "hold", "pass")
_NAMES = 5


def allowed(number: int | None, percent: float | None, whole: int) -> int | None:
    """Return how many hosts may be bad: the stricter of a number and a share of *whole* (whole hosts only), or None
    for any.
    """
    limits = [number] if number is not None else []
    if percent is not None:
        limits.append(int(whole * percent // 100))
    return min(limits, default=None)


class Verdict:
    """A decision that grows stricter as reasons are added."""

    def __init__(self) -> None:
        self.decision = "pass"
        self.reasons: list[Plain] = []

    def add(self, decision: str | None, code: str, sentence: str) -> None:
        """Add a reason for *decision*, or one that is only said (None)."""
        self.reasons.append({"decision": decision, "code": code, "sentence": sentence})
        if decision is not None and ORDER.index(decision) < ORDER.index(self.decision):
            self.decision = decision

    @property
    def sentence(self) -> str:
        """The first reason of the decision."""
        found = [reason["sentence"] for reason in self.reasons if reason["decision"] == self.decision]
        return str(found[0]) if found else "Nothing speaks against going on."


def judge_environment(
    verdict: Verdict,
    environment: str,
    answers: Mapping[str, HostAnswer],
    bad_in_all: Sequence[str],
    targets: int,
    settings: Mapping[str, Any],
    over: str,
) -> Plain:
    """Weigh the *answers* (outcome and reasons by host) of the hosts of one environment, and return its numbers.

    *bad_in_all* are all bad hosts of the rollout in this environment, of *targets*; *over* is the decision for too many
    bad hosts.
    """
    bad = sorted(name for name, answer in answers.items() if answer["outcome"] == "bad")
    unsure = sorted(name for name, answer in answers.items() if answer["outcome"] == "inconclusive")
    # Whom an earlier batch could bear does not stop another one; in all it counts as before.
    counted = [name for name in bad if not answers[name].get("allowed_before")]
    batch_limit = allowed(settings["maximum_bad_hosts"], settings["maximum_bad_percent"], len(answers))
    all_limit = allowed(settings["maximum_bad_hosts_in_all"], settings["maximum_bad_percent_in_all"], targets)
    if batch_limit is not None and len(counted) > batch_limit:
        said = (
            f"{_of(len(bad), len(answers))} of this batch in {environment} {_are(bad)} bad, and "
            f"{_allow(batch_limit)} allowed"
        )
        verdict.add(over, "bad_hosts", f"{said}: {_named(bad, answers)}.")
    elif bad:
        said = f"{_of(len(bad), len(answers))} of this batch in {environment} {_are(bad)} bad, which is allowed"
        verdict.add(None, "bad_hosts", f"{said}: {_named(bad, answers)}.")
    if (
        all_limit is not None
        and len(bad_in_all) > all_limit
        and not (batch_limit is not None and len(counted) > batch_limit)
    ):
        said = (
            f"{_of(len(bad_in_all), targets)} in {environment} {_are(bad_in_all)} bad so far, and "
            f"{_allow(all_limit)} allowed"
        )
        verdict.add(over, "bad_hosts_in_all", f"{said}: {some_names(sorted(bad_in_all), _NAMES)}.")
    if unsure:
        verdict.add(
            "inconclusive",
            "inconclusive_hosts",
            f"{hosts_phrase(len(unsure))} can't be judged: {_named(unsure, answers)}.",
        )
    return {
        "environment": environment,
        "hosts": len(answers),
        "bad": len(bad),
        "bad_allowed": batch_limit,
        "targets": targets,
        "bad_in_all": len(bad_in_all),
        "bad_in_all_allowed": all_limit,
        "inconclusive": len(unsure),
    }


def judge_tests(
    verdict: Verdict, tests: Mapping[str, Mapping[str, Any]], sentences: Mapping[str, str], settings: Mapping[str, Any]
) -> None:
    """Weigh the two tests for a regression; *sentences* has one for each dimension that is worse, by
    ``test.dimension``.
    """
    for name, sentence in sentences.items():
        verdict.add("fail", f"regression_{name.partition('.')[0]}", sentence)
    if any(test["state"] == "tested" for test in tests.values()):
        return
    needed = settings["require_regression_test"]
    for name, test in tests.items():
        words = {"paired": "No test of the hosts against themselves", "cohort": "Cohort not testable"}[name]
        if test["state"] == "not_testable":
            rest = "and the policy demands a test" if needed else "so the rules for each host decide"
            verdict.add(
                "inconclusive" if needed else None,
                "not_testable",
                f"{words}: {str(test['reason'])[:1].lower()}{str(test['reason'])[1:-1]}, {rest}.",
            )


def _of(part: int, whole: int) -> str:
    return f"{part:,} of {hosts_phrase(whole)}"


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _allow(limit: int) -> str:
    return "none is" if limit == 0 else f"{number_text(limit)} {'is' if limit == 1 else 'are'}"


def _named(names: Sequence[str], answers: Mapping[str, HostAnswer]) -> str:
    """Return names with their reasons. Hosts of the same kind of reason are named together, with that of the first."""
    kinds: dict[tuple[str, str | None], list[str]] = {}
    for name in names:
        first = _first_reason(answers[name])
        kinds.setdefault((first.get("code", ""), first.get("dimension")), []).append(name)
    parts = []
    for alike in list(kinds.values())[:3]:
        said = f"{some_names(alike[:1], 1)} ({_first_reason(answers[alike[0]])['sentence'].rstrip('.')[:300]})"
        parts.append(said + (f", {some_names(alike[1:], _NAMES)} likewise" if alike[1:] else ""))
    left_out = sum(len(alike) for alike in list(kinds.values())[3:])
    return "; ".join(parts) + (f" and {left_out:,} more" if left_out else "")


def _first_reason(answer: HostAnswer) -> Reason:
    """Return the first reason for the outcome of a host."""
    for reason in answer["reasons"]:
        if reason["treatment"] == answer["outcome"]:
            return reason
    return {"code": "", "sentence": "no reason given", "dimension": None, "treatment": answer["outcome"]}
