# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is ahead of a host: its order, and the words for it."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.outlook import (
    date_words,
    days_left,
    holder,
    left_words,
    outlook,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import GIB, MIB


def host(*findings: object, **keys: object) -> dict[str, object]:
    """A host of an audit."""
    machine = {"memory_available_bytes": 10 * GIB, "memory_total_bytes": 100 * GIB}
    return {"name": "h", "verdict": "critical", "findings": list(findings), "host": machine, **keys}


def growing(days: object, dimension: str = "slab_unreclaimable", severity: str = "warning") -> dict[str, object]:
    """A growth that reaches its limit in so many days."""
    evidence = {
        "time_to_limit_days": {"estimate": days, "limit_bytes": 4 * GIB},
        "since": "2026-10-21T00:00:00Z",
        "slope_bytes_per_day": 188 * MIB,
    }
    return synthetic.growth(dimension, severity, evidence=evidence)


def test_a_host_without_an_alarm_has_none() -> None:
    """Info is no alarm."""
    assert outlook(host(synthetic.finding(severity="info"))) is None


def test_the_soonest_end_leads_and_comes_first() -> None:
    """Two days are more urgent than a limit that was passed long ago; a year is not."""
    over = synthetic.finding("percpu", "critical")
    soon, late, both = outlook(host(growing(2.5))), outlook(host(growing(380.0))), outlook(host(over, growing(2.5)))
    only = outlook(host(over))
    assert soon and late and both and only
    assert both.dimension == "slab_unreclaimable" and both.left == "2 days"
    assert sorted([late, only, soon], key=lambda one: one.order) == [soon, only, late]
    assert only.left == "over it"


def test_it_says_how_fast_and_since_when() -> None:
    """Known from the growth, else not at all."""
    ahead = outlook(host(growing(9.0), dimensions={"slab_unreclaimable_bytes": 3 * GIB}))
    assert ahead is not None
    assert (ahead.pace, ahead.since) == ("188 MiB a day", "2026-10-21T00:00:00Z")
    assert ahead.what == "Unreclaimable slab 3 of 4 GiB"
    # Not the warning limit that it has passed: days are left to the limit that ends it.
    passed = synthetic.finding(severity="warning")
    both = outlook(host(growing(9.0, severity="critical"), passed, dimensions={"slab_unreclaimable_bytes": 3 * GIB}))
    assert both is not None and (both.left, both.what) == ("9 days", "Unreclaimable slab 3 of 4 GiB")
    steady = outlook(host(synthetic.finding(severity="warning"), growth_asked_of=["slab_unreclaimable"]))
    assert steady is not None and (steady.pace, steady.since, steady.left) == ("", None, "steady")


def test_what_could_not_be_asked_whether_it_grows_is_not_steady() -> None:
    """A first audit knows nothing of the time that is left; nobody may go back to bed for it."""
    limit = synthetic.finding(severity="warning")
    for asked in ((), ["vmalloc"], None):
        ahead = outlook(host(limit, growth_asked_of=asked))
        assert ahead is not None and (ahead.left, ahead.growth_known) == ("unknown", False)


def test_growth_without_an_end_in_sight_is_not_steady() -> None:
    """A leak whose limit is a year away still grows."""
    evidence = {"since": "2026-10-21T00:00:00Z", "slope_bytes_per_day": 188 * MIB}
    ahead = outlook(host(synthetic.growth(evidence=evidence, severity="warning")))
    assert ahead is not None and (ahead.days_left, ahead.left) == (None, "grows")


@pytest.mark.parametrize(("owner", "said"), [("kmalloc-64", "kmalloc-64"), (None, ""), ("missing", "kmalloc-512")])
def test_who_holds_what_grows_is_who_grew(owner: str | None, said: str) -> None:
    """The largest cache may have been there for years: finding, page and terminal name one."""
    evidence = {"slope_bytes_per_day": MIB} | ({} if owner == "missing" else {"owner": owner})
    caches = [{"name": "kmalloc-512", "bytes": 9 * GIB}, {"name": "kmalloc-64", "bytes": GIB}]
    held = {"slab_caches": {"caches": caches}}
    ahead = outlook(host(synthetic.growth(evidence=evidence, severity="warning"), attribution=held))
    assert ahead is not None and ahead.holder == said


def test_of_equal_ends_less_available_memory_comes_first() -> None:
    """It fails first."""
    scarce = {"memory_available_bytes": GIB, "memory_total_bytes": 100 * GIB}
    poor, rich = outlook(host(growing(5.0), host=scarce)), outlook(host(growing(5.0)))
    assert poor and rich and poor.order < rich.order


@pytest.mark.parametrize("found", [None, {}, {"estimate": None}, True, "soon"])
def test_days_that_are_not_known_are_none(found: object) -> None:
    """Never 0."""
    assert days_left({"evidence": {"time_to_limit_days": found}}) is None
    assert days_left({"evidence": None}) is None


@pytest.mark.parametrize(
    ("days", "words"),
    [(0.0, "now"), (-3.0, "now"), (0.5, "12 hours"), (0.05, "1 hour"), (1.9, "1 day"), (9.99, "9 days")],
)
def test_a_host_is_not_given_more_time_than_it_has(days: float, words: str) -> None:
    """Rounded down."""
    assert left_words(days) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [("2026-10-21T10:00:00Z", "21 Oct"), ("2024-10-21T10:00:00Z", "21 Oct 2024"), ("2026-13-45", "2026-13-45")],
)
def test_dates_are_for_people(moment: str, words: str) -> None:
    """With the year where it is another."""
    assert date_words(moment, "2026-11-30T00:00:00Z") == words


def test_who_holds_it_is_who_the_host_named() -> None:
    """Threads' stacks are no caller of vmalloc's; what no counter names is said so; what the kernel gives back holds
    nothing of what it does not.
    """
    attribution = {
        "slab_caches": {"caches": [{"name": "kmalloc-512"}, {"name": "dentry"}]},
        "vmalloc_callers": {"callers": [{"caller": "dup_task_struct+0x5"}, {"caller": "xfs_buf_map"}]},
    }
    named = {"attribution": attribution}
    assert holder(named, "slab_unreclaimable") == "kmalloc-512"
    assert holder(named, "vmalloc") == "xfs_buf_map"
    assert holder(named, "unaccounted") == "no counter names it"
    # The largest of what was listed need not hold anything that counts.
    listed = {"slab_caches": {"caches": [{"name": "dentry", "bytes": 100 * MIB}]}}
    of_a_host = {"attribution": listed, "dimensions": {"slab_unreclaimable_bytes": 100 * GIB}}
    assert holder(of_a_host, "slab_unreclaimable") == ""
    assert (
        holder({**of_a_host, "dimensions": {"slab_unreclaimable_bytes": 900 * MIB}}, "slab_unreclaimable") == "dentry"
    )
    given_back = {"name": "dentry", "bytes": 9, "reclaimable": True}
    kept = {"name": "kmalloc-64", "bytes": 8, "reclaimable": False}
    both = {"attribution": {"slab_caches": {"caches": [given_back, kept]}}}
    assert holder(both, "slab_unreclaimable") == holder(both, "kernel_unreclaimable") == "kmalloc-64"
    assert holder(both, "slab_reclaimable") == holder(both, "kernel_total") == "dentry"
    assert holder({"attribution": None}, "slab_unreclaimable") == "" and holder(named, "percpu") == ""
