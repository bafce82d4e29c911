# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page about what changed since the last audit, and about the history that it is compared with."""

from __future__ import annotations

from collections.abc import Sequence

from ...audit.audit import Audit
from ...audit.changes import Change
from ...audit.phrases import CHANGE_LABELS, change_counts, changes_in_order
from ...words.labels import VERDICT_LABELS, hosts_phrase
from .parts import icon, name, text, when

MOST_SHOWN = 8
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


def changes(audit: Audit) -> str:
    """Return the findings that are new, worse, better and gone; without an earlier audit what the history says, or
    nothing.
    """
    given, history = audit.changes, audit.history
    if not given or not given.previous_run_at:
        message = history.message if history else None
        return f'<section id="changes"><h2>What changed</h2>\n<p>{text(message)}</p></section>' if message else ""
    ongoing = given.ongoing
    kept = f"{ongoing:,} {'finding is' if ongoing == 1 else 'findings are'}" if ongoing else "No finding is"
    ordered = changes_in_order(given)
    parts = "".join(_list(key, [change for what, change in ordered if what == key]) for key in CHANGE_LABELS)
    note = f" {text(history.message)}" if history and history.message else ""
    return (
        f'<section id="changes"><h2>What changed <span class="mu">since {when(given.previous_run_at)}</span></h2>\n'
        f'<div class="changes">{parts}</div>\n<p class="mu">{kept} the same as in the last audit.{note}</p></section>'
    )


def _list(key: str, changed: Sequence[Change]) -> str:
    heading = f'<h3>{len(changed):,} {CHANGE_LABELS[key].lower()}<span class="mu">, {MEANINGS[key]}</span></h3>'
    if not changed:
        return f'<div class="change none">{heading}</div>'
    shown = "".join(_change(key, change) for change in changed[:MOST_SHOWN])
    rest = changed[MOST_SHOWN:]
    folded = ""
    if rest:
        items = "".join(_change(key, change) for change in rest[:MOST_FOLDED])
        beyond = (
            f'<p class="mu">And {len(rest) - MOST_FOLDED:,} more; all are in audit.json.</p>'
            if len(rest) > MOST_FOLDED
            else ""
        )
        folded = f"<details><summary>{len(rest):,} more</summary><ul>{items}</ul>{beyond}</details>"
    return f'<div class="change">{heading}<ul>{shown}</ul>{folded}</div>'


def _change(key: str, change: Change) -> str:
    was = change.was
    before = f' <span class="mu">was {VERDICT_LABELS[was].lower()}</span>' if key in ("worse", "better") and was else ""
    word = "ok" if key == "resolved" else change.severity
    label = f'<span class="sr">{VERDICT_LABELS[change.severity]}: </span>' if key != "resolved" else ""
    return f"<li>{icon(word)} {label}<strong>{name(change.name)}</strong> {text(change.text, 300)}{before}</li>"


def history_line(audit: Audit) -> str:
    """Return how much history the run could use, in a few words; an empty text where nothing is known of it."""
    history = audit.history
    if not history or not history.runs:
        return ""
    since = f" since {when(history.first_run_at)[:10]}" if history.first_run_at else ""
    runs = "1 audit" if history.runs == 1 else f"{history.runs:,} audits"
    return f"history of {runs} of {hosts_phrase(history.hosts)}{since}"
