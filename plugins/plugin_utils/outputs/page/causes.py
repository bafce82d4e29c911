# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs attention: a card for each cause, that first which strikes first, and its hosts once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...audit.audit import Audit
from ...audit.entry import Entry
from ...audit.outlooks import Ahead, Cause
from ...words.labels import hosts_phrase
from ...words.outlook import LATER_DAYS, SOON_DAYS
from .groups import seen_on_many
from .grower import grower
from .host_history import ahead_of, history_of, used_series
from .hosts import account, attribution_of, seen_words
from .parts import (
    NB,
    Advice,
    command_line,
    copy,
    host_link,
    icon,
    left,
    meter,
    next_step,
    prose,
    short_name,
    show,
    status,
    text,
)
from .stacked import stacked
from .story import left_in_two, place_line, since_line, ticket, title_of, verdicts_of, who_line
from .week import by_week

ORDER = (
    f"In the order in which they strike: what has at most {SOON_DAYS} days left, what is over its critical limit, what "
    f"has at most {LATER_DAYS} days left, then the rest; of these, what has least time and least available memory."
)
MOST_CAUSES = 30
MOST_STACKS = 12
MOST_OF_ONE_CAUSE = 2
MOST_IN_CARD = 6
MOST_FOLDED = 60
MOST_IN_SENTENCES = 100
"""So many hosts beside the first of each cause have their findings in sentences."""
MOST_ACCOUNTS = 20
"""So many causes have the whole account of their first host."""


def attention(audit: Audit, causes: Sequence[Cause], ending: str) -> str:
    """Return the section."""
    bad = sum(len(cause.members) for cause in causes)
    number = f'<span class="mu">{hosts_phrase(bad)}, {_causes(len(causes))}</span>' if causes else ""
    parts = [f'<section id="attention"><h2>Needs attention {number}</h2>']
    if causes:
        order = f'<p class="mu">{ORDER} Hosts of one cause are listed once.</p>' if len(causes) > 1 else ""
        parts.append(f'{order}<ol class="cards">{"".join(_cards(audit, causes, ending))}</ol>')
        if len(causes) > MOST_CAUSES:
            more = sum(len(cause.members) for cause in causes[MOST_CAUSES:])
            link = f'<a class="shows" href="#hosts" {show(verdict="critical,warning")}>the table of all hosts</a>'
            parts.append(
                f'<p class="more">{_causes(len(causes) - MOST_CAUSES)} more on {hosts_phrase(more)} are in {link} '
                "and in findings.csv.</p>"
            )
    else:
        parts.append("<p>No host that was judged is above a limit.</p>")
    return "\n".join([*parts, seen_on_many(audit)]) + "</section>"


def _causes(number: int) -> str:
    return f"{number:,} {'cause' if number == 1 else 'causes'}"


def _cards(audit: Audit, causes: Sequence[Cause], ending: str) -> Iterator[str]:
    # A page of one host has its stack in its own section.
    stacks, sentences = MOST_STACKS if len(audit.hosts) > 1 else 0, MOST_IN_SENTENCES
    for place, cause in enumerate(causes[:MOST_CAUSES]):
        wanted = min(stacks, 3 if place == 0 else MOST_OF_ONE_CAUSE)
        folds = [_stack(one, audit.generated_at, ending, opened=place == 0) for one in cause.members[:1] if wanted]
        folds += [_stack(one, audit.generated_at, ending, opened=False) for one in cause.members[1:wanted]]
        stacks -= len([fold for fold in folds if fold])
        told = cause.members[1 : 1 + max(0, sentences)]
        why_here = place_line(cause.first, causes[:place])
        sentences -= len(told)
        yield _card(audit, cause, ending, _others(audit, cause, told) + "".join(folds), place, why_here)


def _card(audit: Audit, cause: Cause, ending: str, stacks: str, place: int, why_here: str) -> str:
    first, now = cause.first, audit.generated_at
    host = audit.hosts.whole(first.host)
    name = short_name(host.name, ending)
    large, small = left_in_two(first.outlook)
    word = "" if large.isdigit() else ' class="word"'
    holder, about = who_line(first, host, now)
    who = f"<b>{text(holder)}</b>{f', {text(about)}' if about else ''}." if holder else text(about)
    number = len(cause.members)
    worst = f" on {name}, the first of {number:,} ({text(verdicts_of(cause))})" if number > 1 else ""
    what = f"{text(first.outlook.what)}{worst}."
    lines = (
        ("What", what),
        ("Since", text(since_line(first, now))),
        ("Who", who),
        ("Place", text(why_here)),
        ("Next", f"{text(first.outlook.next_step)}{command_line(first.outlook.command)}"),
    )
    told = "".join(f"<div><dt>{word}</dt><dd>{line}</dd></div>" for word, line in lines if line)
    heading = f"{text(title_of(cause))} on {name if number == 1 else hosts_phrase(number)}"
    time_left = f"<b{word}>{large}</b> <span>{small}</span>"
    return (
        f'<li class="card {text(first.outlook.verdict)}"><div class="left">{time_left}</div>'
        f'<div class="body"><h3>{icon(first.outlook.verdict, 16)} {heading}</h3><dl>{told}</dl>'
        f'{_members(cause, ending)}</div><div class="chart">{_chart(first, now)}</div>'
        f'<div class="folds">{_judged(audit, cause, host, place)}{stacks}</div></li>'
    )


