# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last run: which warnings are new, worse, better or gone, and how many go on.

Only warnings and criticals count. Information that becomes a warning is new, and one that becomes information is
better. Gone is only what could be judged now, on a host that was judged before: what could not be looked at has not
been cured.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..dimensions.table import TOTAL
from ..history.store import LastRun, PastFinding
from ..model.finding import SEVERITIES, rank
from ..model.plain import Plain
from ..model.times import utc_text
from ..text.safe import one_line
from ..words.labels import dimension_label
from .entry import Entry, SeenFinding

SHARED_KERNEL = "shared_kernel"
ALARMS = ("critical", "warning")
OF_THE_HISTORY = ("growth", "spike", "drop")
WAYS = ("new", "worse", "better", "resolved")
ONGOING = "ongoing"

_KINDS = {
    "limit": "{label} above its limit",
    "growth": "{label} that grows",
    "spike": "{label} that has risen suddenly",
    "drop": "{label} that has dropped suddenly",
    "disproportion": "{label} far above that of similar hosts",
}

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change(Plain):
    """What became of one finding. ``was`` is its severity before, None where there was none."""

    name: str
    dimension: str
    kind: str
    severity: str
    was: str | None
    first_seen_at: str | None
    text: str

    @property
    def order(self) -> tuple[int, str, str, str]:
        """What orders changes: the worst first."""
        return rank(self.severity), self.name, self.dimension, self.kind


@dataclass(frozen=True, slots=True)
class Changes(Plain):
    """What changed since the run of a time, the worst first. Without an earlier run there is nothing to compare with,
    and every list is empty.
    """

    previous_run_at: str | None
    new: tuple[Change, ...] = ()
    worse: tuple[Change, ...] = ()
    better: tuple[Change, ...] = ()
    resolved: tuple[Change, ...] = ()
    ongoing: int = 0
    silent: tuple[str, ...] = ()
    """Hosts that the last run judged and that have no verdict now."""
    back: tuple[str, ...] = ()
    """Hosts that are judged again, and had no verdict in the last run. Audits before 1.0.0 have neither."""

    def of(self, way: str) -> tuple[Change, ...]:
        """Return the changes of one of ``WAYS``."""
        return {"new": self.new, "worse": self.worse, "better": self.better, "resolved": self.resolved}[way]

    @classmethod
    def in_order(
        cls,
        previous_run_at: str | None,
        found: Mapping[str, Iterable[Change]],
        ongoing: int,
        silent: Iterable[str] = (),
        back: Iterable[str] = (),
    ) -> Changes:
        """Return changes by way, each in the order in which they are shown."""
        new, worse, better, resolved = (tuple(sorted(found.get(way, ()), key=lambda one: one.order)) for way in WAYS)
        return cls(previous_run_at, new, worse, better, resolved, ongoing, tuple(silent), tuple(back))


