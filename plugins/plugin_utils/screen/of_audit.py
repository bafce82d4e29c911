# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the last screen says of an audit: its causes in the order in which they strike, what changed, who gave no data.

Everything that a host or a user has written is made safe to look at here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..audit.audit import Audit
from ..audit.changes import Changes
from ..audit.consolidated import Counts
from ..audit.hosts import Hosts
from ..audit.not_asked import MATTER_AT_ONCE, not_asked_text
from ..audit.outlooks import Ahead, causes_of
from ..audit.outlooks import Cause as AuditCause
from ..audit.phrases import changed_alike, expired_words, fleet_entries, short_sentence
from ..history.of_a_run import OFF, HistorySummary
from ..text.safe import ascii_only, one_line
from ..words.labels import NO_DATA_LABELS
from ..words.names import shared_ending
from ..words.outlook import NEVER, date_words
from .content import Cause, Content, Some
from .steps import STEPS

MOST_CAUSES = 12
MOST_NAMES = 6
MOST_REASONS = 12
MOST_CHANGES = 40
MOST_NOTES = 8
MOST_FLEET = 4
LONGEST_NAME = 120
LONGEST_SENTENCE = 400
SHARED = "shared_kernel"
_ALARMS = ("new", "worse")


def content_of(audit: Audit, paths: Mapping[str, str]) -> Content:
    """Return what the last screen of *audit* says. *paths* are the outputs that were written, by name."""
    counts, changes, hosts = audit.counts.all, audit.changes, audit.hosts
    shared = sum(1 for host in hosts if host.no_data is not None and host.no_data.reason == SHARED)
    causes = causes_of(hosts)
    gaps = audit.merged.gaps if audit.merged is not None else ()
    report, others = _outputs(paths)
    return Content(
        run_id=_safe(audit.run_id),
        decision=audit.decision.decision,
        critical=counts.critical,
        warning=counts.warning,
        without_data=counts.unknown - shared,
        shared=shared,
        ok=counts.ok,
        total=counts.total,
        ending=_safe(shared_ending([host.name for host in hosts])),
        growth_judged=audit.history is not None
        and audit.history.state == "ready"
        and all(one.outlook.growth_known for cause in causes for one in cause.members),
        environments=_environments(audit.counts.by_environment),
        causes=tuple(_causes(causes[:MOST_CAUSES], audit.generated_at)),
        causes_total=len(causes),
        no_data=tuple(_no_data(hosts)),
        changes_since=_moment(changes.previous_run_at, audit.generated_at) if changes is not None else "",
        changes=tuple(_changes(changes))[:MOST_CHANGES] if changes is not None and changes.previous_run_at else (),
        fleet=tuple(_fleet(audit)),
        waived=sum(len(host.waived) for host in hosts),
        long_standing=sum(host.has_long_standing for host in hosts),
        expired=tuple(map(_safe, expired_words(audit.waivers)[:MOST_NAMES])),
        history=_history(audit.history, hosts),
        notes=tuple(_safe(note, LONGEST_SENTENCE) for note in audit.notes[:MOST_NOTES]),
        notes_total=len(audit.notes),
        missing=_safe(gaps[0] if gaps else "", LONGEST_SENTENCE),
        report=report,
        others=others,
    )


def _causes(causes: Sequence[AuditCause], now: str) -> list[Cause]:
    """Return what is said of some causes."""
    return [
        Cause(
            host=_safe(cause.first.host.name),
            more=len(cause.members) - 1,
            verdict=ahead.verdict,
            left=ahead.left,
            days_left=None if ahead.days_left is None or ahead.days_left >= NEVER else round(ahead.days_left, 2),
            what=_safe(ahead.what, LONGEST_SENTENCE),
            pace=ahead.pace,
            since=_since(cause.first, now),
            holder=_safe(ahead.holder),
            next_step=_safe(ahead.next_step, LONGEST_SENTENCE),
            command=_safe(ahead.command, LONGEST_SENTENCE),
        )
        for cause in causes
        for ahead in [cause.first.outlook]
    ]


def _since(first: Ahead, now: str) -> str:
    if first.outlook.since:
        return f"since {date_words(first.outlook.since, now)}"
    above = first.above_since(now)
    if above is None:
        return ""
    return f"above since {'at least ' if above.at_least else ''}{date_words(above.since, now)}"


def _no_data(hosts: Hosts) -> list[Some]:
    names: dict[str, list[str]] = {}
    for host in hosts:
        if host.no_data is not None:
            names.setdefault(host.no_data.reason, []).append(host.name)
    # Names that share a kernel are judged under another name, and nothing is to be done about them.
    ordered = sorted(names.items(), key=lambda one: (one[0] == SHARED, -len(one[1]), one[0]))
    return [
        _some(NO_DATA_LABELS.get(reason, reason), found, STEPS.get(reason, ""))
        for reason, found in ordered[:MOST_REASONS]
    ]


def _changes(changes: Changes) -> list[Some]:
    """Return the changes by cause, bad news first, and who answers no more or again."""
    causes = [Some(one.what, len(one.hosts), _first(one.hosts), one.phrase) for one in changed_alike(changes)]
    alarms, rest = ([one for one in causes if (one.what in _ALARMS) is wanted] for wanted in (True, False))
    silent = [_some("stopped answering", changes.silent)] if changes.silent else []
    back = [_some("answering again", changes.back)] if changes.back else []
    return [*alarms, *silent, *rest, *back]


def _fleet(audit: Audit) -> list[str]:
    # A group whose hosts have nothing in common is told by the causes already.
    telling = [group for group in audit.groups if group.severity != "info" and group.shared is not None]
    entries = fleet_entries(audit.fleet_findings, telling)
    sentences = [_safe(short_sentence(entry), LONGEST_SENTENCE) for _hosts, entry in entries]
    return list(dict.fromkeys(sentences))[:MOST_FLEET]


def _environments(counts: Mapping[str, Counts]) -> tuple[Some, ...]:
    rows = [Some(_safe(name), numbers.critical, ()) for name, numbers in counts.items() if numbers.critical]
    return tuple(sorted(rows, key=lambda row: (-row.number, row.what)))[:MOST_NAMES] if len(counts) > 1 else ()


def _history(history: HistorySummary | None, hosts: Hosts) -> str:
    if history is None or history.state == OFF:
        return ""
    if history.state == "ready":
        missing = not_asked_text(hosts, MATTER_AT_ONCE)
        return f"{missing}; the report says why." if missing else ""
    return _safe(history.message or "", LONGEST_SENTENCE)


def _moment(text: str | None, now: str) -> str:
    return f"{date_words(text, now)}, {text[11:16]} UTC" if text else ""


def _outputs(paths: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    if not paths:
        return "", ()
    first = "report.html" if "report.html" in paths else min(paths)
    return paths[first], tuple(path for name, path in sorted(paths.items()) if name != first)


def _some(what: str, names: Sequence[str], step: str = "") -> Some:
    return Some(what, len(names), _first(sorted(names)), step)


def _first(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(_safe(name) for name in names[:MOST_NAMES])


def _safe(text: object, longest: int = LONGEST_NAME) -> str:
    return ascii_only(one_line(str(text), longest))
