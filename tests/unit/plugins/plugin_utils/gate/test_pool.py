# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hosts of a rollout in one environment: who is bad, whether they are too few, and who is compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.pool import Pool
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.regression import TESTED
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import before_look, settings
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB


def record(host: str, state: str, **more: Any) -> HostRecord:
    """What is known of a host of a rollout."""
    return HostRecord(host, HostState(state), **more)


@pytest.mark.parametrize(
    ("state", "before", "is_bad"),
    [
        ("failed", None, True),
        ("left_out", None, True),
        ("left_out", "bad", True),
        ("left_out", "inconclusive", False),
        ("planned", "bad", False),
        ("accepted", None, False),
    ],
)
def test_who_is_bad_in_a_rollout(state: str, before: str | None, is_bad: bool) -> None:
    """Also who could not be touched: a rollout that loses its hosts one by one must stop."""
    known = {} if before is None else {"before_answer": {"outcome": before}}
    assert Pool([record("web1", state, **known)], settings()).bad({}) == (["web1"] if is_bad else [])


def test_who_is_bad_by_an_answer_that_is_not_written_yet_counts_once() -> None:
    """In the order of names, as people look for them."""
    pool = Pool([record("b", "failed"), record("a", "fit"), record("c", "fit")], settings())
    answers: dict[str, Any] = {"a": {"outcome": "bad"}, "b": {"outcome": "bad"}, "c": {"outcome": "good"}}
    assert pool.bad(answers) == ["a", "b"]


def test_a_pool_is_small_where_a_test_could_never_tell() -> None:
    """The hosts that there are count, not those that were changed so far."""
    least = settings()["regression"]["minimum_hosts"]
    assert Pool([record(f"h{number}", "planned") for number in range(least - 1)], settings()).is_small
    assert not Pool([record(f"h{number}", "planned") for number in range(least)], settings()).is_small
    assert not Pool([], settings(regression=None)).is_small


def test_a_sick_host_is_neither_a_reference_nor_a_control() -> None:
    """It would make a change look harmless."""
    hosts = [record(f"h{number}", "planned", reference=before_look()) for number in range(3)]
    dimensions = dict.fromkeys(TESTED, {"outcome": "not_comparable"})
    comparison = {"kernel_changed": True, "memory_total_bytes": 64 * GIB, "dimensions": dimensions}
    changed = record("changed", "accepted", after_answer={"comparison": comparison})
    whole = Pool([changed, *hosts], settings()).tests()["cohort"]
    one_sick = Pool([changed, *hosts[:2], replace(hosts[2], sick=True)], settings()).tests()["cohort"]
    sick_change = Pool([replace(changed, sick=True), *hosts], settings()).tests()["cohort"]
    assert [(one["changed"], one["unchanged"]) for one in (whole, one_sick)] == [(1, 3), (1, 2)]
    assert sick_change["changed"] == 0
