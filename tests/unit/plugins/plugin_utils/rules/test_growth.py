# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Growth: what it is called, when it is confirmed, and when it is urgent. On a 64 GiB host 1 % of RAM is 655.4 MiB."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.timeline import TIERS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Origin, Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.settings import Levels
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
    [(7, None, 0), (10, "info", 0.25), (20, "warning", 0.5), (500, "critical", 0.5)],
)
def test_tiers(per_day: float, severity: str | None, limit_percent: float) -> None:
    """In 20 days: 140 MiB are nothing, 200 are to be watched (0.25 %), 400 are a warning (0.5 %); 10,000 are critical,
    since the end of 5 GiB of available memory is 10 days away.
    """
    finding = grown(per_day, start=400, memory_available_bytes=5 * GIB if per_day > 100 else 32 * GIB)
    if severity is None:
        assert finding is None
        return
    assert finding is not None
    assert (finding.severity, finding.status, finding.value) == (severity, "confirmed", per_day * 20 * MIB)
    assert finding.limit == pytest.approx(64 * GIB * limit_percent / 100, abs=1024)


def test_first_seen_is_only_suspected() -> None:
    """A day ago there were five samples, too few for growth; two days later two audits have shown a warning."""
    first, second = grown(130, days=6), grown(130, days=8)
    assert first is not None
    assert second is not None
    assert (first.severity, first.status) == ("info", "suspected")
    assert "only suspected" in first.explanation
    assert (second.severity, second.status) == ("warning", "confirmed")


def test_a_run_that_is_repeated_confirms_nothing() -> None:
    """The second audit has to be twenty hours later."""
    samples = days_of("slab_unreclaimable", [600 + 100 * day for day in range(6)])
    again = [*samples, sample_at(0.01, slab_unreclaimable=1100 * MIB)]
    finding = found(judged(again), "slab_unreclaimable", "growth")
    assert finding is None or finding.status == "suspected"


def test_severity_never_falls_while_it_goes_on() -> None:
    """What was a warning yesterday and would be critical today is a warning today, and critical tomorrow."""
    growth = [
        (day, grown(90, days=day, memory_available_bytes=round(2 * GIB - 90 * day * MIB))) for day in range(8, 20)
    ]
    severities = [finding.severity for _day, finding in growth if finding is not None and finding.status == "confirmed"]
    assert severities == sorted(severities, key=["info", "warning", "critical"].index)
    assert {"warning", "critical"} <= set(severities)


