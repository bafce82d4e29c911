# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go or no-go without a change at hand: is a fleet healthy now (``check``), and do changed hosts grow (``soak``)?

A leak shows in days and not in the minutes after a boot. So soak compares what the changed hosts have grown by since
they settled with what hosts on the old kernel have grown by in the meantime.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..dimensions.table import JUDGED
from ..model.times import DAY, seconds_of
from ..rules.robust_statistics import median_of
from ..text.units import human_bytes, number_text
from ..words.labels import dimension_label, hosts_phrase
from .before_after import GOES_BY_ITSELF, amounts_of, kernel_of, noise_bytes
from .decide import Verdict, judge_environment
from .host import Answer, answer_check
from .judgement import HostJudgement
from .rank_tests import holm, rank_sum
from .rollout_shapes import NOT_TOUCHED, HostAnswer, HostRecord, Look, Plain
from .run import GateRun, checked_override, decision_of

_SHORTEST = DAY / 24
_NOT_SEEN: Look = {
    "outcome": "failed",
    "message": "The host failed or was lost before it could be looked at.",
    "facts": None,
    "taken_at": "",
}


def decide_check(run: GateRun) -> Plain:
    """Decide whether the hosts of the play are healthy now."""
    records = run.folder.read_hosts(run.targets)
    verdict, numbers = Verdict(), []
    answers: dict[str, HostAnswer] = {}
    looks = {name: _in(_now(run, record), record.get("environment")) for name, record in records.items()}
    judged = run.judge(looks)
    for environment, members in run.by_environment(records.values()).items():
        settings = run.settings(environment)
        chosen: dict[str, HostAnswer] = {}
        for record in members:
            host = str(record["host"])
            chosen[host] = answer_check(looks[host], judged.get(host), settings)
        bad = [name for name, answer in chosen.items() if answer["outcome"] == "bad"]
        numbers.append(judge_environment(verdict, environment, chosen, bad, len(chosen), settings, "fail"))
        answers.update(chosen)
    if all(one.is_unknown for one in judged.values()):
        verdict.add(
            "inconclusive",
            "nobody_seen",
            f"None of {hosts_phrase(len(records))} gave data, and no policy makes that a pass.",
        )
    return _finish(run, "check", verdict, decision_of(run, "check", verdict, records, answers, numbers=numbers))


def decide_soak(run: GateRun, within_days: float) -> Plain:
    """Decide on the hosts that were changed within the last days: growth since the change, against before and the
    old kernel.
    """
    known = run.folder.read_rollout()
    state = known or {"targets": [], "expected_kernel": None}
    records = run.folder.read_hosts(dict.fromkeys([*state["targets"], *run.targets]))
    verdict, numbers, tests = Verdict(), [], {}
    answers: dict[str, HostAnswer] = {}
    in_play = set(run.targets)
    for environment, members in run.by_environment(records.values()).items():
        settings = run.settings(environment)
        changed = [record for record in members if record["host"] in in_play and _age_days(run, record) is not None]
        changed = [record for record in changed if (_age_days(run, record) or 0.0) <= within_days]
        if not changed:
            continue
        afters = {record["host"]: _in(after, environment) for record in changed if (after := record["after"])}
        was = run.judge(afters)
        judged = run.judge({record["host"]: _in(_now(run, record), environment) for record in changed})
        growths = {str(record["host"]): _growth(record, "after", _now(run, record)) for record in changed}
        chosen = {
            record["host"]: _answer_soak(
                run, record, growths[str(record["host"])], settings, was.get(record["host"]), judged.get(record["host"])
            )
            for record in changed
        }
        bad = [name for name, answer in chosen.items() if answer["outcome"] == "bad"]
        numbers.append(judge_environment(verdict, environment, chosen, bad, len(chosen), settings, "fail"))
        others = [
            _growth(record, "first", _now(run, record))
            for record in members
            if record["status"] in NOT_TOUCHED and not record.get("sick")
        ]
        tests[environment] = _test(
            verdict,
            [growth for growth in growths.values() if growth],
            [growth for growth in others if growth],
            settings,
        )
        youngest = min(_age_days(run, record) or 0.0 for record in changed)
        days = settings["soak_days"]
        if days is not None and youngest < days:
            said = (
                f"{number_text(round(youngest, 1))} of {days} days have passed since the last host in "
                f"{environment} was changed"
            )
            verdict.add("hold", "too_soon", f"{said}; a leak needs time to show.")
        answers.update(chosen)
    if not answers:
        said = f"Nothing was rolled out: no host of this play was changed in the last {number_text(within_days)} days"
        if known or run.folder.knows_all:
            verdict.add(None, "nothing_changed", f"{said}.")
        else:
            lost = f"and {run.folder.path} is not there, so a rollout may have been forgotten"
            verdict.add("inconclusive", "nothing_changed", f"{said}, {lost}.")
    decision = decision_of(
        run, "soak", verdict, records, answers, numbers=numbers, tests=tests, expected=state["expected_kernel"]
    )
    return _finish(run, "soak", verdict, decision)


