# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page about causes: findings that many hosts share, kernel regressions first, and leaks seen over
the whole fleet.
"""

from __future__ import annotations

from ...audit.audit import Audit
from ...audit.groups import Group
from ...audit.phrases import Seen, fleet_entries, whole_sentence
from ...rules.kernel_difference import FleetFinding
from .parts import name, next_step, show, status, text

MOST_GROUPS = 12
MOST_NAMES = 8


def shown_entries(audit: Audit) -> list[tuple[int, Seen]]:
    """Return the leaks, and the groups whose hosts have something in common, each with its number of hosts:
    regressions of a kernel first. Other groups are told by the causes already.
    """
    telling = [group for group in audit.groups if group.shared is not None or group.regression]
    return fleet_entries(audit.fleet_findings, telling)[:MOST_GROUPS]


def seen_on_many(audit: Audit) -> str:
    """Return the cards of what is seen on many hosts; nothing where there is no such thing."""
    entries = shown_entries(audit)
    if not entries:
        return ""
    items = "".join(_leak(entry) if isinstance(entry, FleetFinding) else _group(entry) for _unused, entry in entries)
    return (
        '<h3>Seen on many hosts</h3>\n<p class="mu">What hosts with the same finding have in common.</p>\n'
        f'<ul class="cards many">{items}</ul>'
    )


def _group(group: Group) -> str:
    names = ", ".join(name(host) for host in group.hosts[:MOST_NAMES])
    more = f" and {len(group.hosts) - MOST_NAMES:,} more" if len(group.hosts) > MOST_NAMES else ""
    shared = group.shared
    sentence = f'<p class="why">{text(shared.sentence)}</p>' if shared else ""
    mark = '<p class="regression">Kernel regression?</p>' if group.regression else ""
    wanted = show(finding=".".join((group.dimension, group.kind)))
    return (
        f'<li class="card {text(group.severity)}"><div class="what">{mark}<p>{status(group.severity)} '
        f"<strong>{text(group.explanation)}</strong></p>"
        f'{sentence}{next_step(group)}<p class="names">{names}{more} <a class="shows" href="#hosts" {wanted}>Show in '
        "the table</a></p></div>"
        f'<p class="figure"><b>{len(group.hosts):,}</b> <span class="mu">hosts</span></p></li>'
    )


def _leak(leak: FleetFinding) -> str:
    """Return what this one run shows of many hosts: they hold the more, the longer they are up, or more than those on
    other kernels.
    """
    title = "Grows with uptime" if leak.kind == "uptime_growth" else "More than on other kernels"
    return (
        f'<li class="card {text(leak.severity)}"><div class="what"><p class="regression">{title}</p>'
        f"<p>{status(leak.severity)} <strong>{text(leak.explanation)}</strong></p>{next_step(leak)}</div>"
        f'<p class="figure"><b>{leak.hosts:,}</b> <span class="mu">hosts</span></p></li>'
    )


def most_common(audit: Audit) -> str:
    """Return the cause to look at first, in one sentence; an empty text where there is none."""
    loud = [entry for _unused, entry in shown_entries(audit) if entry.severity != "info"]
    return f"Most common: {whole_sentence(loud[0])}" if loud else ""