def answering(
    entries: Iterable[Entry], known: Container[str], last_run: LastRun | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the hosts that have stopped to answer since the last run, and those that answer again. *known* are those
    that were judged in any run before.

    A run may have been limited to some hosts, and those that it did not ask are not back: it is said of no host where
    they are more than the last run had no verdict of.
    """
    if last_run is None:
        return (), ()
    silent, back = [], []
    for entry in entries:
        if entry.no_data is None and entry.name not in last_run.hosts and entry.name in known:
            back.append(entry.name)
        elif entry.no_data is not None and entry.no_data.reason != SHARED_KERNEL and entry.name in last_run.hosts:
            silent.append(entry.name)
    return tuple(sorted(silent)), tuple(sorted(back)) if len(back) <= last_run.without_verdict else ()


def changes(
    hosts: Iterable[Entry],
    last: Mapping[str, Sequence[PastFinding]],
    previous_run_at: str | None,
    silent: tuple[str, ...] = (),
    back: tuple[str, ...] = (),
) -> Changes:
    """Return what changed from *last* (the findings of each host's latest run before) to *hosts*, whole entries; see
    :func:`answering` for *silent* and *back*.

    Without an earlier run *previous_run_at* is None.
    """
    found: dict[str, list[Change]] = {way: [] for way in WAYS}
    ongoing = 0
    for host in hosts if previous_run_at is not None else ():
        if host.verdict == "unknown":
            continue
        now, before = _worst_now(host.findings), _worst_before(last.get(host.name, ()))
        for key in sorted({*now, *before}):
            finding, past = now.get(key), before.get(key)
            way = _way(
                host, key, None if finding is None else finding.severity, None if past is None else past.severity
            )
            if way == ONGOING:
                ongoing += 1
            elif way is not None:
                found[way].append(_change(way, host, key, finding, past, host.name in last))
    return Changes.in_order(previous_run_at, found, ongoing, silent, back)


def _worst_now(findings: Iterable[SeenFinding]) -> dict[Key, SeenFinding]:
    """Return the worst finding of each dimension and kind: the store does not tell units apart."""
    worst: dict[Key, SeenFinding] = {}
    for finding in findings:
        if finding.key not in worst or rank(finding.severity) < rank(worst[finding.key].severity):
            worst[finding.key] = finding
    return worst


def _worst_before(findings: Iterable[PastFinding]) -> dict[Key, PastFinding]:
    worst: dict[Key, PastFinding] = {}
    for past in findings:
        key = past.dimension, past.kind
        if past.severity not in SEVERITIES or past.status == "waived":
            continue
        if key not in worst or rank(past.severity) < rank(worst[key].severity):
            worst[key] = past
    return worst


def _change(
    way: str, host: Entry, key: Key, finding: SeenFinding | None, past: PastFinding | None, known: bool
) -> Change:
    seen = None if past is None else utc_text(past.first_seen_at)
    return Change(
        name=host.name,
        dimension=key[0],
        kind=key[1],
        severity=finding.severity if finding is not None else str(past and past.severity),
        was=None if past is None else past.severity,
        first_seen_at=(finding and finding.first_seen_at) or seen or host.collected_at,
        text=_text(way, key, finding, past, known),
    )


def _way(host: Entry, key: Key, severity: str | None, was: str | None) -> str | None:
    """Return what became of a finding; None: nothing worth a word."""
    if severity in ALARMS:
        if was not in ALARMS:
            return "new"
        if severity == was:
            return ONGOING
        return "worse" if severity == "critical" else "better"
    if was not in ALARMS:
        return None
    if severity is not None:
        return "better"
    return "resolved" if _was_judged(host, *key) else None


def _was_judged(host: Entry, dimension: str, kind: str) -> bool:
    """Whether the absence of a finding says that there is nothing to find."""
    coverage = host.coverage
    if coverage is None or any(waived.key == (dimension, kind) for waived in host.waived):
        return False
    if kind in OF_THE_HISTORY:
        # Hosts that are ok keep one baseline only. The states of all dimensions are alike but for the rarest changes.
        baselines = host.details.baseline
        baseline = baselines.get(dimension) or baselines.get(TOTAL)
        missing = coverage.history.not_judged if coverage.history is not None else {}
        return baseline is not None and baseline.state == "ready" and dimension not in missing
    if kind == "disproportion" and coverage.similar_hosts is None:
        return False
    return not any(
        dimension in part.not_judged and dimension not in part.judged for part in (coverage, coverage.checks)
    )


def _text(way: str, key: Key, finding: SeenFinding | None, past: PastFinding | None, known: bool) -> str:
    label = one_line(dimension_label(key[0]), 60)
    subject = _KINDS.get(key[1], "{label}").format(label=label)
    if past is not None:
        seen = f"first seen on {utc_text(past.first_seen_at)[:10]}, last on {utc_text(past.seen_at)[:10]}"
    if finding is None:
        if past is None:
            raise AssertionError("only called where there is one")
        return f"{subject} is no longer found; it was {past.severity}, {seen}."
    explanation = one_line(finding.explanation, 600)
    if way == "new":
        if past is not None:
            return f"It was information until now ({seen}). {explanation}"
        return explanation if known else f"The host was not judged before. {explanation}"
    if past is None:
        raise AssertionError("only called where there is one")
    became = "information" if finding.severity == "info" else finding.severity
    return f"{subject} was {past.severity} and is {became} now ({seen}). {explanation}"
