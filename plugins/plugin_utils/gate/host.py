# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of one host: fit to be touched, no worse than before, healthy now.

Each answer is an *outcome* with its reasons. ``good`` and ``skipped`` count for nothing, ``bad`` counts against the
limits of the policy, ``inconclusive`` stops where it stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..dimensions.table import JUDGED
from ..facts.facts import checked_facts
from ..judging.classify import classify
from ..model.sample import Series
from ..model.times import seconds_of
from ..policy.policy import Policy
from ..text.units import human_bytes, number_text, percent_text
from ..words.labels import NO_DATA_LABELS, dimension_label, finding_phrase
from .before_after import COMPARED, GOES_BY_ITSELF, Earlier, compare_facts, kernel_of

_RANKS = {"info": 0, "warning": 1, "critical": 2}
_KEPT = ("dimension", "kind", "severity", "status", "value", "limit", "unit", "explanation")


class Answer:
    """An outcome that grows worse as reasons are added."""

    def __init__(self) -> None:
        self.outcome = "good"
        self.reasons: list[dict[str, Any]] = []

    def add(self, treatment: str, code: str, sentence: str, dimension: str | None = None) -> None:
        """Add a reason; *treatment* is ``bad``, ``inconclusive`` or ``accept`` (then it is only said)."""
        self.reasons.append({"code": code, "sentence": sentence, "dimension": dimension, "treatment": treatment})
        if treatment == "bad" or (treatment == "inconclusive" and self.outcome == "good"):
            self.outcome = treatment


def look(outcome: str, message: str | None, facts: Any, taken_at: str) -> dict[str, Any]:
    """Return one look at a host: what the gathering came to, its checked facts, and when."""
    try:
        checked = checked_facts(facts) if outcome == "facts" else None
    except ValueError as exc:
        outcome, message, checked = "unreadable", str(exc), None
    if checked is not None and not checked.platform.auditable:
        outcome, message = ("not_auditable", checked.platform.reason or "The host does not show a kernel of its own.")
    plain = None if checked is None else checked.as_plain()
    return {"taken_at": taken_at, "outcome": outcome, "message": message, "facts": plain}


