# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page about the limits in force, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...words.labels import KIND_LABELS, dimension_label, hosts_phrase
from ...words.levels import level_words
from .parts import DASH, Column, name, table, text

SOURCES = {"default": "as they come with the collection", "variable": "given in a variable"}
COLUMNS = (Column("Kind"), Column("Warning above"), Column("Critical above"))


def limits(audit: Mapping[str, Any]) -> str:
    """Return the limits of each environment that has hosts in this run."""
    known, used = audit["policy"]["environments"], audit["counts"]["by_environment"]
    parts = [
        _environment(environment, known.get(environment) or {}, used[environment]["total"], len(used) == 1)
        for environment in used
    ]
    source = audit["policy"]["source"]
    named = f"&ldquo;{text(audit['policy']['name'])}&rdquo;, {SOURCES.get(source) or text(source)}."
    return (
        f'<section id="limits"><h2>Limits in force</h2>\n<p class="mu">{named}</p>\n'
        f'<div class="folds">{"".join(parts)}</div>{_waivers(audit.get("waivers") or ())}</section>'
    )


def _waivers(waivers: Sequence[Mapping[str, Any]]) -> str:
    """Return the waivers of the policy: what they took out of the verdicts, and which of them have expired."""
    if not waivers:
        return ""
    columns = (Column("Hosts"), Column("Finding"), Column("Reason"), Column("Until"), Column("Used on", True))
    rows = []
    for waiver in waivers:
        kind = f": {KIND_LABELS.get(waiver['kind'], waiver['kind']).lower()}" if waiver.get("kind") else ""
        what = "Any" if waiver["dimension"] == "*" else dimension_label(waiver["dimension"])
        until = f"{text(waiver['until'])}{' <strong>expired</strong>' if waiver['expired'] else ''}"
        rows.append(
            [name(waiver["hosts"]), text(f"{what}{kind}"), text(waiver["reason"], 300), until, f"{waiver['used']:,}"]
        )
    return f"<h3>Waivers</h3>\n{table('Waivers', columns, rows)}"


def _environment(environment: str, settings: Mapping[str, Any], hosts: int, opened: bool) -> str:
    rows = [
        [text(dimension_label(dimension)), _phrase(levels.get("warning")), _phrase(levels.get("critical"))]
        for dimension, levels in settings.get("limits", {}).items()
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


def _phrase(level: Mapping[str, Any] | None) -> str:
    return text(level_words(level)) or DASH
