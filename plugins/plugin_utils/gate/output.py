# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision as people and pipelines see it: lines for the terminal, a JUnit file, and the few values for set_stats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..text.safe import shortened, visible
from ..text.units import human_bytes, number_text
from ..words.labels import dimension_label
from .json_files import Plain
from .next_step import next_step

MOST_HOSTS = 50
_LONGEST = 400
_LONGEST_LAST = 200
"""Of the last line, which Ansible prints twice more as the message of the task that stops; the whole is above it."""
_TITLES = {
    "plan": "GATE",
    "begin": "GATE",
    "before": "GATE before the change",
    "batch": "GATE after the change",
    "check": "GATE check",
    "service": "GATE back into service",
    "soak": "GATE soak",
}
_SHOWN = {"pass": "PASS", "hold": "HOLD", "fail": "FAIL", "inconclusive": "INCONCLUSIVE"}
_FIRST = ("bad", "inconclusive", "good")


def decision_lines(decision: Plain, path: str | None) -> list[str]:
    """Return a block for a decision: one line a host, the numbers, the changes by dimension, the reasons, and the
    decision last.
    """
    batch = f", batch {decision['batch']}" if decision["batch"] else ""
    lines = [f"{_TITLES[decision['phase']]}  rollout {decision['rollout']}{batch}  {decision['generated_at']}"]
    hosts = sorted(decision["hosts"], key=lambda host: (_FIRST.index(host["outcome"]), host["name"]))
    lines.extend(_host_line(host, decision["phase"]) for host in hosts[:MOST_HOSTS])
    if len(hosts) > MOST_HOSTS:
        lines.append(f"  ... and {len(hosts) - MOST_HOSTS:,} more in decision.json")
    lines.extend(_table(hosts))
    for row in decision["environments"]:
        limit = "any number" if row["bad_allowed"] is None else f"{row['bad_allowed']}"
        most = "any number" if row["bad_in_all_allowed"] is None else f"{row['bad_in_all_allowed']}"
        lines.append(
            f"  {row['environment']}: {row['bad']} of {row['hosts']} bad (allowed {limit}); in all "
            f"{row['bad_in_all']} of {row['targets']} (allowed {most})"
        )
    lines.extend(
        f"  {'!' if reason['decision'] else '-'} {_line(reason['sentence'])}" for reason in decision["reasons"]
    )
    step = next_step(decision)
    if step is not None:
        lines.append(f"  Do this next: {visible(step)}")
    if path:
        lines.append(f"  Written to {path}")
    lines.append(last_line(decision))
    return lines


def last_line(decision: Mapping[str, Any]) -> str:
    """Return the decision in one line, which is also the message of the task that stops. A long sentence is cut short:
    it is whole among the reasons.
    """
    return f"GATE {_SHOWN[decision['decision']]}: {shortened(visible(decision['sentence']), _LONGEST_LAST)}"


def stats(decision: Plain, path: str | None) -> Plain:
    """Return the few values for ``set_stats``: small, and the same keys each time."""
    return {
        "decision": decision["decision"],
        "sentence": _line(decision["sentence"]),
        "next_step": next_step(decision),
        "phase": decision["phase"],
        "rollout": decision["rollout"],
        "batch": decision["batch"],
        "run_id": decision["run_id"],
        "state_counts": {name: len(hosts) for name, hosts in decision["state"].items()},
        "bad_hosts": [host["name"] for host in decision["hosts"] if host["outcome"] == "bad"][:20],
        "path": path,
    }


def result(decision: Plain, path: str | None) -> Plain:
    """Return what the next tasks need of a decision."""
    return {
        "decision": decision["decision"],
        "sentence": decision["sentence"],
        "reasons": decision["reasons"],
        "batch": decision["batch"],
        "state": decision["state"],
        "accepted": [host["name"] for host in decision["hosts"] if host["outcome"] == "good"],
        "stats": stats(decision, path),
        "last_line": last_line(decision),
        "path": path,
    }


def junit(decision: Mapping[str, Any]) -> str:
    """Return a decision as JUnit XML: a host that is bad is a failure, one that can't be judged an error, and so is
    the decision.
    """
    cases = [("decision", decision["decision"], decision["sentence"])]
    cases.extend(
        (host["name"], host["outcome"], " ".join(_reasons(host)) or host["outcome"]) for host in decision["hosts"]
    )
    words = {"fail": "failure", "bad": "failure", "inconclusive": "error", "hold": "error"}
    kinds = [words.get(outcome) for _name, outcome, _said in cases]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuite name={quoteattr("kernel memory gate " + decision["phase"])} tests="{len(cases)}" '
        f'failures="{kinds.count("failure")}" errors="{kinds.count("error")}" '
        f"timestamp={quoteattr(decision['generated_at'][:-1])}>",
    ]
    for (name, _outcome, said), kind in zip(cases, kinds, strict=True):
        head = f"  <testcase classname={quoteattr(visible(decision['rollout']))} name={quoteattr(visible(name))}"
        message = quoteattr(_line(said))
        lines.append(
            f"{head}/>"
            if kind is None
            else f"{head}><{kind} message={message}>{escape(_line(said))}</{kind}></testcase>"
        )
    return "\n".join([*lines, "</testsuite>", ""])


def _host_line(host: Mapping[str, Any], phase: str) -> str:
    kernels = (
        [host["kernel_before"] or "?", host["kernel_after"] or "?"]
        if phase == "batch"
        else [host["kernel_after"] or host["kernel_before"] or "?"]
    )
    fine = {"before": "fit to be changed", "batch": "no worse than before"}.get(phase, "healthy")
    said = " ".join([*_reasons(host), *(f"Cured: {cured}" for cured in host["cured"])]) or fine
    return _line(f"  {host['outcome']:<12} {host['name']}  {' -> '.join(kernels)}  {said}")


def _reasons(host: Mapping[str, Any]) -> list[str]:
    return [str(reason["sentence"]) for reason in host["reasons"]]


def _table(hosts: list[Mapping[str, Any]]) -> list[str]:
    """Return a before/after table of the hosts' sums by dimension, with the host that differs most."""
    rows: list[str] = []
    names = dict.fromkeys(name for host in hosts for name in host["dimensions"])
    for name in names:
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
        most_text = f"{most_name} {_signed(most['difference_bytes'])}"
        rows.append(
            f"  {dimension_label(name):<28}{human_bytes(before):>12}{human_bytes(after):>12}{ratio:>9}   "
            f"{visible(most_text)}"
        )
    return [f"  {'':<28}{'before':>12}{'after':>12}{'':>9}   most", *rows] if rows else []


def _signed(size: int) -> str:
    return f"{'-' if size < 0 else '+'}{human_bytes(abs(size))}"


def _line(text: str) -> str:
    return shortened(visible(text), _LONGEST)
