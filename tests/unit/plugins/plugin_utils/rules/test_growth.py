# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Growth: what it is called, when it is confirmed, and when it is urgent. On a 64 GiB host 1 % of RAM is 655.4 MiB."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.trend import TIERS
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import (
    GIB,
    MIB,
    days_of,
    found,
    judged,
    sample_at,
)
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.replay import shipped_settings


def grown(
    per_day: float, days: int = 21, dimension: str = "slab_unreclaimable", start: float = 600, **options: Any
) -> Finding | None:
    """The finding of growth of a dimension that grows by so many MiB a day."""
    facts = {name: options.pop(name) for name in ("holders",) if name in options}
    chosen = {name: options.pop(name) for name in ("environment", "settings") if name in options}
    return found(
        judged(days_of(dimension, [start + per_day * day for day in range(days)], **options), **chosen, **facts),
        dimension,
        "growth",
    )


def severity_of(per_day: float, **options: Any) -> str | None:
    """The severity of such growth."""
    finding = grown(per_day, **options)
    return None if finding is None else finding.severity


@pytest.mark.parametrize(
    ("per_day", "severity", "limit_percent"),
    [(7, None, 0), (10, "info", 0.25), (40, "warning", 1), (70, "critical", 2)],
)
def test_tiers(per_day: float, severity: str | None, limit_percent: float) -> None:
    """In 20 days: 140 MiB are nothing, 200 are to be watched (0.25 %), 800 are a warning (1 %), 1,400 are critical
    (2 %).
    """
    finding = grown(per_day)
    if severity is None:
        assert finding is None
        return
    assert finding is not None
    assert (finding.severity, finding.status, finding.value) == (severity, "confirmed", per_day * 20 * MIB)
    assert finding.limit == pytest.approx(64 * GIB * limit_percent / 100, abs=1024)


def test_first_seen_is_only_suspected() -> None:
    """A day ago there were six samples, too few for a trend; twenty hours later there are seven."""
    first, second = grown(130, days=7), grown(130, days=8)
    assert first is not None
    assert second is not None
    assert (first.severity, first.status) == ("info", "suspected")
    assert "only suspected" in first.explanation
    assert (second.severity, second.status) == ("warning", "confirmed")


def test_a_run_that_is_repeated_confirms_nothing() -> None:
    """The second audit has to be twenty hours later."""
    samples = days_of("slab_unreclaimable", [600 + 100 * day for day in range(7)])
    again = [*samples, sample_at(0.01, slab_unreclaimable=1200 * MIB)]
    finding = found(judged(again), "slab_unreclaimable", "growth")
    assert finding is None or finding.status == "suspected"


def test_the_confirmed_tier_counts() -> None:
    """What was a warning yesterday and would be critical today is a warning today, and critical tomorrow."""
    growth = [(day, grown(90, days=day)) for day in range(8, 20)]
    severities = [finding.severity for _day, finding in growth if finding is not None and finding.status == "confirmed"]
    assert severities == sorted(severities, key=["info", "warning", "critical"].index)
    assert {"warning", "critical"} <= set(severities)


def test_sentence_can_be_checked_by_hand() -> None:
    """Numbers, dates, the limit, how sure, and when it ends."""
    finding = grown(200)
    assert finding is not None
    assert finding.explanation == (
        "Slab that can't be reclaimed has grown steadily since 2026-11-04: 3.9 GiB, 6.1 % of RAM, in 20 days, about "
        "200 MiB a day (200 MiB to 200 MiB);"
        " 20 of 20 daily values are above the one before, and it is not levelling off; the production critical "
        "amount for this is 1.3 GiB (2 % of RAM,"
        " at least 64 MiB, at most 8 GiB, and 50 % of the level); at this rate it reaches the critical limit of 10.2 "
        "GiB in about 29 days"
        " (estimated range 22 to 37); the sample of 2026-11-23 showed the same."
    )
    assert finding.evidence == {
        "slope_bytes_per_day": 200 * MIB,
        "slope_low_bytes_per_day": 200 * MIB,
        "slope_high_bytes_per_day": 200 * MIB,
        "window_days": 30,
        "samples": 21,
        "since": "2026-11-04T12:00:00Z",
        "started_at": "2026-08-16T12:00:00Z",
        "decelerating": False,
        "time_to_limit_days": {"estimate": 29, "low": 22, "high": 37, "limit_bytes": int(64 * GIB * 0.16)},
    }


