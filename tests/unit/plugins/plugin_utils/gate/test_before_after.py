# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before and after, by dimension: equal uptime where it is known, nothing made of noise, nothing made of what can't
be compared.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.before_after import (
    COMPARED,
    Past,
    compare_facts,
    difference,
    earlier_of,
    noise_bytes,
    past_of,
    usual_spreads,
    with_usual,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import row_of, sample_of, series_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import after_look, before_look
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, healthy_facts

NOISE = {"at_least": 64 * MIB, "percent_of_ram": 0.25}


def before(**changes: Any) -> dict[str, Any]:
    """Facts of before."""
    return before_look(**changes)["facts"]


def after(**changes: Any) -> dict[str, Any]:
    """Facts of after."""
    return after_look(**changes)["facts"]


def test_noise_is_the_larger_of_a_size_and_a_share() -> None:
    """0.25 % of 64 GiB is 163.8 MiB; of 8 GiB it is less than the floor."""
    assert noise_bytes(64 * GIB, NOISE) == 64 * GIB // 400
    assert noise_bytes(8 * GIB, NOISE) == noise_bytes(None, NOISE) == 64 * MIB


def test_the_floor_of_a_small_host_is_a_share() -> None:
    """64 MiB are 14 % of 459 MiB; what was measured between two looks under load is 11 MiB."""
    assert noise_bytes(2 * GIB, NOISE) == 2 * GIB * 2 // 100
    assert noise_bytes(459 * MIB, NOISE) == 16 * MIB
    assert noise_bytes(459 * MIB, {"at_least": MIB, "percent_of_ram": 0.25}) == 459 * MIB // 400


def test_a_new_kernel_and_boot_are_seen() -> None:
    """And what they were."""
    made = compare_facts(before(), after(), NOISE)
    assert (made["rebooted"], made["kernel_changed"], made["kernel_before"], made["kernel_after"]) == (
        True,
        True,
        "5.10.0 x86_64",
        "6.12.0 x86_64",
    )
    assert set(made["dimensions"]) == set(COMPARED)
    assert {row["outcome"] for row in made["dimensions"].values()} == {"same"}
    assert compare_facts(before(boot_id=None), after(), NOISE)["rebooted"] is None


def test_more_and_less_need_more_than_noise() -> None:
    """512 MiB are the reference; noise is 163.8 MiB."""
    for amount, outcome in ((512 + 163, "same"), (512 + 164, "more"), (512 - 164, "less")):
        row = compare_facts(before(), after(slab_unreclaimable_bytes=amount * MIB), NOISE)["dimensions"][
            "slab_unreclaimable"
        ]
        assert (row["outcome"], row["basis"]) == (outcome, "before")
    assert row["difference_bytes"] == -164 * MIB and row["ratio"] == pytest.approx(348 / 512, abs=0.001)


def test_equal_uptime_wins_over_the_look_before() -> None:
    """A 40-day-old boot had 2 GiB; ten minutes after a boot the host used to have 300 MiB. 600 MiB now are more, not
    less.
    """
    earlier = [
        earlier_of(
            after(boot_id="past", kernel_release="5.10.0", uptime_seconds=650, slab_unreclaimable_bytes=300 * MIB)
        )
    ]
    made = compare_facts(
        before(slab_unreclaimable_bytes=2 * GIB), after(slab_unreclaimable_bytes=600 * MIB), NOISE, None, earlier
    )
    row = made["dimensions"]["slab_unreclaimable"]
    assert (row["outcome"], row["basis"], row["reference_bytes"], made["at_equal_uptime"]) == (
        "more",
        "equal_uptime",
        300 * MIB,
        True,
    )


@pytest.mark.parametrize(
    "look",
    [
        {"uptime_seconds": 900},
        {"uptime_seconds": 400},
        {"kernel_release": "6.12.0"},
        {"boot_id": "new-boot"},
        {"uptime_seconds": None},
    ],
)
def test_what_is_no_reference_at_equal_uptime(look: dict[str, Any]) -> None:
    """Another uptime, the new kernel itself, and this very boot."""
    earlier = [
        earlier_of(
            after(**{"boot_id": "past", "kernel_release": "5.10.0", "slab_unreclaimable_bytes": 100 * MIB, **look})
        )
    ]
    assert not compare_facts(before(), after(), NOISE, None, earlier)["at_equal_uptime"]


def test_the_history_gives_equal_uptime_too() -> None:
    """A series of the store has the same answer as the gate's own looks; address space is no amount of vmalloc."""

    def row(boot: str, uptime: int, slab: int, **more: Any) -> tuple[int, ...]:
        facts = healthy_facts(
            boot_id=boot, kernel_release="5.10.0", uptime_seconds=uptime, slab_unreclaimable_bytes=slab * MIB, **more
        )
        return row_of(sample_of("web1", checked_facts(facts), 1_800_000_000))

    series = series_of(
        "web1",
        [row("a", 600, 200), row("b", 700, 300, vmalloc_meaning="area"), row("b", 90_000, 900), row("c", 610, 400)],
    )
    made = compare_facts(before(), after(), NOISE, series)
    assert made["dimensions"]["slab_unreclaimable"]["reference_bytes"] == 300 * MIB
    assert made["dimensions"]["vmalloc"]["reference_bytes"] == 200 * MIB


def test_what_can_not_be_compared_says_so() -> None:
    """No number, or a counter that means something else on the other kernel."""
    rows = compare_facts(before(vmalloc_meaning="area"), after(percpu_bytes=None), NOISE)["dimensions"]
    assert rows["vmalloc"]["outcome"] == rows["percpu"]["outcome"] == "not_comparable"
    assert "means something else" in rows["vmalloc"]["reason"]
    assert rows["percpu"]["difference_bytes"] is None


def test_the_error_band_of_the_remainder_hides_no_difference() -> None:
    """It errs alike in both looks. 500 MiB more are 500 MiB more, also where each look is known to 300 MiB."""
    rows = compare_facts(
        before(unaccounted_band_bytes=300 * MIB),
        after(unaccounted_bytes=1100 * MIB, unaccounted_band_bytes=300 * MIB),
        NOISE,
    )
    assert rows["dimensions"]["unaccounted"]["outcome"] == "more"


@given(st.integers(0, 2**45), st.integers(0, 2**45))
def test_the_numbers_add_up(old: int, new: int) -> None:
    """Difference and outcome follow from the two amounts, whatever they are."""
    row = compare_facts(before(page_tables_bytes=old), after(page_tables_bytes=new), NOISE)["dimensions"]["page_tables"]
    assert row["difference_bytes"] == new - old
    assert row["outcome"] == ("same" if abs(new - old) < row["noise_bytes"] else "more" if new > old else "less")
    assert (row["ratio"] is None) == (old == 0)


def test_a_host_is_held_against_its_own_spread() -> None:
    """What it does by itself from boot to boot is known from four looks at equal uptime on."""
    assert past_of([100, 200, 300]) == Past(200, None)
    steady, restless = past_of([100, 101, 99, 100]), past_of([100, 160, 80, 130])
    assert steady.spread is not None and restless.spread is not None and steady.spread < 0.02 < 0.2 < restless.spread
    row = difference(100 * MIB, 300 * MIB, past_of([100 * MIB, 160 * MIB, 80 * MIB, 130 * MIB]), MIB)
    assert (row["reference_bytes"], row["basis"], row["outcome"]) == (115 * MIB, "equal_uptime", "more")
    assert row["spread"] is not None and abs(row["spread"] - restless.spread) < 0.001


def test_a_spread_that_is_small_by_chance_is_that_of_the_pool() -> None:
    """A host's own comes from a few boots; a host that is more restless than its pool keeps its own."""
    pool = [{"vmalloc": Past(100, spread)} for spread in (0.01, 0.2, 0.3)]
    usual = usual_spreads(pool)
    assert usual == {"vmalloc": 0.2}
    assert [with_usual(past, usual)["vmalloc"].spread for past in pool] == [0.2, 0.2, 0.3]
    assert usual_spreads(pool[:2]) == {}, "two hosts are no pool"
    unknown = {"vmalloc": Past(100, None)}
    assert with_usual(unknown, usual) == unknown, "what is not known stays so"
