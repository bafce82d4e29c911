# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page about the limits in force, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...audit.audit import Audit
from ...model.plain import Json
from ...policy.waivers import Waived
from ...words.labels import KIND_LABELS, dimension_label, hosts_phrase
from ...words.levels import level_words
from .parts import DASH, Column, name, table, text

SOURCES = {"default": "as they come with the collection", "variable": "given in a variable"}
ALARMS = ("warning", "critical")
COLUMNS = (Column("Kind"), Column("Warning above"), Column("Critical above"))


def limits(audit: Audit) -> str:
    """Return the limits of each environment that has hosts in this run."""
    known, used = audit.policy.environments, audit.counts.by_environment
    parts = [
        _environment(environment, mapping_of(known.get(environment)), used[environment].total, len(used) == 1)
        for environment in used
    ]
    source = audit.policy.source
    named = f"&ldquo;{text(audit.policy.name)}&rdquo;, {SOURCES.get(source) or text(source)}."
    return (
        f'<section id="limits"><h2>Limits in force</h2>\n<p class="mu">{named}</p>\n'
        f'<div class="folds">{"".join(parts)}</div>{_waivers(audit.waivers)}</section>'
    )


def _waivers(waivers: Sequence[Waived]) -> str:
    """Return the waivers of the policy: what they took out of the verdicts, and which of them have expired."""
    if not waivers:
        return ""
    columns = (Column("Hosts"), Column("Finding"), Column("Reason"), Column("Until"), Column("Used on", True))
    rows = []
    for waiver in waivers:
        kind = f": {KIND_LABELS.get(waiver.kind, waiver.kind).lower()}" if waiver.kind else ""
        what = "Any" if waiver.dimension == "*" else dimension_label(waiver.dimension)
        until = f"{text(waiver.until)}{' <strong>expired</strong>' if waiver.expired else ''}"
        rows.append([name(waiver.hosts), text(f"{what}{kind}"), text(waiver.reason, 300), until, f"{waiver.used:,}"])
    return f"<h3>Waivers</h3>\n{table('Waivers', columns, rows)}"


def _environment(environment: str, settings: Mapping[str, Json], hosts: int, opened: bool) -> str:
    rows = [
        [text(dimension_label(dimension)), *(_phrase(mapping_of(levels).get(one)) for one in ALARMS)]
        for dimension, levels in mapping_of(settings.get("limits")).items()
    ]
    soft = (
        '<p class="mu">In this environment no host is worse than warning.</p>'
        if settings.get("highest_severity") == "warning"
        else ""
    )
    return (
        f"<details{' open' if opened else ''}><summary><h3>{name(environment)}</h3> <span "
        f'class="mu">{hosts_phrase(hosts)}</span></summary>'
        f"{soft}{table(f'Limits of {environment}', COLUMNS, rows)}</details>"
    )


def mapping_of(value: Json) -> Mapping[str, Json]:
    """Return a mapping of a policy, an empty one where there is none."""
    return value if isinstance(value, dict) else {}


def _phrase(level: Json) -> str:
    numbers = {name: one for name, one in mapping_of(level).items() if isinstance(one, (int, float))}
    return text(level_words(numbers)) or DASH
