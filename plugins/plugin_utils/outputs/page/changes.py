# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page about what changed since the last audit, and about the history that it is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ...audit.audit import Audit
from ...audit.changes import Change
from ...audit.outlooks import Cause
from ...audit.phrases import CHANGE_LABELS, ChangedAlike, change_counts, changed_alike
from ...words.labels import VERDICT_LABELS, hosts_phrase
from .parts import host_link, icon, name, short_name, text, when

MOST_SHOWN = 8
MOST_NAMES = 4
MOST_FOLDED = 100

MEANINGS = {
    "new": "not there in the last audit",
    "worse": "more severe than in the last audit",
    "better": "less severe than in the last audit",
    "resolved": "gone since the last audit",
}


def change_line(audit: Audit) -> str:
    """Return what changed, in one line for the verdict; an empty text where nothing is known of an earlier audit."""
    changes = audit.changes
    if not changes or not changes.previous_run_at:
        return ""
    return f"Since {when(changes.previous_run_at)}: {change_counts(changes)}."


def changes(audit: Audit, causes: Sequence[Cause] = ()) -> str:
    """Return by cause what is new, worse, better and gone, and who answers no more or again; without an earlier audit
    what the history says, or nothing. *causes* are those of the audit, which know who holds it.
    """
    given, history = audit.changes, audit.history
    if not given or not given.previous_run_at:
        message = history.message if history else None
        return f'<section id="changes"><h2>What changed</h2>\n<p>{text(message)}</p></section>' if message else ""
    ongoing = given.ongoing
    kept = f"{ongoing:,} {'finding is' if ongoing == 1 else 'findings are'}" if ongoing else "No finding is"
    alike = changed_alike(given)
    holders = {
        (one.host.name, one.outlook.dimension): one.outlook.holder
        for cause in causes
        for one in cause.members
        if one.outlook.holder
    }
    parts = "".join(_way(key, [one for one in alike if one.what == key], holders) for key in CHANGE_LABELS)
    answers = "".join(
        _answering(word, meaning, verdict, names)
        for word, meaning, verdict, names in (
            ("stopped answering", "judged in the last audit, no data now", "unknown", given.silent),
            ("answer again", "no data in the last audit", "ok", given.back),
        )
    )
    note = f" {text(history.message)}" if history and history.message else ""
    return (
        f'<section id="changes"><h2>What changed <span class="mu">since {when(given.previous_run_at)}</span></h2>\n'
        f'<div class="changes">{parts}{answers}</div>\n<p class="mu">{kept} the same as in the last audit.{note}</p>'
        "</section>"
    )


def _way(key: str, alike: Sequence[ChangedAlike], holders: Mapping[tuple[str, str], str]) -> str:
    number = sum(len(one.changes) for one in alike)
    heading = f'<h3>{number:,} {CHANGE_LABELS[key].lower()}<span class="mu">, {MEANINGS[key]}</span></h3>'
    if not alike:
        return f'<div class="change none">{heading}</div>'
    shown = "".join(_alike(one, holders) for one in alike[:MOST_SHOWN])
    more = f'<p class="mu">And {len(alike) - MOST_SHOWN:,} other causes.</p>' if len(alike) > MOST_SHOWN else ""
    told = [change for one in alike for change in one.changes]
    items = "".join(_change(key, change) for change in told[:MOST_FOLDED])
    beyond = (
        f'<p class="mu">And {len(told) - MOST_FOLDED:,} more; all are in audit.json.</p>'
        if len(told) > MOST_FOLDED
        else ""
    )
    folded = f"<details><summary>In sentences</summary><ul>{items}</ul>{beyond}</details>"
    return f'<div class="change">{heading}<ul>{shown}</ul>{more}{folded}</div>'


def _alike(one: ChangedAlike, holders: Mapping[tuple[str, str], str]) -> str:
    """Return the changes of a cause: what it is, on how many hosts, who holds it, and the first names."""
    worst = one.changes[0]
    word = "ok" if one.what == "resolved" else worst.severity
    label = f'<span class="sr">{VERDICT_LABELS[worst.severity]}: </span>' if one.what != "resolved" else ""
    found = Counter(filter(None, (holders.get((host, one.dimension)) for host in one.hosts)))
    held = f", {short_name(found.most_common(1)[0][0], '', 40)}" if found and one.what != "resolved" else ""
    on = f" on {hosts_phrase(len(one.hosts))}" if len(one.hosts) > 1 else ""
    return f"<li>{icon(word)} {label}<strong>{text(one.phrase)}</strong>{held}{on}: {_names(one.hosts)}</li>"


def _answering(word: str, meaning: str, verdict: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    who = "host" if len(names) == 1 else "hosts"
    said = "answers again" if word == "answer again" and len(names) == 1 else word
    heading = f'<h3>{len(names):,} {who} {said}<span class="mu">, {meaning}</span></h3>'
    return f'<div class="change">{heading}<ul><li>{icon(verdict)} {_names(names)}</li></ul></div>'


def _names(names: Sequence[str]) -> str:
    shown = ", ".join(host_link(one, "", 40) for one in names[:MOST_NAMES])
    return f"{shown} and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else shown


def _change(key: str, change: Change) -> str:
    was = change.was
    before = f' <span class="mu">was {VERDICT_LABELS[was].lower()}</span>' if key in ("worse", "better") and was else ""
    return f"<li><strong>{name(change.name)}</strong> {text(change.text, 300)}{before}</li>"


def history_line(audit: Audit) -> str:
    """Return how much history the run could use, in a few words; an empty text where nothing is known of it."""
    history = audit.history
    if not history or not history.runs:
        return ""
    since = f" since {when(history.first_run_at)[:10]}" if history.first_run_at else ""
    runs = "1 audit" if history.runs == 1 else f"{history.runs:,} audits"
    return f"history of {runs} of {hosts_phrase(history.hosts)}{since}"
