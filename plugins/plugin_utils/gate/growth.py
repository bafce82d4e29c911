# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed hosts have grown by since they settled, against before and against hosts on the old kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..dimensions.table import JUDGED
from ..model.times import DAY, seconds_of
from ..rules.robust_statistics import median_of
from ..text.units import human_bytes
from ..words.labels import dimension_label, hosts_phrase
from .answer import Answer
from .before_after import GOES_BY_ITSELF, amounts_of, noise_bytes
from .decide import Verdict
from .host_record import HostRecord, Look, is_facts
from .json_files import Plain
from .rank_tests import holm, rank_sum

_SHORTEST = DAY / 24


def growth_of(record: HostRecord, since: Literal["first", "after"], now: Look) -> Plain | None:
    """Return what a host has grown by since a look, by dimension, or None where it can't be said (another boot, too
    short a time).
    """
    before = record.first if since == "first" else record.after
    if before is None or not is_facts(before) or not is_facts(now):
        return None
    days = (seconds_of(now["taken_at"]) - seconds_of(before["taken_at"])) / DAY
    if before["facts"]["host"]["boot_id"] != now["facts"]["host"]["boot_id"] or days * DAY < _SHORTEST:
        return None
    old, new = amounts_of(before["facts"]), amounts_of(now["facts"])
    grown = {name: (old[name], new[name]) for name in JUDGED if old[name] is not None and new[name] is not None}
    return {"days": days, "memory": now["facts"]["host"]["memory_total_bytes"] or 0, "grown": grown}


def add_growth(answer: Answer, record: HostRecord, growth: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Add a reason for each dimension of a host that grows by too much."""
    before = record.reference
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
    if before is None or not is_facts(before):
        return None
    amount, uptime = amounts_of(before["facts"])[name], before["facts"]["host"]["uptime_seconds"]
    return None if amount is None or not uptime or uptime < DAY else max(amount, 0) / (uptime / DAY)


def test_growth(verdict: Verdict, changed: list[Plain], others: list[Plain], settings: Mapping[str, Any]) -> Plain:
    """Test whether changed hosts grow faster than those on the old kernel, as shares of RAM a day."""
    size, rule = settings["cohort"], settings["regression"]
    result: Plain = {"state": "not_testable", "changed": len(changed), "unchanged": len(others), "dimensions": {}}
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
    figures: dict[str, Plain] = {}
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


def _rates(growths: list[Plain], name: str) -> list[float]:
    return [
        (one["grown"][name][1] - one["grown"][name][0]) / one["memory"] / one["days"]
        for one in growths
        if name in one["grown"] and one["memory"]
    ]
