# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two tests over all changed hosts: what they find, what they must not, and when they say that they can't tell."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.before_after import (
    amounts_of,
    compare_facts,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.regression import (
    cohort_test,
    paired_test,
    regression_sentence,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import after_look, before_look, settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB

SETTINGS = settings()


def comparison(old: int, new: int, dimension: str = "slab_unreclaimable", **after: Any) -> dict[str, Any]:
    """One changed host with so many MiB before and after."""
    key = f"{dimension}_bytes"
    return compare_facts(
        before_look(**{key: old * MIB})["facts"], after_look(**{key: new * MIB, **after})["facts"], SETTINGS["noise"]
    )


def unchanged(slab: int, memory: int = 64 * GIB) -> dict[str, Any]:
    """One host that is not changed yet."""
    return {
        "memory_total_bytes": memory,
        "amounts": amounts_of(before_look(slab_unreclaimable_bytes=slab * MIB)["facts"]),
    }


def worse(test: dict[str, Any]) -> list[str]:
    """The dimensions that a test finds worse."""
    return [name for name, row in test["dimensions"].items() if row["worse"]]


def test_eight_hosts_that_all_have_half_more_are_a_regression() -> None:
    """The least number of pairs that Holm over the dimensions lets speak."""
    hosts = [comparison(1000 + place, 1500 + 2 * place) for place in range(8)]
    found = paired_test(hosts, SETTINGS)
    assert (found["state"], worse(found)) == ("tested", ["slab_unreclaimable"])
    row = found["dimensions"]["slab_unreclaimable"]
    assert row["p"] == pytest.approx(1 / 256, abs=1e-6) and row["p_holm"] == pytest.approx(6 / 256, abs=1e-5)
    assert "Unreclaimable slab is 1.5" in regression_sentence("slab_unreclaimable", row, "paired")
    assert "the chance of this is 2.3 %" in regression_sentence("slab_unreclaimable", row, "paired")


def test_seven_hosts_can_not_tell() -> None:
    """Never pass, never fail: not testable, and why."""
    found = paired_test([comparison(1000 + place, 1200 + place) for place in range(7)], SETTINGS)
    assert (found["state"], worse(found)) == ("not_testable", [])
    assert found["reason"] == "7 hosts have changed so far; the test needs 8."


def test_every_one_of_three_hosts_needs_no_test() -> None:
    """A quarter more on all of them; one host that did not rise is doubt enough, and so is a pool of two."""
    three = [comparison(1000 + place, 1300 + place) for place in range(3)]
    found = paired_test(three, SETTINGS)
    assert (found["state"], worse(found)) == ("not_testable", ["slab_unreclaimable"])
    row = found["dimensions"]["slab_unreclaimable"]
    said = "Unreclaimable slab is at least 1.299 times what it was before on every one of 3 hosts, by 300 MiB or more."
    assert regression_sentence("slab_unreclaimable", row, "paired") == said
    assert worse(paired_test([*three, comparison(1000, 1100)], SETTINGS)) == []
    assert worse(paired_test(three[:2], SETTINGS)) == []
    assert worse(paired_test([comparison(20, 90, "percpu")] * 3, SETTINGS)) == []


def test_one_host_that_fell_a_little_is_no_doubt_and_one_that_fell_more_is() -> None:
    """Two chances in 256, times six dimensions, are 4.7 %; three are 7 %."""
    rest = [comparison(1000 + place, 1500) for place in range(7)]
    assert worse(paired_test([*rest, comparison(1000, 990)], SETTINGS)) == ["slab_unreclaimable"]
    assert worse(paired_test([*rest[:-1], comparison(1000, 990), comparison(1000, 980)], SETTINGS)) == []


def test_an_effect_is_needed_beside_the_chance() -> None:
    """Nine percent more on every host are real and allowed; three times next to nothing is noise; caches are never
    worse.
    """
    assert worse(paired_test([comparison(4000 + place, 4360 + place) for place in range(8)], SETTINGS)) == []
    assert worse(paired_test([comparison(20 + place, 90 + place, "percpu") for place in range(8)], SETTINGS)) == []
    caches = paired_test([comparison(4000 + place, 9000 + place, "slab_reclaimable") for place in range(8)], SETTINGS)
    assert "slab_reclaimable" not in caches["dimensions"]


def test_a_dimension_that_is_known_on_few_hosts_is_left_out() -> None:
    """And the others are corrected for fewer looks."""
    hosts = [comparison(1000, 1500 + place, vmalloc_bytes=None) for place in range(8)]
    found = paired_test(hosts, SETTINGS)
    assert "vmalloc" not in found["dimensions"]
    assert found["dimensions"]["slab_unreclaimable"]["p_holm"] == pytest.approx(5 / 256, abs=1e-5)


def test_three_canaries_against_ten() -> None:
    """A third more than before and than the rest, which no host by itself would fail for."""
    canaries = [comparison(1000 + place, 1300 + place) for place in range(3)]
    found = cohort_test(canaries, [unchanged(990 + place) for place in range(10)], SETTINGS)
    assert (found["state"], worse(found)) == ("tested", ["slab_unreclaimable"])
    row = found["dimensions"]["slab_unreclaimable"]
    assert (row["changed"], row["unchanged"], row["own_ratio"]) == (3, 10, 1.3)
    assert "on 10 hosts that are not changed yet" in regression_sentence("slab_unreclaimable", row, "cohort")


def test_canaries_that_always_had_more_are_no_regression() -> None:
    """Chosen badly, but not made worse."""
    canaries = [comparison(2000 + place, 2010 + place) for place in range(3)]
    found = cohort_test(canaries, [unchanged(990 + place) for place in range(10)], SETTINGS)
    assert worse(found) == []


@pytest.mark.parametrize(("canaries", "others"), [(2, 10), (3, 9), (0, 10)])
def test_a_small_pool_is_not_testable(canaries: int, others: int) -> None:
    """Both numbers are named."""
    found = cohort_test([comparison(1000, 3000)] * canaries, [unchanged(990)] * others, SETTINGS)
    assert found["state"] == "not_testable" and "the test needs 3 and 10" in found["reason"]


def test_hosts_of_another_size_are_no_cohort() -> None:
    """A share of 1 TiB says nothing on 64 GiB."""
    found = cohort_test([comparison(1000, 3000)] * 3, [unchanged(990, 1024 * GIB)] * 20, SETTINGS)
    assert (found["state"], found["unchanged"]) == ("not_testable", 0)


def test_both_can_be_switched_off() -> None:
    """By the policy."""
    assert paired_test([comparison(1, 9)] * 9, settings(regression=None))["state"] == "off"
    assert cohort_test([comparison(1, 9)] * 9, [], settings(cohort=None))["state"] == "off"


def test_without_any_known_dimension_nothing_is_tested() -> None:
    """Eight hosts that say nothing are not a pass."""
    nothing = {
        f"{name}_bytes": None
        for name in (
            "slab_unreclaimable",
            "slab_reclaimable",
            "vmalloc",
            "kernel_stack",
            "page_tables",
            "percpu",
            "unaccounted",
        )
    }
    hosts = [compare_facts(before_look()["facts"], after_look(**nothing)["facts"], SETTINGS["noise"])] * 8
    assert paired_test(hosts, SETTINGS)["state"] == "not_testable"