def test_sentence_can_be_checked_by_hand() -> None:
    """Numbers, dates, the limit, how sure, and when it ends."""
    finding = grown(200)
    assert finding is not None
    assert finding.explanation == (
        "Slab that can't be reclaimed has grown since 2026-11-04: 3.9 GiB, 6.1 % of RAM, in 20 days, about "
        "200 MiB a day (200 MiB to 200 MiB);"
        " 20 of 20 daily values are above the one before, and it is not levelling off; the production warning "
        "amount for this is 327.7 MiB (0.5 % of RAM,"
        " at least 16 MiB, at most 2 GiB, and 15 % of the level); at this rate it reaches the critical limit of 10.2 "
        "GiB in about 29 days"
        " (estimated range 22 to 37); the sample of 2026-11-23 showed the same."
    )
    assert finding.evidence == {
        "slope_bytes_per_day": 200 * MIB,
        "slope_low_bytes_per_day": 200 * MIB,
        "slope_high_bytes_per_day": 200 * MIB,
        "window_days": 20,
        "samples": 21,
        "since": "2026-11-04T12:00:00Z",
        "started_at": "2026-08-16T12:00:00Z",
        "follows_reclaimable_slab_bytes": 0,
        "drift": 4.47,
        "alike": 435.89,
        "held": False,
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


@pytest.mark.parametrize(
    ("environment", "severity"), [("production", "critical"), ("staging", "critical"), ("development", "warning")]
)
def test_little_time_left_is_critical(environment: str, severity: str) -> None:
    """Three days of memory are left, wherever that is; development never gets more than a warning."""
    finding = grown(60, memory_available_bytes=200 * MIB, environment=environment)
    assert finding is not None
    assert finding.severity == severity


@pytest.mark.parametrize("dimension", ["slab_unreclaimable", "vmalloc", "kernel_stack", "page_tables", "unaccounted"])
def test_the_same_danger_has_the_same_severity(dimension: str) -> None:
    """100 MiB a day with 20 GiB available is a warning in every dimension whose limit is far."""
    settings = replace(shipped_settings(), limits=dict.fromkeys(LIMITED, Levels(None, None)))
    finding = grown(100, dimension=dimension, memory_available_bytes=20 * GIB, settings=settings)
    assert finding is not None
    assert finding.severity == "warning"


def test_a_kind_that_fills_up_is_silent_in_the_end() -> None:
    """Caches fill up and then stay."""
    samples = days_of("percpu", [300 + 1000 * (1 - 0.85**day) for day in range(30)])
    assert found(judged(samples), "percpu", "growth") is None


def test_hours_are_said_where_hours_are_left() -> None:
    """A board of 927 MiB, every hour from its boot, 12 MiB an hour: information at the sixth sample, then critical."""
    severities, last = [], None
    for number in range(4, 10):
        samples = [
            sample_at(
                (place + 1 - number) / 24,
                uptime_days=(place + 1) / 24,
                slab_unreclaimable=(60 + 12 * place) * MIB,
                memory_total_bytes=927 * MIB,
                memory_available_bytes=(400 - 12 * place) * MIB,
            )
            for place in range(number)
        ]
        last = found(judged(samples), "slab_unreclaimable", "growth")
        severities.append(None if last is None else last.severity)
    assert severities == [None, None, "info", "info", "critical", "critical"]
    assert last is not None
    assert "about 12 MiB an hour" in last.explanation
    assert "hours (estimated range" in last.explanation


def test_what_follows_the_caches_is_said() -> None:
    """A part of the growth that reclaimable slab explains is named, and is not counted."""
    samples = [
        sample_at(
            day - 20,
            slab_reclaimable=(1000 + 150 * day + 90 * (day % 3)) * MIB,
            slab_unreclaimable=(600 + 60 * day + 9 * (day % 3)) * MIB,
        )
        for day in range(21)
    ]
    finding = found(judged(samples), "slab_unreclaimable", "growth")
    assert finding is not None
    assert "of it follow reclaimable slab" in finding.explanation


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
    assert answer.growing[dimension].confirmed_tier in ("warning", "critical")


def test_growing_holds_what_is_only_watched() -> None:
    """Rules over the fleet look at those, too."""
    trend = judged(days_of("page_tables", [400 + 10 * day for day in range(21)])).growing["page_tables"]
    assert (trend.tier, trend.confirmed_tier, round(trend.bytes_a_day)) == ("watch", "watch", 10 * MIB)


def test_what_grows_in_a_line_is_excused_by_no_holder() -> None:
    """A driver that is loaded takes its buffers once; what goes on growing is a leak, whoever it is."""
    holders = [{"kind": "gpu", "name": "nvidia", "bytes": None, "plausible_bytes": 64 * GIB}]
    finding = grown(300, dimension="unaccounted", holders=holders)
    assert finding is not None
    assert finding.severity == "warning"


def test_the_policy_can_lower_and_switch_off() -> None:
    """A severity by name; a tier that is null; a dimension that is off."""
    shipped = shipped_settings()
    capped = replace(shipped, severities={"slab_unreclaimable.growth": "info"})
    assert severity_of(200, settings=capped) == "info"
    tiers = {**shipped.growth["slab_unreclaimable"], "critical": None}
    milder = replace(shipped, growth={**shipped.growth, "slab_unreclaimable": tiers})
    assert severity_of(200, settings=milder, memory_available_bytes=GIB) == "warning"
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


def with_imports(*imported: int, amounts: list[float]) -> list[Sample]:
    """Days of which some, by their place, were imported."""
    days = days_of("slab_unreclaimable", amounts, memory_available_bytes=5 * GIB)
    return [replace(day, origin=Origin.IMPORTED) if place in imported else day for place, day in enumerate(days)]


def test_growth_that_rests_on_imports_alone_is_suspected_until_a_second_audit_sees_it() -> None:
    """Another tool may have meant another host, or another counter: a second look of ours is worth the wait. Its
    severity is a warning at most, and it says why.
    """
    amounts = [400 + 500 * day for day in range(21)]
    first = found(judged(with_imports(*range(20), amounts=amounts)), "slab_unreclaimable", "growth")
    assert first is not None and (first.severity, first.status) == ("warning", "suspected")
    assert "all earlier samples of it were imported" in first.explanation
    second = found(judged(with_imports(*range(19), amounts=amounts)), "slab_unreclaimable", "growth")
    assert second is not None and (second.severity, second.status) == ("critical", "confirmed")
    assert "imported" not in second.explanation


def test_imported_samples_that_are_judged_themselves_are_judged_as_they_are() -> None:
    """A replay asks what would have been said of the past; there the current sample is imported, too."""
    amounts = [400 + 500 * day for day in range(21)]
    replayed = found(judged(with_imports(*range(21), amounts=amounts)), "slab_unreclaimable", "growth")
    assert replayed is not None and (replayed.severity, replayed.status) == ("critical", "confirmed")


def test_a_change_of_level_that_rests_on_imports_alone_is_suspected() -> None:
    """The same of a sudden rise; growth of the same dimension that was imported still explains it."""
    amounts = [400.0] * 18 + [3000.0] * 3
    for imported, status in ((20, "suspected"), (10, "confirmed")):
        answer = judged(with_imports(*range(imported), amounts=amounts))
        finding = found(answer, "slab_unreclaimable", "spike")
        assert finding is not None and finding.status == status, finding
