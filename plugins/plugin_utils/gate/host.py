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
from math import exp
from typing import Any

from ..dimensions.table import JUDGED
from ..facts.facts import checked_facts
from ..model.sample import Series
from ..model.times import seconds_of
from ..text.units import human_bytes, number_text, percent_text
from ..words.labels import NO_DATA_LABELS, dimension_label, finding_phrase
from .before_after import COMPARED, GOES_BY_ITSELF, Earlier, compare_facts, is_exact, kernel_of
from .judgement import HostJudgement
from .rollout_shapes import Attempt, HostAnswer, HostRecord, Look, Reason, attempt_of, is_settled
from .what_grew import what_grew

OWN_SPREADS = 6
"""So many of its own spreads must a dimension of a host stand above its past: simulated dimensions have heavy tails."""
OWN_SPREADS_OF_MANY = 7
"""The same where many hosts are changed: the more there are, the more often one of them goes far by chance."""
MEMORY_LOST_PERCENT = 5
"""So much less RAM than before is more than a kernel takes for itself: a module, a balloon, a wrong flavour."""

_RANKS = {"info": 0, "warning": 1, "critical": 2}


class Answer:
    """An outcome that grows worse as reasons are added."""

    def __init__(self) -> None:
        self.outcome = "good"
        self.reasons: list[Reason] = []

    def add(self, treatment: str, code: str, sentence: str, dimension: str | None = None) -> None:
        """Add a reason; *treatment* is ``bad``, ``inconclusive`` or ``accept`` (then it is only said)."""
        self.reasons.append({"code": code, "sentence": sentence, "dimension": dimension, "treatment": treatment})
        if treatment == "bad" or (treatment == "inconclusive" and self.outcome == "good"):
            self.outcome = treatment


def look(outcome: str, message: str | None, facts: Any, taken_at: str) -> Look:
    """Return one look at a host: what the gathering came to, its checked facts, and when."""
    try:
        checked = checked_facts(facts) if outcome == "facts" else None
    except ValueError as exc:
        outcome, message, checked = "unreadable", str(exc), None
    if checked is not None and not checked.platform.auditable:
        outcome, message = ("not_auditable", checked.platform.reason or "The host does not show a kernel of its own.")
    plain = None if checked is None else checked.as_plain()
    return {"taken_at": taken_at, "outcome": outcome, "message": message, "facts": plain}


def answer_before(one: Look, settings: Mapping[str, Any]) -> HostAnswer:
    """Say whether a host may be touched, as far as its look alone tells; ``with_judgement`` adds the audit's word."""
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
    return {"outcome": answer.outcome, "reasons": answer.reasons, "may_touch": may_touch, "sick": False}


def with_judgement(before: HostAnswer, judgement: HostJudgement, settings: Mapping[str, Any]) -> HostAnswer:
    """Return the answer *before* a change with what the audit says. A sick host may be touched: the change may be its
    cure. One of which nothing can be said is one without data.
    """
    answer, may_touch = Answer(), bool(before["may_touch"])
    for reason in before["reasons"]:
        answer.add(reason["treatment"], reason["code"], reason["sentence"], reason["dimension"])
    if judgement.is_unknown:
        treatment = settings["states"]["unknown"]
        may_touch = may_touch and treatment == "accept"
        answer.add(treatment, "not_judged", f"Nothing can be said of it: {judgement.reason}")
    findings = judgement.short()
    sick = is_sick(findings, settings)
    if sick:
        named = "; ".join(finding_phrase(finding) for finding in findings[:3])
        answer.add(
            "accept",
            "sick",
            f"It is not healthy before the change ({named}), so it may be changed and is no reference for other hosts.",
        )
    return {**before, "outcome": answer.outcome, "reasons": answer.reasons, "may_touch": may_touch, "sick": sick}


def answer_check(
    one: Look, judgement: HostJudgement | None, settings: Mapping[str, Any], known: Sequence[Mapping[str, Any]] = ()
) -> HostAnswer:
    """Say whether a host is healthy now, with no change to compare with. Findings that are *known* do not count."""
    answer = Answer()
    _add_missing(answer, one, settings, "can't be judged")
    if judgement is not None and judgement.is_unknown:
        answer.add(settings["states"]["unknown"], "not_judged", f"Nothing can be said of it: {judgement.reason}")
    found = [] if judgement is None else judgement.short()
    findings = [finding for finding in found if not any(_same(finding, was) for was in known)]
    for finding in findings:
        treatment = "bad" if _blocks(finding, settings) else "accept"
        said = f"{str(finding['severity']).capitalize()}: {finding['explanation']}"
        answer.add(treatment, "finding", said, str(finding["dimension"]))
    return {"outcome": answer.outcome, "reasons": answer.reasons, "sick": is_sick(findings, settings)}


