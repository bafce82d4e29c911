# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page about hosts without data: by reason, each with a next step."""

from __future__ import annotations

from collections.abc import Sequence

from ...audit.audit import Audit
from ...audit.not_judged import NoData
from ...words.labels import NO_DATA_LABELS, hosts_phrase
from .parts import name, show, status, text

MOST_NAMES = 8
MOST_FOLDED_NAMES = 100
MOST_MESSAGES = 8


def without_data(audit: Audit) -> str:
    """Return the hosts without data by reason, each reason with a next step."""
    by_reason: dict[str, list[tuple[str, NoData]]] = {}
    for host in audit.hosts:
        if host.no_data:
            by_reason.setdefault(host.no_data.reason, []).append((host.name, host.no_data))
    missing = sum(len(hosts) for hosts in by_reason.values())
    heading = f'<section id="no-data"><h2>No data <span class="mu">{missing:,}</span></h2>'
    if not by_reason:
        return f"{heading}<p>Every host gave data.</p></section>"
    items = "\n".join(
        _reason(reason, hosts)
        for reason, hosts in sorted(by_reason.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    )
    return f'{heading}\n<p>A host without data is not a healthy host.</p>\n<ul class="cards">{items}</ul></section>'


def _reason(reason: str, hosts: Sequence[tuple[str, NoData]]) -> str:
    by_message: dict[str, list[str]] = {}
    for host, why in hosts:
        by_message.setdefault(why.message, []).append(host)
    ordered = sorted(by_message.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    items = "".join(_message(message, names) for message, names in ordered[:MOST_MESSAGES])
    rest = sum(len(names) for _unused, names in ordered[MOST_MESSAGES:])
    more = f'<p class="names">{hosts_phrase(rest)} with other messages; see hosts.csv.</p>' if rest else ""
    link = (
        f' <a class="shows" href="#hosts" {show(verdict="unknown", q=NO_DATA_LABELS[reason])}>Show in the table</a>'
        if len(hosts) > MOST_NAMES
        else ""
    )
    return (
        f'<li class="card unknown"><div class="what"><p>{status("unknown")} '
        f"<strong>{text(NO_DATA_LABELS[reason])}</strong></p>"
        f'<p class="next"><span>Next:</span> {text(hosts[0][1].next_step)}{link}</p><ul '
        f'class="messages">{items}</ul>{more}</div>'
        f'<p class="figure"><b>{len(hosts):,}</b> <span '
        f'class="mu">{"host" if len(hosts) == 1 else "hosts"}</span></p></li>'
    )


def _message(message: str, names: Sequence[str]) -> str:
    """Return one message with the hosts that gave it: many hosts often fail in the same way."""
    shown = ", ".join(name(host) for host in names[:MOST_NAMES])
    rest = names[MOST_NAMES:]
    more = ""
    if rest:
        beyond = f" and {len(rest) - MOST_FOLDED_NAMES:,} more, see hosts.csv" if len(rest) > MOST_FOLDED_NAMES else ""
        folded = ", ".join(name(host) for host in rest[:MOST_FOLDED_NAMES])
        more = (
            f'<details><summary>{hosts_phrase(len(rest))} more</summary><p class="names">{folded}{beyond}</p></details>'
        )
    return f'<li>{text(message, 300)}<p class="names">{shown}</p>{more}</li>'
