# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The top of the page: the verdict, which host runs out first and when, and the counts. What a reader needs in the
first ten seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...audit.audit import Audit
from ...audit.not_asked import not_asked_text
from ...audit.outlooks import Cause
from ...audit.phrases import expired_words, set_aside
from ...model.finding import VERDICTS
from ...words.labels import dimension_label, hosts_phrase
from ...words.outlook import SOON_DAYS, date_words
from .axis import later
from .changes import change_line
from .groups import most_common
from .parts import NB, host_link, icon, left, meter, prose, short_name, show, status, text

WORST_VERDICT = {"fail": "critical", "inconclusive": "unknown", "hold": "warning", "pass": "ok"}
SECTION_OF = {"critical": "attention", "warning": "attention", "unknown": "no-data", "ok": "hosts"}
_MOST_ENDS = 6
_SCALE_DAYS = 30


def verdict(audit: Audit, causes: Sequence[Cause], ending: str) -> str:
    """Return the section of the verdict."""
    decision = audit.decision
    word = WORST_VERDICT[decision.decision]
    missing = not_asked_text(audit.hosts)
    lines = [
        change_line(audit),
        " ".join(decision.reasons),
        _set_aside(audit),
        most_common(audit),
        missing and f"{missing}.",
    ]
    ends = sorted(
        (cause for cause in causes if cause.first.outlook.days_left is not None),
        key=lambda cause: cause.first.outlook.days_left or 0,
    )
    shown = "".join(f"<p>{prose(line)}</p>" for line in lines if line)
    return (
        f'<section id="verdict" class="verdict {word}{"" if ends else " alone"}"><div class="say"><h1>{icon(word, 30)} '
        f"<span>{text(decision.sentence)}</span></h1>{_lead(audit, ends, ending)}{shown}</div>"
        f'{_first_to_run_out(ends, ending)}<ul class="tiles">{_tiles(audit)}</ul></section>'
    )


def _set_aside(audit: Audit) -> str:
    waived = sum(len(host.waived) for host in audit.hosts)
    expired = expired_words(audit.waivers)
    # What is long-standing is among the reasons.
    return set_aside(0, waived, expired[:_MOST_ENDS])


def _lead(audit: Audit, ends: Sequence[Cause], ending: str) -> str:
    """Return which host runs out first, when, how fast, and who holds it."""
    if not ends:
        return ""
    first = ends[0].first
    outlook, now = first.outlook, audit.generated_at
    days = outlook.days_left or 0.0
    around = f", around {later(now, days)}".replace(" ", NB) if days >= 1 else ""
    pace = (
        f" It grows {text(outlook.pace)} since {date_words(outlook.since, now)}."
        if outlook.pace and outlook.since
        else ""
    )
    holder = f" Held by <b>{text(outlook.holder)}</b>." if outlook.holder else ""
    return (
        f'<p class="lead">First to run out: <b>{host_link(first.host.name, ending, 40)}</b> reaches its limit of '
        f"{text(dimension_label(outlook.dimension).lower())} in about <b>{left(days)}</b>{around}.{pace}{holder}</p>"
    )


def _first_to_run_out(ends: Sequence[Cause], ending: str) -> str:
    if not ends:
        return ""
    rows = "".join(_end(cause, ending) for cause in ends[:_MOST_ENDS])
    days = [one.outlook.days_left for cause in ends for one in cause.members if one.outlook.days_left is not None]
    soon = sum(one < SOON_DAYS for one in days)
    have = "has" if soon == 1 else "have"
    return (
        '<div class="ends"><h2 class="h3">First to run out</h2><table><thead><tr><th scope="col">Host</th><th '
        f'scope="col" class="num">Left</th><th scope="col">0 to {_SCALE_DAYS} days</th><th scope="col">Held by</th>'
        f'</tr></thead><tbody>{rows}</tbody></table><p class="mu">The first host of each cause, and how many '
        f"more have it. {hosts_phrase(soon)} {have} less than {SOON_DAYS} days, {len(days):,} less than 90.</p></div>"
    )


def _end(cause: Cause, ending: str) -> str:
    first, more = cause.first, len(cause.members) - 1
    days = first.outlook.days_left or 0.0
    class_ = "f-critical" if days < SOON_DAYS else "f-warning"
    others = f' <span class="mu">+{more:,}</span>' if more else ""
    return (
        f'<tr><th scope="row">{host_link(first.host.name, ending, 18)}{others}</th><td class="num">{left(days)}</td>'
        f"<td>{meter(days / _SCALE_DAYS, class_, 100)}</td>"
        f'<td class="mu">{short_name(first.outlook.holder, "", 24)}</td></tr>'
    )


def _tiles(audit: Audit) -> str:
    counts, before = audit.counts.all, audit.runs[-2] if len(audit.runs) > 1 else None
    tiles = ""
    for one in VERDICTS:
        number = counts.of(one)
        was = None if before is None else getattr(before, one)
        tiles += (
            f'<li class="tile{"" if number else " zero"}"><a href="#{SECTION_OF[one]}" {show(verdict=one)}>'
            f'<b>{number:,}</b> {status(one)}<span class="mu">{_difference(number, was)}{_shared(audit, one)}</span>'
            "</a></li>"
        )
    return tiles


def _difference(now: int, before: int | None) -> str:
    if before is None:
        return ""
    change = now - before
    return "as in the last audit" if not change else f"{'+' if change > 0 else '−'}{abs(change):,} since the last audit"


def _shared(audit: Audit, verdict_: str) -> str:
    """Return how many names without data are a second name of a kernel that is judged."""
    if verdict_ != "unknown":
        return ""
    number = sum(1 for host in audit.hosts if host.no_data is not None and host.no_data.reason == "shared_kernel")
    return f" {number:,} of them {'shares' if number == 1 else 'share'} a kernel that is judged" if number else ""
