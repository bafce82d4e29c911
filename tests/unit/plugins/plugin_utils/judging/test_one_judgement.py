# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One judgement: an audit, every phase of the gate that looks at a host, ``classify`` and ``replay`` say the same of
one host, since all of them go through ``judging/judge.py`` with the same inputs.

Asked of every tree of tests/cases, of every archetype and its sick twin, and of two hosts of whom gate and audit once
said the opposite.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.facts import build_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.build import build_audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer import look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.judgement import HostJudgement
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.check import decide_check
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.look import keep_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.soak import decide_soak
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.of_a_run import Past
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.classify import classify
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.replay import judge_by, replay
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    COLUMNS,
    SAMPLED,
    UNKNOWN,
    Series,
    row_of,
    sample_of,
    series_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import utc_text
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.aging import aged_rows
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import days_of, series_before
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.archetypes import ARCHETYPES, healthy, sick
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch, end_batch, gate_run, valid
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB, NOW, healthy_facts
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import CASES, case

POLICY = policy_of(None)
NAME = "web1"
SLAB = "slab_unreclaimable"
TREES = sorted(one.parent.parent.name for one in Path(CASES).glob("*/proc/meminfo"))
PAIRS = [f"{name}, {state}" for name in ARCHETYPES for state in ("well", "sick")]
FLAT, GROWS = "10.6 GiB flat for 15 days", "0.6 to 4.6 GiB in 20 days"
HOSTS = [*TREES, *PAIRS, FLAT, GROWS]


@dataclass(frozen=True)
class Asked:
    """A host that all are asked about: its facts, its earlier samples, and when it is asked."""

    facts: Mapping[str, Any]
    series: Series | None
    now: int


class Remembering(Past):
    """The past of one host without a store: all that an audit asks a store for beside the samples is not told here."""

    def __init__(self, known: Series | None) -> None:
        super().__init__()
        self._known = known

    @property
    def series(self) -> Iterable[Series] | None:
        """What is remembered; None where nothing is kept."""
        return None if self._known is None else [replace(self._known, host=NAME)]


def of_a_case(name: str) -> Asked:
    """The tree of a case, with the history that stands beside it; it is asked a step after the last sample."""
    facts = json.loads(json.dumps(build_facts(case(name))))
    kept = Path(CASES) / name / "history.jsonl"
    if not kept.exists():
        return Asked({**facts, "transport": "lean", "collected_at": utc_text(NOW)}, None, NOW)
    records = [json.loads(line) for line in kept.read_text().splitlines()]
    samples = sorted((one for one in records if one["record"] == "sample"), key=lambda one: int(one["collected_at"]))
    rows = [tuple(UNKNOWN if one.get(name) is None else int(one[name]) for name in COLUMNS) for one in samples]
    now = 2 * int(samples[-1]["collected_at"]) - int(samples[-2]["collected_at"])
    return Asked({**facts, "transport": "lean", "collected_at": utc_text(now)}, aged_rows(NAME, rows), now)


def of_slab(mib: Sequence[float]) -> Asked:
    """A 64 GiB host with so much slab day by day, now the last."""
    facts = healthy_facts(
        boot_id="one",
        uptime_seconds=100 * 86400,
        slab_unreclaimable_bytes=round(mib[-1] * MIB),
        kernel_unreclaimable_bytes=round((mib[-1] + 512) * MIB),
    )
    return Asked(facts, series_before(days_of(SLAB, mib, kernel_unreclaimable=None)), NOW)


@cache
def asked(name: str) -> Asked:
    """The host of a name."""
    if name in TREES:
        return of_a_case(name)
    if name == FLAT:
        return of_slab([10_600 + day % 3 for day in range(16)])
    if name == GROWS:
        return of_slab([600 + 200 * day for day in range(21)])
    archetype, state = name.rsplit(", ", 1)
    facts = (healthy if state == "well" else sick)(archetype).as_plain()
    return Asked(json.loads(json.dumps({**facts, "transport": "lean", "collected_at": utc_text(NOW)})), None, NOW)


Said = tuple[str, set[tuple[str, str, str, str]]]
"""A verdict, and the findings that count: dimension, kind, severity, status."""


def said(verdict: str, findings: Sequence[Finding]) -> Said:
    """What is compared."""
    return verdict, {(*one.key, one.severity, one.status) for one in findings if one.severity != "info"}


@cache
def audited(name: str) -> Said:
    """What an audit says."""
    host = asked(name)
    records = {NAME: synthetic.record(NAME, facts=host.facts)}
    run = synthetic.run((NAME,), started_at=utc_text(host.now), generated_at=utc_text(host.now))
    (entry,) = build_audit(run, records, POLICY, past=Remembering(host.series)).hosts
    return said(entry.verdict, entry.findings)


def gate_of(folder: Path, host: Asked, run_id: str = "run-1") -> GateRun:
    """A run of the gate that has the same history."""
    series = None if host.series is None else {NAME: replace(host.series, host=NAME)}
    return gate_run(folder, [NAME], run_id, series=series, now=utc_text(host.now))


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[HostJudgement]:
    """Every judgement that a phase of the gate asks for."""
    judgements: list[HostJudgement] = []
    judge = GateRun.judge

    def listening(run: GateRun, looks: Any) -> dict[str, HostJudgement]:
        found = judge(run, looks)
        judgements.extend(found.values())
        return found

    monkeypatch.setattr(GateRun, "judge", listening)
    return judgements


