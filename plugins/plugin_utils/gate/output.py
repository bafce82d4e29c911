# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision as pipelines see it: a JUnit file, what the next tasks need, and the few values for set_stats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ..text.safe import shortened, visible
from .json_files import Plain
from .next_step import next_step

_LONGEST = 400
_LONGEST_LAST = 200
"""Of the last line, which is the message of the task that stops; the whole is in decision.json and on the screen."""


def last_line(decision: Mapping[str, Any]) -> str:
    """Return the decision in one line, the message of the task that stops. A long sentence is cut short: it is whole
    above it.
    """
    return f"GATE {decision['decision'].upper()}: {shortened(visible(decision['sentence']), _LONGEST_LAST)}"


def stats(decision: Plain, path: str | None) -> Plain:
    """Return the few values for ``set_stats``: small, and the same keys each time."""
    return {
        "decision": decision["decision"],
        "sentence": in_short(decision["sentence"]),
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
        message = quoteattr(in_short(said))
        lines.append(
            f"{head}/>"
            if kind is None
            else f"{head}><{kind} message={message}>{escape(in_short(said))}</{kind}></testcase>"
        )
    return "\n".join([*lines, "</testsuite>", ""])


def _reasons(host: Mapping[str, Any]) -> list[str]:
    return [str(reason["sentence"]) for reason in host["reasons"]]


def in_short(text: str) -> str:
    """Return a sentence of a decision as it is shown: printable, and with an end."""
    return shortened(visible(text), _LONGEST)
