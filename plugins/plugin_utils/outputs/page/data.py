# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the page, which its script makes the table of all hosts from: JSON by column, so that 100,000 hosts stay
small.

All texts are made safe to look at here; the script puts them into the page as text and never as HTML. Amounts are KiB.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from ...audit.audit import Audit
from ...audit.consolidated import days_of
from ...audit.entry import Entry, SeenFinding
from ...audit.hosts import Hosts
from ...dimensions.table import DIMENSIONS, TABLE, TOTAL
from ...model.finding import SEVERITIES, VERDICTS
from ...model.plain import Json
from ...model.stack import PACKED
from ...text.units import KIB
from ...words import labels as _words
from .parts import BOUND_SIGNS, LABELS, LONGEST_NAME, plain
from .table import coverage

LONGEST_FINDING = 200
LONGEST_AGES = 2000
NEAR = (*DIMENSIONS, TOTAL)
"""The dimensions of the nearest limit, by place."""


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


def data(
    audit: Audit, extra: Mapping[str, object] | None = None, held: Mapping[str, str] | None = None, ending: str = ""
) -> Iterator[str]:
    """Return the JSON document of all hosts, in the order of the audit, in pieces: one a column.

    *extra* are the numbers of charts, *held* is who holds the memory of some hosts, *ending* is what all names end in
    and the document leaves out.
    """
    hosts, held = audit.hosts, held or {}
    yield '{"words":' + encoded({**_words_of_the_page(), "now": audit.generated_at, "ending": plain(ending)})
    yield ',"name":' + encoded([plain(host.name, LONGEST_NAME).removesuffix(ending) for host in hosts])
    for title, column in COLUMNS.items():
        yield f',"{title}":' + encoded([column(host) for host in hosts])
    for title, chosen in CHOSEN.items():
        texts = Texts()
        places = [texts.place(chosen(host), LONGEST_NAME) for host in hosts]
        yield f',"{title}":' + encoded({"texts": texts.listed, "places": places})
    for key in DIMENSIONS:
        yield f',"{key}":' + encoded([_kib(host.amount(key)) for host in hosts])
    days = {place: days_of(host) for place, host in enumerate(hosts) if host.findings}
    yield ',"left":' + encoded({place: one for place, one in days.items() if one is not None})
    names = {place: plain(held[host.name]) for place, host in enumerate(hosts) if host.name in held}
    yield ',"held":' + encoded({place: one for place, one in names.items() if one})
    yield ',"past":' + encoded(_past(hosts))
    for title, content in (extra or {}).items():
        yield f',"{title}":' + encoded(content)
    yield ',"findings":' + encoded(_findings(hosts)) + "}"


def _past(hosts: Hosts) -> dict[str, object]:
    """Return the packed stacks of all hosts, and the places of their boots and new kernels."""
    ages = Texts()
    places = [-1 if host.past is None else ages.place(host.past.ages, LONGEST_AGES) for host in hosts]
    return {
        "ages": [[int(age) for age in listed.split(",")] for listed in ages.listed],
        "places": places,
        "units": [0 if host.past is None else host.past.stack.unit_kib for host in hosts],
        "signs": " ".join("" if host.past is None else host.past.stack.signs for host in hosts),
        "boots": {place: host.past.boots for place, host in enumerate(hosts) if host.past and host.past.boots},
        "kernels": {place: host.past.kernels for place, host in enumerate(hosts) if host.past and host.past.kernels},
    }


def _kib(amount: int | None) -> int | None:
    return None if amount is None else amount // KIB


def _machine(field: str, by: int = 1) -> Callable[[Entry], int | None]:
    def column(host: Entry) -> int | None:
        number: float | None = None if host.host is None else getattr(host.host, field)
        return None if number is None else int(number // by)

    return column


def _above_usual(host: Entry) -> int | None:
    """Return how far what can't be reclaimed is above the top of its usual range, in percent of that."""
    trend, now = host.total_trend, host.kernel_unreclaimable_bytes
    if trend is None or not trend.high or now is None:
        return None
    return round(100 * (now / KIB / trend.high - 1))


COLUMNS: dict[str, Callable[[Entry], object]] = {
    "verdict": lambda host: VERDICTS.index(host.verdict),
    "ram": _machine("memory_total_bytes", KIB),
    "total": lambda host: _kib(host.kernel_total_bytes),
    "fixed": lambda host: _kib(host.kernel_unreclaimable_bytes),
    "bound": lambda host: list(BOUND_SIGNS).index(host.bound or "exact"),
    "available": _machine("memory_available_bytes", KIB),
    "near": lambda host: -1 if host.nearest is None else NEAR.index(host.nearest.dimension),
    "used": lambda host: None if host.nearest is None else round(100 * host.nearest.share, 1),
    "usual": _above_usual,
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
        "verdicts": [[verdict, LABELS[verdict]] for verdict in VERDICTS],
        "severities": [[severity, _words.VERDICT_LABELS[severity]] for severity in SEVERITIES],
        "kinds": [[key, TABLE[key].label] for key in DIMENSIONS],
        "nearKeys": list(NEAR),
        "near": [TABLE[key].label for key in NEAR],
        "stack": [[key, TABLE[key].label] for key in PACKED],
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