def _chart(first: Ahead, now: str) -> str:
    history = history_of(first.host, now, first.outlook.days_left)
    if history is None:
        return ""
    label = f"{first.outlook.what}. {since_line(first, now)}"
    return grower(label, history, used_series(first.host, history, first.outlook.dimension), ahead_of(first, now))


def _members(cause: Cause, ending: str) -> str:
    """Return the hosts of a cause: a bar of its limit, the percent, the days left; the rest folded."""
    members = cause.members
    if len(members) == 1:
        return ""
    shown = "".join(_member(one, ending) for one in members[:MOST_IN_CARD])
    folded = ""
    rest = members[MOST_IN_CARD:MOST_FOLDED]
    if rest:
        beyond = len(members) - MOST_FOLDED
        more = f'<p class="mu">{beyond:,} more are in the table of all hosts.</p>' if beyond > 0 else ""
        folded = (
            f"<details><summary>{hosts_phrase(len(members) - MOST_IN_CARD)} more</summary><ul "
            f'class="who">{"".join(_member(one, ending) for one in rest)}</ul>{more}</details>'
        )
    return f'<p class="who-head mu">Of the limit, and days left</p><ul class="who">{shown}</ul>{folded}'


def _member(one: Ahead, ending: str) -> str:
    share = one.share_of_limit
    days = left(one.outlook.days_left) if one.outlook.days_left is not None else one.outlook.left.replace(" ", NB)
    drawn = meter(share, f"f-{one.outlook.verdict}", 60)
    return (
        f'<li>{host_link(one.host.name, ending, 18)} {drawn} <span class="num">{100 * share:.0f}{NB}%</span> <span '
        f'class="num mu">{days}</span></li>'
    )


def _stack(one: Ahead, now: str, ending: str, *, opened: bool) -> str:
    host = one.host
    history = history_of(host, now, one.outlook.days_left)
    if history is None:
        return ""
    title = f"Kernel memory of {host.name}"
    figure = stacked(title, history, ahead_of(one, now), f'data-host="{text(host.name, 1000)}"')
    return (
        f'<details class="over"{" open" if opened else ""}><summary>All kernel memory of '
        f"{short_name(host.name, ending, 34)} over time</summary>{figure}{by_week(host.name, history)}</details>"
    )


def _judged(audit: Audit, cause: Cause, host: Entry, place: int) -> str:
    """Return the sentences that can be checked by hand, what can be copied, and the whole account."""
    names = "\n".join(one.host.name for one in cause.members[:2000])
    sentences = _sentences(host, audit.generated_at, {_step(cause.first.outlook)})
    meanings = dict.fromkeys(finding.meaning for finding in host.findings if finding.meaning)
    told = "".join(f'<p class="mu">{text(meaning)}</p>' for meaning in meanings)
    investigate = next((finding.investigate for finding in host.findings if finding.investigate), None)
    asked = f'<p class="next"><span>Who is it:</span> {command_line(investigate)}</p>' if investigate else ""
    buttons = (
        f'<p class="acts">{copy(ticket(cause, audit.generated_at, host), "Copy as ticket text", 8000)} '
        f"{copy(names, 'Copy host names' if len(cause.members) > 1 else 'Copy host name', 200_000)}</p>"
    )
    # A page of one host has both in its own section.
    wanted = place < MOST_ACCOUNTS and len(audit.hosts) > 1
    whole = account(host) if wanted else ""
    owners = attribution_of(host, in_full=place == 0) if wanted else ""
    held = (
        f"<details><summary>Who uses the memory of {short_name(host.name, '', 34)}</summary>{owners}</details>"
        if owners
        else ""
    )
    return f"<details><summary>How this was judged</summary>{sentences}{told}{asked}{buttons}{whole}</details>{held}"


def _others(audit: Audit, cause: Cause, members: Sequence[Ahead]) -> str:
    """Return the findings of a cause's other hosts in sentences, for readers without the table's details."""
    if not members:
        return ""
    said = {_step(cause.first.outlook)}
    hosts = "".join(
        f"<h4>{short_name(one.host.name, '', 60)}</h4>{_sentences(one.host, audit.generated_at, said)}"
        for one in members
    )
    return f"<details><summary>The other hosts in sentences</summary>{hosts}</details>"


def _step(advice: Advice) -> tuple[str, str]:
    return advice.next_step, advice.command


def _sentences(host: Entry, today: str, said: set[tuple[str, str]]) -> str:
    """Return the findings of a host, each in its sentence; a next step that was *said* is not said again."""
    out = ""
    for finding in host.findings:
        mark = "" if finding.severity == host.verdict else status(finding.severity) + " "
        words = seen_words(finding, today)
        seen = f' <span class="mu seen">({text(words)})</span>' if words else ""
        out += f'<p class="why">{mark}{prose(finding.explanation)}{seen}</p>'
        if _step(finding) not in said:
            said.add(_step(finding))
            out += next_step(finding)
    return out