def findings_of(
    one: Mapping[str, Any] | None, policy: Policy, environment: str, name: str = "", groups: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return the findings of a look that can change a verdict, short; none where there are no facts.

    *name* and *groups* are those of the inventory, which profiles and waivers ask for. What is waived is no finding
    here.
    """
    if one is None or one["outcome"] != "facts":
        return []
    found = classify(checked_facts(one["facts"]), policy, environment, name=name, groups=groups).findings
    shown = [finding.as_plain() for finding in found if finding.severity != "info"]
    return [{key: finding[key] for key in _KEPT} for finding in shown]


def answer_before(
    one: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Say whether a host may be touched. A sick host may be: the change may be its cure."""
    answer = Answer()
    may_touch = _add_missing(answer, one, settings, "is not touched")
    share = settings["minimum_available_percent"]
    if one["facts"] is not None and share is not None:
        total, available = one["facts"]["host"]["memory_total_bytes"], one["facts"]["host"]["memory_available_bytes"]
        if total and available is not None and available * 100 < total * share:
            may_touch = False
            left = f"{human_bytes(int(available))}, {percent_text(available, total)} of RAM"
            answer.add(
                "bad",
                "little_memory",
                f"Only {left}, is available, below {number_text(share)} %: an upgrade could be killed half-way.",
            )
    sick = is_sick(findings, settings)
    if sick:
        named = "; ".join(finding_phrase(finding) for finding in findings[:3])
        answer.add(
            "accept",
            "sick",
            f"It is not healthy before the change ({named}), so it may be changed and is no reference for other hosts.",
        )
    return {"outcome": answer.outcome, "reasons": answer.reasons, "may_touch": may_touch, "sick": sick}


def answer_check(
    one: Mapping[str, Any], findings: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Say whether a host is healthy now, with no change to compare with."""
    answer = Answer()
    _add_missing(answer, one, settings, "can't be judged")
    for finding in findings:
        treatment = "bad" if _blocks(finding, settings) else "accept"
        answer.add(
            treatment, "finding", f"{finding['severity'].capitalize()}: {finding['explanation']}", finding["dimension"]
        )
    return {"outcome": answer.outcome, "reasons": answer.reasons, "sick": is_sick(findings, settings)}


def is_sick(findings: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> bool:
    """Return whether findings are bad enough to block."""
    return any(_blocks(finding, settings) for finding in findings)


def answer_after(
    record: Mapping[str, Any],
    policy: Policy,
    environment: str,
    settings: Mapping[str, Any],
    *,
    expected_kernel: str | None = None,
    earlier: Sequence[Earlier] = (),
    series: Series | None = None,
    groups: Sequence[str] = (),
) -> dict[str, Any]:
    """Say whether a changed host has come back no worse than it was. *record* has ``reference``, ``attempt``,
    ``after`` and ``step_failed``.
    """
    answer, after, before, attempt = Answer(), record.get("after"), record.get("reference"), record.get("attempt") or {}
    nothing: dict[str, Any] = {"comparison": None, "cured": [], "findings": []}
    if record.get("step_failed"):
        answer.add("bad", "step_failed", f"A step of the change failed: {record['step_failed']}")
    if after is None:
        if not record.get("step_failed"):
            answer.add(
                "bad",
                "lost",
                "It left the play before the gate could look at it: a task failed on it, or it became unreachable.",
            )
        return {"outcome": answer.outcome, "reasons": answer.reasons, **nothing}
    if after["outcome"] != "facts":
        if after["outcome"] == "unreachable":
            answer.add("bad", "unreachable", f"It did not come back: {after['message'] or 'unreachable'}")
        else:
            answer.add(settings["states"]["unknown"], "no_data", f"{_label(after)}: {after['message'] or 'no facts'}")
        return {"outcome": answer.outcome, "reasons": answer.reasons, **nothing}
    _add_identity(answer, attempt, after["facts"], expected_kernel)
    settled = record.get("settled") or {}
    is_settled = settled.get("is_settled", True)
    if not is_settled:
        answer.add("inconclusive", "not_settled", str(settled.get("reason")))
    usable = before is not None and before["outcome"] == "facts"
    old = findings_of(before, policy, environment, record["host"], groups)
    new = findings_of(after, policy, environment, record["host"], groups)
    _add_findings(answer, old, new, settings)
    comparison = None
    if usable and before is not None:
        _add_stale(answer, before, after, settings)
        comparison = compare_facts(before["facts"], after["facts"], settings["noise"], series, earlier)
        # A look in the middle of a movement shows that something moves, and not where it will end.
        _add_worse(answer, comparison, settings, "bad" if is_settled else "inconclusive")
        if not comparison["at_equal_uptime"] and settings["states"]["learning"] != "accept":
            answer.add(
                settings["states"]["learning"],
                "learning",
                "No earlier boot of it was looked at after the same uptime, so it is still learning.",
            )
    else:
        answer.add(
            settings["states"]["unknown"],
            "no_reference",
            "There is no usable look from before the change, so only its limits were checked.",
        )
    cured = [f"{finding_phrase(was)} is over." for was in old if not any(_same(was, now) for now in new)]
    return {
        "outcome": answer.outcome,
        "reasons": answer.reasons,
        "comparison": comparison,
        "cured": cured,
        "findings": new,
    }


def _add_missing(answer: Answer, one: Mapping[str, Any], settings: Mapping[str, Any], so: str) -> bool:
    """Add why there are no facts; return whether the host may be touched all the same."""
    if one["outcome"] == "facts":
        return True
    state = "unreachable" if one["outcome"] == "unreachable" else "unknown"
    treatment = settings["states"][state]
    # What gave no data may be changed only where the policy says that this does not matter; what can't be reached can't
    # be.
    may_touch = state == "unknown" and treatment == "accept"
    said = "is only checked against limits afterwards" if may_touch else so
    answer.add(
        treatment,
        state if state == "unreachable" else "no_data",
        f"{_label(one)}, so it {said}: {one['message'] or 'no reason given'}",
    )
    return may_touch


def _label(one: Mapping[str, Any]) -> str:
    return NO_DATA_LABELS.get(one["outcome"], "No data")


def _add_identity(answer: Answer, attempt: Mapping[str, Any], facts: Mapping[str, Any], expected: str | None) -> None:
    boot, kernel, release = facts["host"]["boot_id"], kernel_of(facts), facts["host"]["kernel_release"] or "unknown"
    # A host that was changed by an earlier run of the rollout is judged again without another reboot.
    if attempt and not attempt.get("judged_again"):
        if boot is None or attempt["boot_id"] is None:
            answer.add(
                "inconclusive", "not_rebooted", "It shows no boot id, so it can't be said whether it was rebooted."
            )
        elif boot == attempt["boot_id"]:
            answer.add("bad", "not_rebooted", f"It was not rebooted: its boot id is still {str(boot)[:8]}.")
            return
        if expected is None and kernel == attempt["kernel"]:
            answer.add("bad", "old_kernel", f"It came back on the old kernel, {release}.")
    if expected is not None and not fnmatchcase(release, expected):
        answer.add("bad", "old_kernel", f"It runs the kernel {release}; {expected} was expected.")


def _add_findings(
    answer: Answer, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]
) -> None:
    for now in new:
        was = next((finding for finding in old if _same(finding, now)), None)
        treatment = "bad" if _blocks(now, settings) else "accept"
        if was is None:
            answer.add(treatment, "new_finding", f"New {now['severity']}: {now['explanation']}", now["dimension"])
        elif _RANKS[now["severity"]] > _RANKS[was["severity"]]:
            answer.add(
                treatment,
                "worse_finding",
                f"Was {was['severity']}, now {now['severity']}: {now['explanation']}",
                now["dimension"],
            )


def _add_stale(
    answer: Answer, before: Mapping[str, Any], after: Mapping[str, Any], settings: Mapping[str, Any]
) -> None:
    uptime = after["facts"]["host"]["uptime_seconds"] or 0
    hours = (seconds_of(after["taken_at"]) - uptime - seconds_of(before["taken_at"])) / 3600
    if hours > settings["stale_after_hours"]:
        said = (
            f"It was looked at {number_text(round(hours))} hours before it was rebooted; "
            f"{settings['stale_after_hours']} is the most."
        )
        answer.add(settings["states"]["stale"], "stale", said)


def _add_worse(answer: Answer, comparison: Mapping[str, Any], settings: Mapping[str, Any], treatment: str) -> None:
    rule = settings["worse"]
    if rule is None:
        return
    least = (comparison["memory_total_bytes"] or 0) * rule["percent_of_ram"] / 100
    rows = comparison["dimensions"]
    worse = [name for name in COMPARED if name not in GOES_BY_ITSELF and _is_worse(rows[name], rule["ratio"], least)]
    # The total is worth a sentence only where none of its parts has one.
    for name in [name for name in worse if name in JUDGED] or worse:
        row = rows[name]
        basis = "at the same uptime in an earlier boot" if row["basis"] == "equal_uptime" else "before"
        said = f"{human_bytes(row['reference_bytes'])} {basis}, {human_bytes(row['after_bytes'])} now"
        ratio = f"{number_text(row['ratio'])} times" if row["ratio"] is not None else "from nothing"
        answer.add(
            treatment,
            "worse",
            f"{dimension_label(name)} {said} ({ratio}; {number_text(rule['ratio'])} times is the limit).",
            name,
        )


def _is_worse(row: Mapping[str, Any], ratio: float, least: float) -> bool:
    if row["outcome"] != "more" or row["difference_bytes"] < least:
        return False
    return bool(row["reference_bytes"] <= 0 or row["after_bytes"] >= ratio * row["reference_bytes"])


def _blocks(finding: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    blocking: int = _RANKS[settings["blocking_severity"]]
    return _RANKS[finding["severity"]] >= blocking and finding["status"] not in ("long_standing", "waived")


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("dimension", "kind", "unit"))
