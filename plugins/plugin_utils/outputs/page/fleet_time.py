# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of the page about the fleet over its last runs.

A sum hides leaks: 30 GiB more of 5 TiB are one pixel. So what was added, and how single hosts are spread, stand beside
it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...audit.audit import Audit
from ...audit.fleet_runs import FleetRun
from ...model.fleet import SHARES
from ...model.stack import PACKED
from ...text.units import GIB, KIB
from ...words.labels import dimension_label, hosts_phrase
from .axis import TimeAxis
from .host_history import minutes_ago
from .lines import STACKED, Curve, lines, verdict_columns
from .parts import LABELS, icon, size
from .stacked import Ahead, History, stacked

_MOST_ADDED = 4
_LEAST, _LOW, _MIDDLE, _HIGH, _MOST = (SHARES.index(percent) for percent in (0, 5, 50, 95, 100))


def over_time(audit: Audit) -> str:
    """Return the section; nothing without an earlier run."""
    runs = audit.runs
    if len(runs) < 2 or len(audit.hosts) < 2:
        return ""
    axis = axis_of(audit)
    grown = {kind: _grown(runs, kind) for kind in PACKED if kind != "slab_reclaimable"}
    most = max(grown, key=lambda kind: grown[kind])
    title = f"Kernel memory of the fleet together, {len(runs)} audits"
    ahead = Ahead(first=most if grown[most] > 0 else None)
    stack = stacked(title, History(axis, sums_kib(runs)), ahead, 'data-fleet="1"')
    since = axis.date(axis.ages[0])
    said = (
        f"{dimension_label(most)} grew most, by {size(grown[most])} since {since}, and has the colour. "
        if grown[most] > 0
        else ""
    )
    charts = [
        _verdicts(runs, axis),
        _figure(f"Added since {since}, all hosts together", _added(runs, grown, axis)),
        _figure("Unreclaimable kernel memory of single hosts, share of RAM", _spread(runs, axis)),
        _figure("Available memory of single hosts, share of RAM", _available(runs, axis)),
    ]
    return (
        f'<section id="time"><h2>The fleet over time</h2><p class="mu">{said}'
        f"{hosts_phrase(runs[-1].hosts)} in the last "
        f'audit, {hosts_phrase(runs[0].hosts)} in the first.</p>{stack}<div class="two">{"".join(charts)}</div>'
        "</section>"
    )


def axis_of(audit: Audit) -> TimeAxis:
    """Return the axis of the runs of an audit."""
    now = audit.runs[-1].started_at
    return TimeAxis(now, tuple(minutes_ago(run.started_at, now) or 0 for run in audit.runs))


def sums_kib(runs: Sequence[FleetRun]) -> dict[str, list[int | None]]:
    """Return the sums of each kind in KiB; an estimate below 0 is 0."""
    return {kind: [_kib(run.sums.get(kind)) for run in runs] for kind in PACKED}


def _kib(amount: int | None) -> int | None:
    return None if amount is None else max(0, amount // KIB)


def _grown(runs: Sequence[FleetRun], kind: str) -> int:
    known = [amount for amount in (run.sums.get(kind) for run in runs) if amount is not None]
    return known[-1] - known[0] if known else 0


def _figure(title: str, chart: str) -> str:
    return f"<figure><figcaption>{title}</figcaption>{chart}</figure>" if chart else ""


def _verdicts(runs: Sequence[FleetRun], axis: TimeAxis) -> str:
    counts = [(run.critical, run.warning, run.unknown) for run in runs]
    label = "Hosts by verdict: " + ", ".join(
        f"{LABELS[one].lower()} from {counts[0][place]:,} to {counts[-1][place]:,}" for place, one in enumerate(STACKED)
    )
    key = "".join(
        f'<li>{icon(one)} {LABELS[one]} <b data-run="{one}">{counts[-1][place]:,}</b></li> '
        for place, one in enumerate(STACKED)
    )
    title = f'Hosts by verdict <span class="mu" id="run-day">{axis.today}</span>'
    return _figure(title, f'<ul class="key">{key}</ul>{verdict_columns(counts, axis, label)}')


def _added(runs: Sequence[FleetRun], grown: dict[str, int], axis: TimeAxis) -> str:
    kinds = [kind for kind in sorted(grown, key=lambda kind: -grown[kind])[:_MOST_ADDED] if grown[kind] > 0]
    unit, name = (GIB, "GiB") if max(grown.values()) >= GIB else (KIB * KIB, "MiB")
    curves = [Curve(dimension_label(kind), _above_first(runs, kind, unit)) for kind in kinds]
    label = "Added, by kind: " + ", ".join(f"{dimension_label(kind)} {size(grown[kind])}" for kind in kinds)
    return lines(curves, axis, label, name) if curves else "<p>No kind is known to have more than it had.</p>"


def _above_first(runs: Sequence[FleetRun], kind: str, unit: int) -> list[float | None]:
    amounts = [run.sums.get(kind) for run in runs]
    first = next((amount for amount in amounts if amount is not None), 0)
    return [None if amount is None else max(0, amount - first) / unit for amount in amounts]


def _percents(rows: Sequence[Sequence[float | None]], place: int) -> list[float | None]:
    shares = [row[place] if place < len(row) else None for row in rows]
    return [None if share is None else 100 * share for share in shares]


def _spread(runs: Sequence[FleetRun], axis: TimeAxis) -> str:
    rows = [run.unreclaimable for run in runs]
    curves = [
        Curve("Highest", _percents(rows, _MOST)),
        Curve("95th of 100", _percents(rows, _HIGH)),
        Curve("Median", _percents(rows, _MIDDLE)),
    ]
    return lines(curves, axis, _said(curves), "%")


def _available(runs: Sequence[FleetRun], axis: TimeAxis) -> str:
    rows = [run.available for run in runs]
    curves = [
        Curve("Lowest", _percents(rows, _LEAST)),
        Curve("5th of 100", _percents(rows, _LOW)),
        Curve("Median", _percents(rows, _MIDDLE)),
    ]
    return lines(curves, axis, _said(curves), "%")


def _said(curves: Sequence[Curve]) -> str:
    return "In percent of RAM: " + ", ".join(
        f"{curve.name} {curve.values[-1]:.1f} in the last audit" for curve in curves if curve.values[-1] is not None
    )


def fleet_data(audit: Audit) -> dict[str, object] | None:
    """Return the numbers that the script shows at a run."""
    if len(audit.runs) < 2:
        return None
    return {
        "ages": axis_of(audit).ages,
        "now": audit.runs[-1].started_at,
        "sums": list(sums_kib(audit.runs).values()),
        "verdicts": [[run.critical, run.warning, run.unknown] for run in audit.runs],
    }
