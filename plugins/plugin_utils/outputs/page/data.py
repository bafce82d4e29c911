# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the page, which its script makes the table of all hosts from: JSON by column, so that 100,000 hosts stay
small.

All texts are made safe to look at here; the script puts them into the page as text and never as HTML. Amounts are KiB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from ...audit.audit import Audit
from ...audit.entry import Entry, SeenFinding
from ...audit.hosts import Hosts
from ...audit.trend import Trend
from ...dimensions.table import DIMENSIONS, TABLE
from ...model.finding import SEVERITIES, VERDICTS
from ...model.plain import Json
from ...text.units import KIB
from ...words import labels as _words
from .parts import BOUND_SIGNS, LONGEST_NAME, plain
from .table import coverage

SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
GAP = "."
HIGHEST = len(SIGNS) - 1
MOST_STEPS = 30
LONGEST_FINDING = 200


class Texts:
    """Each text once, and its place; a host then holds a small number in its stead."""

    def __init__(self) -> None:
        self.places: dict[str, int] = {}

    def place(self, value: object, most: int = LONGEST_FINDING) -> int:
        """Return the place of *value* as text that is safe to look at."""
        return self.places.setdefault(plain(value, most), len(self.places))

    @property
    def listed(self) -> list[str]:
        """All texts, in the order of their places."""
        return list(self.places)


def encoded(value: object) -> str:
    """Return JSON that can stand in a script element: ASCII, without a ``<``, so that nothing in it can end the
    element.
    """
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")


def data(audit: Audit) -> Iterator[str]:
    """Return the JSON document of all hosts, in the order of the audit, in pieces: one a column."""
    hosts = audit.hosts
    yield '{"words":' + encoded(_words_of_the_page())
    for title, column in COLUMNS.items():
        yield f',"{title}":' + encoded([column(host) for host in hosts])
    for title, chosen in CHOSEN.items():
        texts = Texts()
        places = [texts.place(chosen(host), LONGEST_NAME) for host in hosts]
        yield f',"{title}":' + encoded({"texts": texts.listed, "places": places})
    for key in DIMENSIONS:
        yield f',"{key}":' + encoded([_kib(host.amount(key)) for host in hosts])
    yield ',"trend":' + encoded(_trends([host.total_trend for host in hosts]))
    yield ',"findings":' + encoded(_findings(hosts)) + "}"


def _kib(amount: int | None) -> int | None:
    return None if amount is None else amount // KIB


def _machine(field: str, by: int = 1) -> Callable[[Entry], int | None]:
    def column(host: Entry) -> int | None:
        number: float | None = None if host.host is None else getattr(host.host, field)
        return None if number is None else int(number // by)

    return column


COLUMNS: dict[str, Callable[[Entry], object]] = {
    "name": lambda host: plain(host.name, LONGEST_NAME),
    "verdict": lambda host: VERDICTS.index(host.verdict),
    "ram": _machine("memory_total_bytes", KIB),
    "total": lambda host: _kib(host.kernel_total_bytes),
    "fixed": lambda host: _kib(host.kernel_unreclaimable_bytes),
    "bound": lambda host: list(BOUND_SIGNS).index(host.bound or "exact"),
    "uptime_hours": _machine("uptime_seconds", 3600),
    "cpus": _machine("cpus_possible"),
    "threads": _machine("threads"),
    "cgroups": _machine("cgroups"),
}
CHOSEN: dict[str, Callable[[Entry], object]] = {
    "environment": lambda host: host.environment,
    "kernel": lambda host: host.kernel_release or "",
    "architecture": lambda host: (host.host and host.host.architecture) or "",
    "platform": lambda host: (host.platform and host.platform.kind) or "",
    "coverage": coverage,
}


def _words_of_the_page() -> dict[str, Json]:
    return {
        "verdicts": [[verdict, _words.VERDICT_LABELS[verdict]] for verdict in VERDICTS],
        "severities": [[severity, _words.VERDICT_LABELS[severity]] for severity in SEVERITIES],
        "kinds": [[key, TABLE[key].label] for key in DIMENSIONS],
        "bounds": list(BOUND_SIGNS.values()),
    }


def _findings(hosts: Hosts) -> dict[str, object]:
    """Return for hosts with findings ``[place of the host, place of the finding, severity, phrase, …]``, worst first
    as in the audit.
    """
    sorts, labels, rows = Texts(), {}, []
    for place, host in enumerate(hosts):
        if host.findings:
            row: list[Json] = [place]
            for finding in host.findings:
                key = f"{finding.dimension}.{finding.kind}"
                labels[plain(key)] = finding_label(finding)
                row += (
                    sorts.place(key),
                    SEVERITIES.index(finding.severity),
                    plain(_words.phrase_of(finding), LONGEST_FINDING),
                )
            rows.append(row)
    return {"sorts": [[key, labels[key]] for key in sorts.listed], "rows": rows}


def finding_label(finding: SeenFinding) -> str:
    """Return the name of a sort of finding: ``Per-CPU: limit``."""
    kind = finding.kind
    return plain(f"{_words.dimension_label(finding.dimension)}: {_words.KIND_LABELS.get(kind, kind).lower()}")


def _trends(trends: Sequence[Trend | None]) -> dict[str, object]:
    """Return the trends of all hosts: one sign a step, all in one text, with the bounds that the signs lie between."""
    steps = max((len(trend.amounts) for trend in trends if trend), default=0)
    steps = min(steps, MOST_STEPS)
    signs, low, high, usual, since, days = [], [], [], [], [], Texts()
    for trend in trends:
        packed = packed_trend(trend, steps) if trend else (GAP * steps, None, None, GAP * 2, "")
        signs.append(packed[0])
        low.append(packed[1])
        high.append(packed[2])
        usual.append(packed[3])
        since.append(days.place(packed[4]))
    return {
        "steps": steps,
        "signs": "".join(signs),
        "low": low,
        "high": high,
        "usual": "".join(usual),
        "since": since,
        "days": days.listed,
    }


def packed_trend(trend: Trend, steps: int) -> tuple[str, int, int, str, str]:
    """Return a trend as *steps* signs, the newest last, then its bounds in KiB, its usual range as two signs, and
    its first day.
    """
    amounts = trend.amounts[-steps:]
    low, high = trend.bounds
    scale = HIGHEST / ((high - low) or 1)
    if None in amounts:
        signs = "".join(GAP if amount is None else SIGNS[round((amount - low) * scale)] for amount in amounts)
    else:
        signs = "".join([SIGNS[int((amount - low) * scale + 0.5)] for amount in amounts])  # type: ignore[operator]
    usual = GAP * 2
    if trend.low is not None and trend.high is not None:
        usual = SIGNS[round((trend.low - low) * scale)] + SIGNS[round((trend.high - low) * scale)]
    return signs.rjust(steps, GAP), low, high, usual, trend.since
