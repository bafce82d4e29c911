# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page that an audit of one host has: the host, opened, with all that is known of it."""

from __future__ import annotations

from ...audit.audit import Audit
from ...audit.entry import Entry
from ...audit.outlooks import Cause
from ...dimensions.table import DIMENSIONS, TOTAL
from ...words.labels import dimension_label
from .host_history import ahead_of, history_of
from .hosts import account, attribution_of
from .parts import DASH, NB, Column, meter, share, size, table, text, total
from .stacked import Ahead, stacked
from .week import by_week

_COLUMNS = (
    Column("Kind"),
    Column("Now", True),
    Column("Of RAM", True),
    Column("Critical at", True),
    Column("Of limit", True),
    Column("0 to 100 %"),
)


def one_host(audit: Audit, causes: tuple[Cause, ...]) -> str:
    """Return the section of the only host of an audit; nothing for several, or for one without data."""
    if len(audit.hosts) != 1:
        return ""
    host = next(audit.hosts.whole(one) for one in audit.hosts)
    if host.dimensions is None:
        return ""
    first = causes[0].first if causes else None
    history = history_of(host, audit.generated_at, None if first is None else first.outlook.days_left)
    figure = ""
    if history is not None:
        ahead = Ahead() if first is None else ahead_of(first, audit.generated_at)
        title = f"Kernel memory of {host.name}"
        figure = stacked(title, history, ahead, f'data-host="{text(host.name, 1000)}"', height=280)
        figure += by_week(host.name, history)
    owners = attribution_of(host, in_full=True) if host.needs_attention else ""
    fault = None if first is None else first.outlook.dimension
    return (
        f'<section id="host"><h2>The host</h2>{_facts(host)}{figure}<h3>Against its limits</h3>{_limits(host, fault)}'
        f"<details><summary>Whole account</summary>{account(host)}</details>"
        f"{f'<details open><summary>Who uses the memory</summary>{owners}</details>' if owners else ''}</section>"
    )


def _facts(host: Entry) -> str:
    machine = host.host
    if machine is None:
        return ""
    available, memory = machine.memory_available_bytes, machine.memory_total_bytes
    days = None if machine.uptime_seconds is None else int(machine.uptime_seconds // 86400)
    facts = [
        ("Kernel memory", f"{total(host)}, {share(host.kernel_total_bytes, memory)} of {size(memory)} RAM"),
        ("Available memory", f"{size(available)}, {share(available, memory)}" if available is not None else DASH),
        ("Kernel", text(machine.kernel_release or DASH)),
        ("Up", DASH if days is None else f"{days:,}{NB}{'day' if days == 1 else 'days'}"),
        ("Environment", text(host.environment)),
        ("CPUs, threads", f"{_number(machine.cpus_possible)}, {_number(machine.threads)}"),
        ("Coverage", text(host.coverage.text) if host.coverage is not None else DASH),
    ]
    return (
        '<dl class="facts">' + "".join(f"<div><dt>{word}</dt><dd>{said}</dd></div>" for word, said in facts) + "</dl>"
    )


def _number(number: int | None) -> str:
    return DASH if number is None else f"{number:,}"


def _limits(host: Entry, fault: str | None) -> str:
    """Return each kind beside its critical limit, as bars on one scale."""
    limits = host.details.critical_limits
    rows = []
    for kind in (*DIMENSIONS, TOTAL):
        amount, limit = host.level(kind), limits.get(kind)
        part = None if amount is None or not limit else amount / limit
        class_ = f"f-{host.verdict}" if kind == fault and host.needs_attention else "acc"
        rows.append(
            [
                text(dimension_label(kind)),
                size(amount),
                share(amount, host.memory_total_bytes),
                size(limit) if limit else "none",
                DASH if part is None else f"{100 * part:.0f}{NB}%",
                "" if part is None else meter(part, class_, 240),
            ]
        )
    return table("Against its limits", _COLUMNS, rows)
