# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one order of judging: each host once, what fails costs no more than it must, and causes are told once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.table import PATTERNS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging import judge as _judge
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Judgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.waivers import Waiver
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.earlier import Earlier
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import days_of, series_before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.archetypes import sick
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, facts_of, subject_of

TODAY = date(2026, 11, 24)
SICK = facts_of(slab_unreclaimable_bytes=11 * GIB, boot_id="one", uptime_seconds=100 * 86400)


def fleet(*names: str) -> list[Subject]:
    """Hosts with 11 GiB of slab, which is critical."""
    return [subject_of(SICK, name=name) for name in names]


def test_each_host_is_judged_once_and_without_a_history_by_its_numbers() -> None:
    """The order is that of the subjects."""
    answer = _judge.judge_fleet(fleet("b", "a"), None, (), TODAY)
    assert list(answer.hosts) == ["b", "a"] and answer.notes == []
    for judged in answer.hosts.values():
        assert judged.history is None and judged.similar is not None
        assert [(one.key, one.severity) for one in judged.findings] == [(("slab_unreclaimable", "limit"), "critical")]


def test_a_host_that_the_history_does_not_know_is_judged_by_it_all_the_same() -> None:
    """It says that there is no sample yet; one that has some is judged by them."""
    known = series_before(days_of("slab_unreclaimable", [600] * 10))
    answer = _judge.judge_fleet(fleet("web1", "new"), [known], (), TODAY)
    history = {name: judged.history for name, judged in answer.hosts.items()}
    assert history["web1"] is not None and history["new"] is not None
    assert {one.state for one in history["new"].baselines.values()} == {"no_history"}
    assert {one.samples for one in history["web1"].baselines.values()} == {9}
    assert answer.hosts["web1"].recent is not None and answer.hosts["new"].recent is None


def test_a_host_that_a_rule_stumbles_over_costs_nobody_else_a_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is set aside with the reason on one line."""
    judge_limits = _judge.judge_limits

    def stumbling(subject: Subject, growing: Collection[str], earlier: Earlier) -> Judgement:
        if subject.name == "odd":
            raise ZeroDivisionError("no\nRAM")
        return judge_limits(subject, growing, earlier)

    monkeypatch.setattr(_judge, "judge_limits", stumbling)
    answer = _judge.judge_fleet(fleet("odd", "web1"), None, (), TODAY)
    assert answer.hosts["odd"].problem == "judging it failed with ZeroDivisionError: no RAM"
    assert answer.hosts["odd"].findings == [] and answer.hosts["web1"].problem is None
    assert len(answer.hosts["web1"].findings) == 1
    with pytest.raises(ZeroDivisionError):
        _judge.judge_alone(fleet("odd")[0], (), TODAY)


def test_a_rule_over_the_fleet_that_stumbles_costs_its_own_findings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every host keeps what its own numbers say, and the run says what is missing."""

    def stumbling(*_arguments: object) -> None:
        raise ValueError("No way.")

    monkeypatch.setattr(_judge, "judge_similar_hosts", stumbling)
    answer = _judge.judge_fleet(fleet("a", "b"), None, (), TODAY)
    assert [len(judged.findings) for judged in answer.hosts.values()] == [1, 1]
    assert answer.notes == ["Hosts could not be compared with each other (ValueError: No way.); report this as a bug."]


def test_a_cause_is_told_of_a_part_and_the_total_gives_way() -> None:
    """The whole says nothing that its main part does not say better."""
    (pattern,) = (one for one in PATTERNS if one.name == "bpf_maps" and "percpu" in one.dimensions)
    judged = _judge.judge_alone(subject_of(sick("4 GiB VM that could have 128 CPUs")), (), TODAY)
    findings = {one.dimension: one for one in judged.findings}
    assert TOTAL not in findings and findings["percpu"].pattern == "bpf_maps"
    assert pattern.meaning in findings["percpu"].explanation
    assert findings["percpu"].next_step == pattern.next_step


def test_what_is_waived_does_not_count_and_stays_visible() -> None:
    """The policy has the last word."""
    waiver = Waiver("web*", "slab_unreclaimable", None, "Known since the upgrade.", "2026-11-24")
    answer = _judge.judge_fleet(fleet("web1", "db1"), None, (waiver,), TODAY)
    assert answer.hosts["web1"].findings == [] and len(answer.hosts["db1"].findings) == 1
    (waived,) = answer.hosts["web1"].waivers.waived
    assert (waived.status, waived.severity) == ("waived", "critical")
