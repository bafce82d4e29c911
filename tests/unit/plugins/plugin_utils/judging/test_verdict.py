# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict: what findings come to, and what it stands on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import JUDGED, LIMITED, TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import (
    Judged,
    coverage_of,
    coverage_text,
    verdict_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding, Judgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.disproportion import SimilarJudgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.own_history import HistoryJudgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.segment import Past
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import facts_of, subject_of

HIGH = Finding("percpu", "limit", "warning", "current", 2, 1, "bytes", "1", "It is high.", "Look.", "true")


def judged(*severities: str, known: tuple[str, ...] = LIMITED) -> Judged:
    """A host with findings of these severities."""
    findings = [replace(HIGH, severity=severity) for severity in severities]
    return Judged(subject_of(facts_of()), Judgement(judged=list(known)), findings=findings)


@pytest.mark.parametrize(
    ("severities", "verdict"),
    [((), "ok"), (("info",), "ok"), (("info", "warning"), "warning"), (("warning", "critical", "info"), "critical")],
)
def test_a_verdict_is_the_worst_that_counts(severities: tuple[str, ...], verdict: str) -> None:
    """Information does not."""
    assert verdict_of(judged(*severities)).verdict == verdict


def test_a_host_of_which_nothing_was_judged_is_unknown() -> None:
    """The checks alone make nobody healthy; a finding counts all the same."""
    assert verdict_of(judged(known=("dying_cgroups",))).verdict == "unknown"
    assert verdict_of(judged("warning", known=())).verdict == "warning"


def test_coverage_says_what_each_kind_of_rule_could_judge() -> None:
    """In names, with reasons, and in words."""
    host = judged(known=("percpu",))
    host.limits.not_judged["vmalloc"] = "It is address space."
    host.history = HistoryJudgement(
        Past(None, host.subject.sample, 0), Judgement(judged=["percpu", TOTAL], not_judged={"vmalloc": "No."})
    )
    host.similar = SimilarJudgement(Judgement(judged=["percpu"]), 12)
    coverage = coverage_of(host)
    assert coverage.text == f"1 of {len(JUDGED)} dimensions judged, history of 1 of {len(JUDGED)}, 12 similar hosts"
    host.history.not_asked = {"owners": "no cache is known", "growth": "needs 6 samples, has 3"}
    said = "; not judged: growth (needs 6 samples, has 3), who grew (no cache is known)"
    assert coverage_of(host).text == coverage.text + said
    assert coverage.history is not None
    assert (coverage.history.ready, coverage.history.not_judged) == (1, {"vmalloc": "No."})
    assert (coverage.similar_hosts, coverage.similar_hosts_reason) == (12, None)
    host.similar = SimilarJudgement(Judgement(not_judged={"percpu": "Too few.", "vmalloc": "Too few."}), None)
    assert (coverage_of(host).similar_hosts, coverage_of(host).similar_hosts_reason) == (None, "Too few.")


def test_coverage_in_words() -> None:
    assert coverage_text(["percpu"], {"kernel_stack.a": "x", "kernel_unreclaimable": "y"}, None, None) == (
        f"1 of {len(JUDGED)} dimensions judged, without 2 further checks"
    )