def is_sick(findings: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> bool:
    """Return whether findings are bad enough to block."""
    return any(_blocks(finding, settings) for finding in findings)


def answer_after(
    record: HostRecord,
    settings: Mapping[str, Any],
    *,
    was: HostJudgement | None = None,
    now: HostJudgement | None = None,
    expected_kernel: str | None = None,
    earlier: Sequence[Earlier] = (),
    series: Series | None = None,
    alone: bool = False,
    spreads: Mapping[str, float] | None = None,
) -> HostAnswer:
    """Say whether a changed host has come back no worse than it was. *record* has ``reference``, ``attempt``,
    ``after`` and ``step_failed``; *was* and *now* are what the audit says of the two looks; *alone* says that its pool
    is too small for a test of all hosts together, *spreads* what its hosts usually spread by from boot to boot.
    """
    answer, after, before, attempt = Answer(), record.get("after"), record.get("reference"), attempt_of(record)
    nothing: HostAnswer = {"comparison": None, "cured": [], "findings": []}
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
            said = f"{_label(after)}: {after['message'] or 'no facts'}"
            answer.add(_at_least_inconclusive(settings["states"]["unknown"]), "no_data", said)
        return {"outcome": answer.outcome, "reasons": answer.reasons, **nothing}
    _add_identity(answer, attempt, after["facts"], expected_kernel)
    settled = record.get("settled")
    quiet = is_settled(record, unknown=True)
    if settled is not None and not quiet:
        answer.add("inconclusive", "not_settled", str(settled["reason"]))
    usable = before is not None and before["outcome"] == "facts"
    if now is not None and now.is_unknown:
        treatment = _at_least_inconclusive(settings["states"]["unknown"])
        answer.add(treatment, "not_judged", f"Nothing can be said of it: {now.reason}")
    old, new = ([] if one is None else one.short() for one in (was, now))
    _add_findings(answer, old, new, settings)
    comparison = None
    if usable and before is not None:
        _add_stale(answer, before, after, settings)
        _add_memory(answer, before["facts"], after["facts"])
        comparison = compare_facts(before["facts"], after["facts"], settings["noise"], series, earlier, spreads)
        # A look in the middle of a movement shows that something moves, and not where it will end.
        looks = before["facts"], after["facts"]
        _add_worse(answer, comparison, settings, "bad" if quiet else "inconclusive", alone=alone, looks=looks)
        if not comparison["at_equal_uptime"] and settings["states"]["learning"] != "accept":
            answer.add(
                settings["states"]["learning"],
                "learning",
                "No earlier boot of it was looked at after the same uptime, so it is still learning.",
            )
    elif attempt.get("was_there"):
        answer.add(
            "inconclusive",
            "unknown_past",
            "It ran this kernel before the rollout looked at it for the first time, so it was not changed, and it is "
            "not known what it had before; look at it, then override.",
        )
    else:
        answer.add(
            settings["states"]["unknown"],
            "no_reference",
            "There is no usable look from before the change, so only its limits were checked.",
        )
    cured = [f"{finding_phrase(one)} is over." for one in old if not any(_same(one, other) for other in new)]
    return {
        "outcome": answer.outcome,
        "reasons": answer.reasons,
        "comparison": comparison,
        "cured": cured,
        "findings": new,
    }


def _add_missing(answer: Answer, one: Look, settings: Mapping[str, Any], so: str) -> bool:
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


def _label(one: Look) -> str:
    return NO_DATA_LABELS.get(one["outcome"], "No data")


def _add_identity(answer: Answer, attempt: Attempt, facts: Mapping[str, Any], expected: str | None) -> None:
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
        if kernel == attempt["kernel"] and not (is_exact(expected) and release == expected):
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


def _add_memory(answer: Answer, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    old, new = before["host"]["memory_total_bytes"], after["host"]["memory_total_bytes"]
    if old and new and (old - new) * 100 > old * MEMORY_LOST_PERCENT:
        answer.add("bad", "memory_lost", f"It had {human_bytes(old)} of RAM before, and has {human_bytes(new)} now.")


def _at_least_inconclusive(treatment: str) -> str:
    """Return how a host counts that was changed and gives no data: no policy makes that a good one."""
    return "inconclusive" if treatment == "accept" else treatment


def _add_worse(
    answer: Answer,
    comparison: Mapping[str, Any],
    settings: Mapping[str, Any],
    treatment: str,
    *,
    alone: bool = False,
    looks: tuple[Mapping[str, object], Mapping[str, object]] | None = None,
) -> None:
    rule = settings["worse"]
    if rule is None:
        return
    limits = [(rule["ratio"], rule["percent_of_ram"])]
    if alone:
        limits.append((rule["ratio_alone"], rule["percent_of_ram_alone"]))
    memory, rows = comparison["memory_total_bytes"] or 0, comparison["dimensions"]
    found = {
        name: ratio
        for ratio, share in reversed(limits)
        for name in COMPARED
        if name not in GOES_BY_ITSELF
        and _is_worse(rows[name], ratio, memory * share / 100, OWN_SPREADS if alone else OWN_SPREADS_OF_MANY)
    }
    worse = [name for name in COMPARED if name in found]
    # The total is worth a sentence only where none of its parts has one.
    for name in [name for name in worse if name in JUDGED] or worse:
        row = rows[name]
        basis = "at the same uptime in an earlier boot" if row["basis"] == "equal_uptime" else "before"
        said = f"{human_bytes(row['reference_bytes'])} {basis}, {human_bytes(row['after_bytes'])} now"
        ratio = f"{number_text(row['ratio'])} times" if row["ratio"] is not None else "from nothing"
        owner = "" if looks is None else what_grew(*looks, name, row["difference_bytes"])
        sentence = f"{dimension_label(name)} {said} ({ratio}; {number_text(found[name])} times is the limit). {owner}"
        answer.add(treatment, "worse", sentence.rstrip(), name)


def _is_worse(row: Mapping[str, Any], ratio: float, least: float, spreads: int) -> bool:
    if row["outcome"] != "more" or row["difference_bytes"] < least:
        return False
    if row.get("spread") is not None:
        # What the host does by itself from boot to boot is no regression.
        ratio = max(ratio, exp(spreads * row["spread"]))
    return bool(row["reference_bytes"] <= 0 or row["after_bytes"] >= ratio * row["reference_bytes"])


def _blocks(finding: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    blocking: int = _RANKS[settings["blocking_severity"]]
    return _RANKS[finding["severity"]] >= blocking and finding["status"] not in ("long_standing", "waived")


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("dimension", "kind", "unit"))
