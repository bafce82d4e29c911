# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The details of hosts that the script of the page shows when a row is opened: reasons, history and who uses the
memory.

Hosts without a finding have none of these; all that is known of them stands in the columns of :mod:`html_data`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...audit.audit import Audit
from ...audit.entry import Entry, SeenFinding
from ...dimensions.table import DIMENSIONS
from ...model.finding import SEVERITIES
from ...text.units import KIB
from ...words.labels import NO_DATA_LABELS
from .attribution import FOR_THE_WORST, VIEWS, Shown, parts
from .data import NEAR, Texts, encoded
from .hosts import remarks, seen_words
from .parts import plain

MOST_DETAILED = 2000
"""Beyond so many hosts with findings the worst have all details and the rest only the reasons."""

LONGEST = 800
LONGEST_NAME = 200


def details(audit: Audit) -> Iterator[str]:
    """Return the JSON document of the details by place of the host in the audit, in pieces."""
    texts, detailed, start = Texts(), 0, '{"hosts":{'
    for place, host in enumerate(audit.hosts):
        if host.findings or host.no_data:
            detailed += bool(host.findings)
            yield f'{start}"{place}":' + encoded(
                _details(audit.hosts.whole(host), texts, audit.generated_at, detailed <= MOST_DETAILED)
            )
            start = ","
    if start != ",":
        yield start
    yield '},"views":' + encoded(
        {key: [view.title, view.heads] for key, view in VIEWS.items() if key not in FOR_THE_WORST}
    )
    yield f',"most":{MOST_DETAILED},"texts":' + encoded(texts.listed) + "}"


def _details(host: Entry, texts: Texts, today: str, whole: bool) -> dict[str, object]:
    if host.no_data:
        missing = host.no_data
        return {
            "no_data": [
                texts.place(part, LONGEST)
                for part in (NO_DATA_LABELS[missing.reason], missing.message, missing.next_step)
            ]
        }
    entry: dict[str, object] = {"findings": [_finding(finding, texts, today) for finding in host.findings]}
    if not whole:
        return entry | {"cut": 1}
    limits = host.details.critical_limits
    return entry | {
        "limits": {key: limits[key] // KIB for key in NEAR if key in limits},
        "unknown": _unknown(host, texts),
        "remarks": [texts.place(remark, 300) for remark in remarks(host)],
        "owners": [_part(part, texts) for part in parts(host.details.attribution)],
    }


def _finding(finding: SeenFinding, texts: Texts, today: str) -> list[object]:
    return [
        SEVERITIES.index(finding.severity),
        plain(finding.explanation, LONGEST),
        texts.place(finding.next_step, LONGEST),
        texts.place(finding.command, LONGEST),
        texts.place(seen_words(finding, today)),
        texts.place(finding.meaning, LONGEST),
    ]


def _unknown(host: Entry, texts: Texts) -> dict[str, int]:
    """Return why a kind has no number, by kind."""
    reasons = {key: host.details.why_unknown(key) for key in DIMENSIONS}
    return {key: texts.place(reason) for key, reason in reasons.items() if reason}


def _part(part: Shown, texts: Texts) -> list[object]:
    rows = [
        [texts.place(row.name or "–", LONGEST_NAME), texts.place(row.remark, LONGEST_NAME), *row.numbers]
        for row in part.rows
    ]
    return [part.key, texts.place(part.reason or ""), rows]