def test_time_to_the_end_of_memory_comes_first_where_it_is_nearer() -> None:
    """2 GiB are available, and 200 MiB go each day."""
    finding = grown(200, memory_available_bytes=2 * GIB)
    assert finding is not None
    assert finding.evidence["time_to_limit_days"] == {
        "estimate": 10,
        "low": 7.7,
        "high": 13,
        "limit_bytes": 4600 * MIB + 2 * GIB,
    }
    assert "the end of the 2 GiB of available memory" in finding.explanation


def test_far_away_is_not_a_number() -> None:
    """No estimate beyond ninety days."""
    finding = grown(40)
    assert finding is not None
    assert finding.evidence["time_to_limit_days"] is None
    assert "more than 90 days away" in finding.explanation


@pytest.mark.parametrize(("environment", "severity"), [("production", "critical"), ("staging", "warning")])
def test_little_time_left_is_critical_in_production(environment: str, severity: str) -> None:
    """Growth at the warning tier, and less than a week of memory."""
    per_day = 40 if environment == "production" else 60
    finding = grown(per_day, memory_available_bytes=150 * MIB, environment=environment)
    assert finding is not None
    assert finding.severity == severity


def test_a_kind_that_fills_up_is_information() -> None:
    """Caches fill up and then stay; at the amount of a warning that is worth a remark."""
    finding = found(judged(days_of("percpu", [300 + 1000 * (1 - 0.85**day) for day in range(20)])), "percpu", "growth")
    assert finding is not None
    assert (finding.severity, finding.status) == ("info", "levelling_off")
    assert "levelling off, as a cache does" in finding.explanation


def test_reclaimable_slab_never_grows() -> None:
    """However much it does: it is a cache."""
    answer = judged(days_of("slab_reclaimable", [1000 + 1000 * day for day in range(21)]))
    assert answer.growing == {}
    assert answer.judgement.findings == []


@pytest.mark.parametrize(
    "dimension", [name for name in LIMITED if name not in ("slab_reclaimable", "kernel_unreclaimable")]
)
def test_every_other_dimension_can_grow(dimension: str) -> None:
    """Also the small ones, by their own smaller amounts."""
    answer = judged(days_of(dimension, [400 + 200 * day for day in range(21)]))
    assert found(answer, dimension, "growth")
    assert answer.growing[dimension].confirmed_tier == "critical"


def test_growing_holds_what_is_only_watched() -> None:
    """Rules over the fleet look at those, too."""
    trend = judged(days_of("page_tables", [400 + 20 * day for day in range(21)])).growing["page_tables"]
    assert (trend.tier, trend.confirmed, round(trend.slope), trend.window_days) == ("watch", True, 20 * MIB, 30)


def test_unmeasured_holders_make_it_information() -> None:
    """A holder that is known but can't be measured explains growth of the remainder."""
    finding = grown(300, dimension="unaccounted", holders=[{"kind": "gpu", "name": "nvidia", "bytes": None}])
    assert finding is not None
    assert finding.severity == "info"
    assert "nvidia may hold it" in finding.explanation


def test_the_policy_can_lower_and_switch_off() -> None:
    """At most a warning in development; a severity by name; a tier that is null; a dimension that is off."""
    assert severity_of(200, environment="development") == "warning"
    shipped = shipped_settings()
    capped = replace(shipped, severities={"slab_unreclaimable.growth": "info"})
    assert severity_of(200, settings=capped) == "info"
    tiers = {**shipped.growth["slab_unreclaimable"], "critical": None}
    milder = replace(shipped, growth={**shipped.growth, "slab_unreclaimable": tiers})
    assert severity_of(200, settings=milder) == "warning"
    off = replace(shipped, growth={**shipped.growth, "slab_unreclaimable": dict.fromkeys(TIERS)})
    assert severity_of(200, settings=off) is None


def test_a_reboot_ends_growth() -> None:
    """A trend never crosses a boot."""
    samples = [sample_at(day, boot="one", slab_unreclaimable=(3000 + 100 * day) * MIB) for day in range(-20, -5)]
    samples += [
        sample_at(day, boot="two", uptime_days=6 + day, slab_unreclaimable=(3000 + 100 * day) * MIB)
        for day in range(-4, 1)
    ]
    assert found(judged(samples), "slab_unreclaimable", "growth") is None