def _finish(run: GateRun, phase: str, verdict: Verdict, decision: Plain) -> Plain:
    if verdict.decision != "pass":
        can = all(run.settings(row["environment"])["allow_override"] for row in decision["environments"])
        reason = checked_override(run, can)
        if reason is not None:
            decision["override"] = {
                "reason": reason,
                "decision": decision["decision"],
                "sentence": decision["sentence"],
            }
            decision.update(decision="pass", sentence=f"Overridden: {reason}")
            event = {"at": run.now, "run_id": run.run_id, "event": "override", "phase": phase}
            run.folder.add_to_trail({**event, **decision["override"], "actor": dict(run.actor)})
    run.folder.write_decision(decision)
    run.folder.add_to_trail(
        {
            "at": run.now,
            "run_id": run.run_id,
            "event": f"decided_{phase}",
            "decision": decision["decision"],
            "sentence": decision["sentence"],
            "policy_sha256": decision["policy"]["sha256"],
            "actor": dict(run.actor),
        }
    )
    return decision


def _in(one: Look, environment: str | None) -> Look:
    return {**one, "environment": environment}


def _now(run: GateRun, record: HostRecord) -> Look:
    """Return this run's look at a host. A look of another run is old, and nobody should take it for today's."""
    now = record.get("now")
    return now if now and now.get("run_id") == run.run_id else _NOT_SEEN


def _age_days(run: GateRun, record: HostRecord) -> float | None:
    after = record.get("after")
    if record["status"] not in ("accepted", "overridden", "refused", "bad") or not after or after["outcome"] != "facts":
        return None
    return (seconds_of(run.now) - seconds_of(after["taken_at"])) / DAY


def _growth(record: HostRecord, since: Literal["first", "after"], now: Look) -> dict[str, Any] | None:
    """Return what a host has grown by since a look, by dimension, or None where it can't be said (another boot, too
    short a time).
    """
    before = record.get(since)
    if not before or before["outcome"] != "facts" or now["outcome"] != "facts":
        return None
    days = (seconds_of(now["taken_at"]) - seconds_of(before["taken_at"])) / DAY
    if before["facts"]["host"]["boot_id"] != now["facts"]["host"]["boot_id"] or days * DAY < _SHORTEST:
        return None
    old, new = amounts_of(before["facts"]), amounts_of(now["facts"])
    grown = {name: (old[name], new[name]) for name in JUDGED if old[name] is not None and new[name] is not None}
    return {"days": days, "memory": now["facts"]["host"]["memory_total_bytes"] or 0, "grown": grown}


def _answer_soak(
    run: GateRun,
    record: HostRecord,
    growth: Mapping[str, Any] | None,
    settings: Mapping[str, Any],
    was: HostJudgement | None,
    judged: HostJudgement | None,
) -> HostAnswer:
    now = _now(run, record)
    answer = Answer()
    checked = answer_check(now, judged, settings, known=[] if was is None else was.short())
    for reason in checked["reasons"]:
        answer.add(reason["treatment"], reason["code"], reason["sentence"], reason["dimension"])
    after = record["after"]
    if now["outcome"] == "facts" and after is not None and kernel_of(now["facts"]) != kernel_of(after["facts"]):
        answer.add(
            "inconclusive",
            "other_kernel",
            f"It runs {now['facts']['host']['kernel_release']} now, which is not the kernel it was changed to.",
        )
    elif now["outcome"] == "facts" and growth is None:
        answer.add(
            settings["states"]["learning"],
            "learning",
            "It was rebooted since, or looked at less than an hour ago, so its growth is not known.",
        )
    if growth is not None:
        _add_growth(answer, record, growth, settings)
    return {"outcome": answer.outcome, "reasons": answer.reasons}


