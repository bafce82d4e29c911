# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gate says of a host after its change: has it come back no worse than it was?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from ..model.sample import Series
from ..model.times import seconds_of
from ..text.units import human_bytes, number_text
from ..words.labels import finding_phrase
from .answer import RANKS, Answer, at_least_inconclusive, blocks, is_same, label
from .before_after import Earlier, compare_facts, is_exact, kernel_of
from .host_record import Attempt, HostAnswer, HostRecord, is_facts
from .judgement import HostJudgement
from .worse import add_worse

MEMORY_LOST_PERCENT = 5
"""So much less RAM than before is more than a kernel takes for itself: a module, a balloon, a wrong flavour."""


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
    hosts: int = 1,
    spreads: Mapping[str, float] | None = None,
) -> HostAnswer:
    """Say whether a changed host has come back no worse than it was. *was* and *now* are what the audit says of the two
    looks; *hosts* are in its pool, and *alone* says that these are too few for a test of all of them together;
    *spreads* are what they usually spread by from boot to boot.
    """
    answer, after, before, attempt = Answer(), record.after, record.reference, record.attempt
    nothing: HostAnswer = {"comparison": None, "cured": [], "findings": []}
    if record.step_failed:
        answer.add("bad", "step_failed", f"A step of the change failed: {record.step_failed}")
    if after is None:
        if not record.step_failed:
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
            said = f"{label(after)}: {after['message'] or 'no facts'}"
            answer.add(at_least_inconclusive(settings["states"]["unknown"]), "no_data", said)
        return {"outcome": answer.outcome, "reasons": answer.reasons, **nothing}
    _add_identity(answer, attempt, after["facts"], expected_kernel)
    quiet = record.is_settled(unknown=True)
    if record.settled is not None and not quiet:
        answer.add("inconclusive", "not_settled", str(record.settled.reason))
    if now is not None and now.is_unknown:
        treatment = at_least_inconclusive(settings["states"]["unknown"])
        answer.add(treatment, "not_judged", f"Nothing can be said of it: {now.reason}")
    old, new = ([] if one is None else one.short() for one in (was, now))
    _add_findings(answer, old, new, settings)
    comparison = None
    if before is not None and is_facts(before):
        _add_stale(answer, before, after, settings)
        _add_memory(answer, before["facts"], after["facts"])
        comparison = compare_facts(before["facts"], after["facts"], settings["noise"], series, earlier, spreads)
        # A look in the middle of a movement shows that something moves, and not where it will end.
        looks = before["facts"], after["facts"]
        add_worse(
            answer, comparison, settings, "bad" if quiet else "inconclusive", alone=alone, hosts=hosts, looks=looks
        )
        if not comparison["at_equal_uptime"] and settings["states"]["learning"] != "accept":
            answer.add(
                settings["states"]["learning"],
                "learning",
                "No earlier boot of it was looked at after the same uptime, so it is still learning.",
            )
    elif record.was_there:
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
    cured = [f"{finding_phrase(one)} is over." for one in old if not any(is_same(one, other) for other in new)]
    return {
        "outcome": answer.outcome,
        "reasons": answer.reasons,
        "comparison": comparison,
        "cured": cured,
        "findings": new,
    }


def _add_identity(answer: Answer, attempt: Attempt | None, facts: Mapping[str, Any], expected: str | None) -> None:
    boot, kernel, release = facts["host"]["boot_id"], kernel_of(facts), facts["host"]["kernel_release"] or "unknown"
    if attempt is not None and not attempt.was_there:
        if boot is None or attempt.boot_id is None:
            answer.add(
                "inconclusive", "not_rebooted", "It shows no boot id, so it can't be said whether it was rebooted."
            )
        elif boot == attempt.boot_id:
            answer.add("bad", "not_rebooted", f"It was not rebooted: its boot id is still {str(boot)[:8]}.")
            return
        if kernel == attempt.kernel and not (is_exact(expected) and release == expected):
            answer.add("bad", "old_kernel", f"It came back on the old kernel, {release}.")
    if expected is not None and not fnmatchcase(release, expected):
        answer.add("bad", "old_kernel", f"It runs the kernel {release}; {expected} was expected.")


def _add_findings(
    answer: Answer, old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]
) -> None:
    for now in new:
        was = next((finding for finding in old if is_same(finding, now)), None)
        treatment = "bad" if blocks(now, settings) else "accept"
        if was is None:
            answer.add(treatment, "new_finding", f"New {now['severity']}: {now['explanation']}", now["dimension"])
        elif RANKS[now["severity"]] > RANKS[was["severity"]]:
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
