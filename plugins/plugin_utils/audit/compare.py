# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two audits beside each other: what became worse, what became better, which hosts came and went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ..model.finding import Finding, rank
from ..words.labels import phrase_of
from .audit import Audit
from .comparison import (
    AmountDifference,
    Compared,
    Comparison,
    Difference,
    EnvironmentDifference,
    GroupDifference,
    KernelDifference,
    Measured,
)
from .consolidated import counts_of
from .entry import Entry

MOST_AMOUNTS = 20
MOST_KERNELS = 50

Key = tuple[str, str, str]
Hosts = Mapping[str, Entry]


def compare_audits(before: Audit, after: Audit) -> Comparison:
    """Return the differences of two audits, by host, by group of findings, by environment and by kernel."""
    old, new = ({host.name: host for host in audit.hosts} for audit in (before, after))
    both = sorted(set(old) & set(new))
    found: dict[str, list[Difference]] = {
        name: [] for name in ("worse", "better", "appeared", "vanished", "no_longer_judged", "waived")
    }
    unchanged = 0
    for name in both:
        if old[name].verdict != "unknown" and new[name].verdict != "unknown":
            unchanged += _compare_host(old[name], new[name], found)
    ordered = {name: tuple(sorted(listed, key=lambda one: one.order)) for name, listed in found.items()}
    added = sorted(set(new) - set(old))
    return Comparison(
        before=_about(before),
        after=_about(after),
        **ordered,
        unchanged=unchanged,
        hosts_added=tuple(added),
        hosts_added_in_trouble=tuple(name for name in added if new[name].needs_attention),
        hosts_gone=tuple(sorted(set(old) - set(new))),
        data_lost=tuple(name for name in both if new[name].is_silent and not old[name].is_silent),
        data_regained=tuple(name for name in both if old[name].is_silent and not new[name].is_silent),
        rebooted=tuple(name for name in both if _rebooted(old[name], new[name])),
        groups=_groups(old, new),
        environments=_environments(old, new),
        kernels=_kernels(old, new),
        amounts=_amounts(old, new, both),
        policy_changed=before.policy.environments != after.policy.environments,
    )


def _about(audit: Audit) -> Compared:
    return Compared(
        audit.run_id, audit.generated_at, audit.decision.decision, audit.decision.sentence, counts_of(audit.hosts).all
    )


def _compare_host(old: Entry, new: Entry, found: Mapping[str, list[Difference]]) -> int:
    """Put the differences of a host into *found* and return how many findings are as they were."""
    was, now, unchanged = _worst(old), _worst(new), 0
    waived = {_key(finding) for finding in new.waived}
    for key in sorted({*was, *now}):
        first, second = was.get(key), now.get(key)
        if first is None and second is not None:
            found["appeared"].append(_difference(new.name, second, None, second))
        elif second is None and first is not None:
            where = "waived" if key in waived else "vanished" if _is_judged(new, key) else "no_longer_judged"
            found[where].append(_difference(new.name, first, first, None))
        elif first is not None and second is not None:
            steps = rank(second.severity) - rank(first.severity)
            if steps:
                found["worse" if steps < 0 else "better"].append(_difference(new.name, second, first, second))
            else:
                unchanged += 1
    return unchanged


def _is_judged(host: Entry, key: Key) -> bool:
    """Whether a host would have the finding if there were still a cause for it: not where its rule could not run."""
    dimension, kind, _unit = key
    coverage = host.coverage
    if coverage is None:
        return kind == "limit"
    if dimension in coverage.not_judged or dimension in coverage.checks.not_judged:
        return False
    if kind == "disproportion":
        return bool(coverage.similar_hosts)
    return kind == "limit" or (coverage.history is not None and coverage.history.ready > 0)


def _key(finding: Finding) -> Key:
    return finding.dimension, finding.kind, finding.unit


def _worst(host: Entry) -> dict[Key, Finding]:
    worst: dict[Key, Finding] = {}
    for finding in host.findings:
        key = _key(finding)
        if key not in worst or rank(finding.severity) < rank(worst[key].severity):
            worst[key] = finding
    return worst


def _difference(name: str, finding: Finding, was: Finding | None, now: Finding | None) -> Difference:
    return Difference(
        name=name,
        dimension=finding.dimension,
        kind=finding.kind,
        unit=finding.unit,
        severity=finding.severity,
        was=Measured.of(was),
        now=Measured.of(now),
        text=phrase_of(finding),
    )


def _rebooted(old: Entry, new: Entry) -> bool:
    return bool(old.boot_id and new.boot_id and old.boot_id != new.boot_id)


def _groups(old: Hosts, new: Hosts) -> tuple[GroupDifference, ...]:
    was, now = (
        Counter(
            key
            for host in hosts.values()
            for key in {(finding.dimension, finding.kind, finding.severity) for finding in host.findings}
        )
        for hosts in (old, new)
    )
    groups = [GroupDifference(*key, was[key], now[key]) for key in {*was, *now} if was[key] != now[key]]
    groups.sort(
        key=lambda group: (rank(group.severity), group.hosts_before - group.hosts_after, group.dimension, group.kind)
    )
    return tuple(groups)


def _environments(old: Hosts, new: Hosts) -> dict[str, EnvironmentDifference]:
    was, now = (counts_of(hosts.values()).by_environment for hosts in (old, new))
    return {name: EnvironmentDifference(was.get(name), now.get(name)) for name in sorted({*was, *now})}


def _kernels(old: Hosts, new: Hosts) -> tuple[KernelDifference, ...]:
    judged, attention = (Counter[tuple[str, bool]](), Counter[tuple[str, bool]]())
    for is_new, hosts in ((False, old), (True, new)):
        for host in hosts.values():
            if host.verdict != "unknown":
                kernel = host.kernel_release or "not known"
                judged[kernel, is_new] += 1
                attention[kernel, is_new] += host.needs_attention
    found = [
        KernelDifference(
            kernel, judged[kernel, False], attention[kernel, False], judged[kernel, True], attention[kernel, True]
        )
        for kernel in {kernel for kernel, _unused in judged}
    ]
    found.sort(key=lambda one: (-one.hosts_after, -one.hosts_before, one.kernel))
    return tuple(found[:MOST_KERNELS])


def _amounts(old: Hosts, new: Hosts, both: Sequence[str]) -> tuple[AmountDifference, ...]:
    """Return the hosts whose unreclaimable kernel memory changed most, the largest change first."""
    found = [
        AmountDifference(name, was, now)
        for name in both
        for was, now in [(old[name].kernel_unreclaimable_bytes, new[name].kernel_unreclaimable_bytes)]
        if was is not None and now is not None and was != now
    ]
    found.sort(key=lambda one: (-abs(one.after_bytes - one.before_bytes), one.name))
    return tuple(found[:MOST_AMOUNTS])
