# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen of a gate's decision: hosts and numbers first, the decision and what to do at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..gate.json_files import Plain
from ..gate.next_step import next_steps
from ..gate.output import in_short
from ..text.safe import visible
from ..text.units import human_bytes, number_text
from ..words.labels import dimension_label
from .style import Lines, Style

MOST_HOSTS = 50
_WIDEST_NAME = 30
_TITLES = {
    "plan": "GATE",
    "begin": "GATE",
    "before": "GATE before the change",
    "batch": "GATE after the change",
    "check": "GATE check",
    "service": "GATE back into service",
    "soak": "GATE soak",
}
_FINE = {"before": "fit to be changed", "batch": "no worse than before"}
_FIRST = ("bad", "inconclusive", "good")
_KINDS = {"bad": "critical", "inconclusive": "unknown", "good": ""}
_COLOURS = {"pass": "ok", "hold": "warning", "fail": "critical", "inconclusive": "unknown"}


def decision_lines(decision: Plain, path: str | None, style: Style | None = None) -> list[str]:
    """Return the screen of a decision that is written to *path*, None in check mode. Without a *style* it has no colour
    and the width of a log.
    """
    out = Lines(style or Style())
    batch = f", batch {decision['batch']}" if decision["batch"] else ""
    about = f"rollout {visible(decision['rollout'])}{batch}  {decision['generated_at']}"
    out.say(f"{_TITLES[decision['phase']]}  ", about, "heading")
    hosts = sorted(decision["hosts"], key=lambda host: (_FIRST.index(host["outcome"]), host["name"]))
    _hosts(out, hosts, decision["phase"])
    for line in _table(hosts):
        out.whole(line)
    for row in decision["environments"]:
        out.say("  ", _environment(row))
    # What is the decision itself stands below, once.
    beside = [one for one in decision["reasons"] if one["sentence"] != decision["sentence"]]
    for reason in beside:
        out.say("  ! " if reason["decision"] else "  - ", in_short(reason["sentence"]))
    out.say(f"GATE {decision['decision'].upper()}: ", visible(decision["sentence"]), _COLOURS[decision["decision"]])
    for number, step in enumerate(next_steps(decision)):
        words = visible(step.words[:1].upper() + step.words[1:])
        out.say("           " if number else "NEXT       ", f"{words}{':' if step.command else '.'}", "heading")
        if step.command:
            # Whole, so that it can be picked up.
            out.whole(f"           {visible(step.command)}")
    if path:
        out.whole(out.style.paint("DECISION   ", "heading") + visible(path))
    return out.lines


def _hosts(out: Lines, hosts: Sequence[Mapping[str, Any]], phase: str) -> None:
    """Add a line a host, the worst first; what is said of one that is not well begins a line of its own."""
    shown = hosts[:MOST_HOSTS]
    width = min(_WIDEST_NAME, max((len(visible(host["name"])) for host in shown), default=0))
    for host in shown:
        kernels = _kernels(host, phase)
        said = [in_short(reason["sentence"]) for reason in host["reasons"]]
        said += [in_short(f"Cured: {cured}") for cured in host["cured"]]
        words = "\n".join([kernels, *said]) if said else f"{kernels}  {_FINE.get(phase, 'healthy')}"
        lead = f"  {host['outcome']:<12}  {visible(host['name']):<{width}}  "
        out.say(lead, words, _KINDS[host["outcome"]])
    if len(hosts) > MOST_HOSTS:
        out.say("  ", f"... and {len(hosts) - MOST_HOSTS:,} more in decision.json")


def _kernels(host: Mapping[str, Any], phase: str) -> str:
    before, after = (visible(host[name] or "?") for name in ("kernel_before", "kernel_after"))
    if phase == "batch":
        return f"{before} -> {after}"
    return after if host["kernel_after"] else before


def _environment(row: Mapping[str, Any]) -> str:
    limit, most = (
        "any number" if row[name] is None else str(row[name]) for name in ("bad_allowed", "bad_in_all_allowed")
    )
    return (
        f"{visible(row['environment'])}: {row['bad']} of {row['hosts']} bad (allowed {limit}); in all "
        f"{row['bad_in_all']} of {row['targets']} (allowed {most})"
    )


def _table(hosts: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a before/after table of the hosts' sums by dimension, with the host that differs most."""
    rows: list[str] = []
    for name in dict.fromkeys(name for host in hosts for name in host["dimensions"]):
        pairs = [
            (host["name"], host["dimensions"][name])
            for host in hosts
            if host["dimensions"].get(name, {}).get("difference_bytes") is not None
        ]
        if not pairs:
            continue
        before, after = (sum(row[key] for _host, row in pairs) for key in ("reference_bytes", "after_bytes"))
        most_name, most = max(pairs, key=lambda pair: pair[1]["difference_bytes"])
        ratio = f"x {number_text(round(after / before, 2))}" if before > 0 else ""
        rows.append(
            f"  {dimension_label(name):<28}{human_bytes(before):>12}{human_bytes(after):>12}{ratio:>9}   "
            f"{visible(most_name)} {_signed(most['difference_bytes'])}"
        )
    return [f"  {'':<28}{'before':>12}{'after':>12}{'':>9}   most", *rows] if rows else []


def _signed(size: int) -> str:
    return f"{'-' if size < 0 else '+'}{human_bytes(abs(size))}"