@pytest.mark.parametrize("name", HOSTS)
def test_every_phase_of_the_gate_judges_as_the_audit(name: str, tmp_path: Path, heard: list[HostJudgement]) -> None:
    """``check``, ``before``, ``after`` and ``soak`` ask, and each hears the audit's verdict and findings."""
    host = asked(name)
    one = look("facts", None, host.facts, utc_text(host.now))
    if one["outcome"] != "facts":
        assert (one["outcome"], audited(name)[0]) == ("not_auditable", "unknown")
        return
    check = gate_of(tmp_path / "check", host)
    keep_look(check, NAME, "production", one)
    decision = valid(decide_check(check))
    rollout = gate_of(tmp_path / "rollout", host)
    before = begin_batch(rollout, {NAME: one})
    phases = ["check", "before"]
    # A host of which nothing is known, or that is out of memory, is not touched.
    if before["decision"] == "pass":
        end_batch(rollout, {NAME: one})
        soak = gate_of(tmp_path / "rollout", host, "run-2")
        keep_look(soak, NAME, "production", one)
        valid(decide_soak(soak, 30))
        phases += ["reference", "after", "after, in soak", "soak"]
    heard_by = dict(zip(phases, heard, strict=True))
    words = {phase: said(judgement.verdict, judgement.findings) for phase, judgement in heard_by.items()}
    assert words == dict.fromkeys(phases, audited(name))
    blocks = any(status != "long_standing" for *_finding, status in audited(name)[1])
    assert len(phases) == 6 or audited(name)[0] in ("unknown", "critical")
    outcome = decision["hosts"][0]["outcome"]
    assert (outcome != "good") is (blocks or audited(name)[0] == "unknown"), decision["reasons"]


@pytest.mark.parametrize("name", [name for name in HOSTS if name not in (FLAT, GROWS)])
def test_classify_says_what_an_audit_without_a_history_says(name: str) -> None:
    """It has no history to judge by, so it is compared with an audit that has none."""
    host = replace(asked(name), series=None)
    records = {NAME: synthetic.record(NAME, facts=host.facts)}
    run = synthetic.run((NAME,), started_at=utc_text(host.now), generated_at=utc_text(host.now))
    (entry,) = build_audit(run, records, POLICY).hosts
    alone = classify(checked_facts(host.facts), POLICY, "production", name=NAME)
    assert said(alone.verdict, alone.findings) == said(entry.verdict, entry.findings)


NOT_KEPT = {
    "Kubernetes node with 110 pods, sick": "how many control groups are in use",
    "zfs-slab-healthy-nas": "how large the cache of ZFS is",
}
"""Hosts of whom replay can't say what the audit says, and what no sample keeps."""


@pytest.mark.parametrize("name", HOSTS)
def test_replay_says_of_what_a_sample_keeps_what_the_audit_says(name: str) -> None:
    """A sample keeps amounts and counts, and not how exact the remainder is nor who holds it."""
    host = asked(name)
    sample = sample_of(NAME, checked_facts(host.facts), host.now)
    rows = [] if host.series is None else list(zip(*[host.series.columns[one] for one in COLUMNS], strict=True))
    series = series_of(NAME, [*rows, row_of(sample)])
    alarms = replay([series], {}, judge_by(POLICY, "production"), since=host.now).alarms
    kept = {(one.dimension, one.kind, one.severity) for one in alarms if one.dimension in SAMPLED}
    full = {(dimension, kind, severity) for dimension, kind, severity, _status in audited(name)[1]}
    of_samples = {one for one in full if one[0] in SAMPLED and one[:2] != ("unaccounted", "limit")}
    assert (kept == of_samples) is (name not in NOT_KEPT), (kept, of_samples, NOT_KEPT.get(name))


def test_the_two_hosts_that_were_judged_in_opposite_ways() -> None:
    """Growth of 200 MiB a day is no health; what has stood for a fortnight is a warning, marked as such."""
    verdict, findings = audited(GROWS)
    assert verdict in ("warning", "critical") and any(kind == "growth" for _dimension, kind, *_rest in findings)
    assert audited(FLAT) == ("warning", {(SLAB, "limit", "warning", "long_standing")})


WITH_A_PAST = {
    "history-bpf-jit-fills": ("warning", ("object_limits", "limit", "warning")),
    "history-cgroup-leak-64-cpus": ("critical", ("percpu", "growth", "critical")),
    "history-gpu-host-grows": ("critical", ("unaccounted", "growth", "critical")),
    "history-lru-counter-leak": ("warning", ("counters", "limit", "warning")),
    "history-small-board-hourly": ("critical", (SLAB, "growth", "critical")),
}


@pytest.mark.parametrize("name", WITH_A_PAST)
def test_a_case_with_a_past_has_its_verdict(name: str) -> None:
    """tests/cases/README.md says what each is and why."""
    verdict, finding = WITH_A_PAST[name]
    assert audited(name)[0] == verdict
    assert finding in {one[:3] for one in audited(name)[1]}