def _add_growth(answer: Answer, record: HostRecord, growth: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    before = record.get("reference")
    least = max(
        noise_bytes(growth["memory"], settings["noise"]),
        growth["memory"] * settings["soak_growth_percent_of_ram"] / 100,
    )
    for name, (old, new) in growth["grown"].items():
        grown = new - old
        if (
            name in GOES_BY_ITSELF
            or grown < least
            or grown * 100 < max(old, 0) * settings["soak_growth_percent_of_level"]
        ):
            continue
        rate = grown / growth["days"]
        usual = _usual_rate(before, name)
        if usual is not None and rate <= 2 * usual:
            continue
        compared = f"; before the change at most {human_bytes(int(usual))} a day" if usual is not None else ""
        said = (
            f"{dimension_label(name)} has grown by {human_bytes(grown)} in {growth['days']:.1f} days, "
            f"{human_bytes(int(rate))} a day{compared}."
        )
        answer.add("bad", "growth", said, name)


def _usual_rate(before: Look | None, name: str) -> float | None:
    """Return the most that a host can have grown by each day before: all it had, over the days since it booted."""
    if not before or before["outcome"] != "facts":
        return None
    amount, uptime = amounts_of(before["facts"])[name], before["facts"]["host"]["uptime_seconds"]
    return None if amount is None or not uptime or uptime < DAY else max(amount, 0) / (uptime / DAY)


def _test(
    verdict: Verdict, changed: list[dict[str, Any]], others: list[dict[str, Any]], settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Test whether changed hosts grow faster than those on the old kernel, as shares of RAM a day."""
    size, rule = settings["cohort"], settings["regression"]
    result: dict[str, Any] = {
        "state": "not_testable",
        "changed": len(changed),
        "unchanged": len(others),
        "dimensions": {},
    }
    if size is None or rule is None:
        return {"growth": {**result, "state": "off"}}
    if len(changed) < size["minimum_changed"] or len(others) < size["minimum_unchanged"]:
        said = f"{hosts_phrase(len(changed))} changed and {hosts_phrase(len(others))} on the old kernel can be compared"
        verdict.add(
            None,
            "not_testable",
            f"Cohort not testable: {said}; the test needs {size['minimum_changed']} and {size['minimum_unchanged']}.",
        )
        return {"growth": result}
    chances: dict[str, float] = {}
    figures: dict[str, dict[str, Any]] = {}
    for name in JUDGED:
        fast, slow = _rates(changed, name), _rates(others, name)
        if name in GOES_BY_ITSELF or len(fast) < size["minimum_changed"] or len(slow) < size["minimum_unchanged"]:
            continue
        chances[name] = rank_sum(fast, slow)
        memory = median_of(sorted(one["memory"] for one in changed))
        days = median_of(sorted(one["days"] for one in changed))
        figures[name] = {
            "bytes_per_day": int(median_of(sorted(fast)) * memory),
            "old_bytes_per_day": int(median_of(sorted(slow)) * memory),
            "more_bytes": int((median_of(sorted(fast)) - median_of(sorted(slow))) * memory * days),
            "noise_bytes": noise_bytes(int(memory), settings["noise"]),
        }
    for name, p in holm(chances).items():
        row = figures[name]
        row["p_holm"] = round(p, 6)
        row["worse"] = bool(p <= rule["significance"] and row["more_bytes"] >= row["noise_bytes"])
        if row["worse"]:
            said = (
                f"{dimension_label(name)} grows by {human_bytes(row['bytes_per_day'])} a day on "
                f"{hosts_phrase(len(changed))} since the change"
            )
            usual = human_bytes(max(row["old_bytes_per_day"], 0))
            verdict.add(
                "fail", "regression_growth", f"{said}, and by {usual} on {hosts_phrase(len(others))} without it."
            )
    return {"growth": {**result, "state": "tested", "dimensions": figures}}


def _rates(growths: list[dict[str, Any]], name: str) -> list[float]:
    return [
        (one["grown"][name][1] - one["grown"][name][0]) / one["memory"] / one["days"]
        for one in growths
        if name in one["grown"] and one["memory"]
    ]
