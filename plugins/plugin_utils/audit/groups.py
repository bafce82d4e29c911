# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of findings: the same finding on many hosts is one cause to look for, not many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..dimensions.table import RULES
from ..model.finding import SEVERITIES
from ..model.plain import Plain
from ..rules.fleet_words import group_sentence
from ..rules.in_common import Shared, Traits
from ..text.safe import one_line
from ..words.labels import dimension_label, some_names
from .entry import Entry, SeenFinding, traits_of_entries

FEWEST_HOSTS = 2
OF_A_REGRESSION = ("growth", "spike")
"""Kinds of findings that, on the hosts of one kernel and not on the others, speak of a defect of that kernel."""

_DID = {"growth": "grow alike", "spike": "rose alike", "drop": "dropped alike"}
Pair = tuple[Entry, SeenFinding]


@dataclass(frozen=True, slots=True)
class InCommon(Plain):
    """What most hosts of a group have in common and most others have not."""

    what: str
    name: str
    hosts_with: int
    hosts_there: int
    rate_percent: float
    rest_rate_percent: float
    sentence: str

    @classmethod
    def of(cls, shared: Shared, did: str) -> InCommon:
        """Return what hosts share that *did* something."""
        return cls(
            shared.what,
            one_line(shared.name),
            shared.hosts_with,
            shared.hosts_there,
            round(100 * shared.hosts_with / shared.hosts_there, 2),
            round(100 * shared.rest_with / shared.rest, 2),
            shared.sentence(did),
        )


@dataclass(frozen=True, slots=True)
class Group(Plain):
    """A finding that several hosts have."""

    dimension: str
    kind: str
    severity: str
    hosts: tuple[str, ...]
    environments: tuple[str, ...]
    explanation: str
    next_step: str
    command: str
    shared: InCommon | None
    regression: bool


def group_findings(hosts: Iterable[Entry]) -> tuple[Group, ...]:
    """Return the findings that at least two hosts share (same dimension, kind, severity and unit), and what these hosts
    have in common.

    Regressions of a kernel come first (information never before a warning), then critical, then by number of hosts,
    then by dimension. The next step is the one that most of the hosts have.
    """
    hosts = list(hosts)
    members: dict[tuple[str, str, str, str], list[Pair]] = {}
    for host in hosts:
        seen = set()
        for finding in host.findings:
            key = (finding.dimension, finding.kind, finding.severity, finding.unit)
            if key not in seen:
                seen.add(key)
                members.setdefault(key, []).append((host, finding))
    shared = {key: pairs for key, pairs in members.items() if len(pairs) >= FEWEST_HOSTS}
    traits = traits_of_entries(hosts) if shared else Traits({})
    return tuple(sorted((_group(key, pairs, traits) for key, pairs in shared.items()), key=_order))


def _order(group: Group) -> tuple[bool, bool, int, int, str, str, str]:
    return (
        group.severity == "info",
        not group.regression,
        SEVERITIES.index(group.severity),
        -len(group.hosts),
        group.dimension,
        group.kind,
        group.explanation,
    )


def _group(key: tuple[str, str, str, str], pairs: list[Pair], traits: Traits) -> Group:
    dimension, kind, severity, unit = key
    places = Counter(host.environment for host, _unused in pairs)
    environments = sorted(places, key=lambda name: (-places[name], name))
    steps = Counter((finding.next_step, finding.command) for _unused, finding in pairs)
    next_step, command = min(steps, key=lambda step: (-steps[step], str(step)))
    where = some_names([f"{name} ({places[name]:,})" for name in environments], 4)
    names = sorted(host.name for host, _unused in pairs)
    shared = traits.best(names)
    return Group(
        dimension=dimension,
        kind=kind,
        severity=severity,
        hosts=tuple(names),
        environments=tuple(environments),
        explanation=group_sentence(_subject(dimension, kind, unit), kind, severity, len(pairs), where),
        next_step=next_step,
        command=command,
        shared=None if shared is None else InCommon.of(shared, _DID.get(kind, "have it")),
        regression=shared is not None and shared.what == "kernel" and kind in OF_A_REGRESSION,
    )


def _subject(dimension: str, kind: str, unit: str) -> str:
    rules = RULES.get(dimension)
    if rules is None or unit not in rules.words:
        return dimension_label(dimension)
    return rules.words_of(kind, unit).subject
