# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule for a single host: so much more than before that this alone is bad."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer_after import answer_after
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.before_after import earlier_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.worse import own_spreads
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    after_look,
    before_look,
    changed_record,
    judgement,
    settings,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB


def judged(
    record: HostRecord,
    expected: str | None = None,
    earlier: Any = (),
    spreads: Any = None,
    alone: bool = False,
    **changes: Any,
) -> tuple[str, list[str]]:
    """The outcome of a changed host and the codes of its reasons."""
    answer = answer_after(
        record,
        settings(**changes),
        was=judgement(record.reference),
        now=judgement(record.after),
        expected_kernel=expected,
        earlier=earlier,
        spreads=spreads,
        alone=alone,
    )
    return answer["outcome"], [reason["code"] for reason in answer["reasons"]]


def test_a_jump_of_one_host_is_worse_only_where_it_is_large() -> None:
    """Twice as much and 2 % of RAM (1311 MiB of 64 GiB), both; caches never."""
    assert judged(changed_record(slab_unreclaimable_bytes=1824 * MIB)) == ("bad", ["worse"])
    assert judged(changed_record(slab_unreclaimable_bytes=1820 * MIB)) == ("good", [])
    assert judged(changed_record(unaccounted_bytes=2000 * MIB, slab_unreclaimable_bytes=513 * MIB))[1] == ["worse"]
    assert judged(changed_record(slab_reclaimable_bytes=30 * GIB)) == ("good", [])
    assert judged(changed_record(slab_unreclaimable_bytes=1900 * MIB), worse=None) == ("good", [])


def test_a_small_number_never_fails() -> None:
    """Ten times the page tables, and still less than noise."""
    assert judged(changed_record(percpu_bytes=160 * MIB)) == ("good", [])


def test_less_than_a_long_boot_but_more_than_usual_after_ten_minutes_is_worse() -> None:
    """The point of equal uptime."""
    past = earlier_of(after_look(boot_id="past", kernel_release="5.10.0", slab_unreclaimable_bytes=300 * MIB)["facts"])
    record = replace(
        changed_record(slab_unreclaimable_bytes=1900 * MIB), reference=before_look(slab_unreclaimable_bytes=4 * GIB)
    )
    assert judged(record) == ("good", [])
    assert judged(record, earlier=[past]) == ("bad", ["worse"])


def test_a_host_is_held_against_the_spread_of_its_pool() -> None:
    """Its own is small by chance; and the larger a pool, the more of its spreads a host may go."""
    pasts = [
        earlier_of(
            after_look(boot_id=f"past-{mib}", kernel_release="5.10.0", slab_unreclaimable_bytes=mib * MIB)["facts"]
        )
        for mib in (395, 400, 400, 405)
    ]
    record = changed_record(slab_unreclaimable_bytes=2600 * MIB)
    assert judged(record, earlier=pasts)[0] == "bad"
    assert judged(record, earlier=pasts, spreads={"slab_unreclaimable": 0.3, "kernel_unreclaimable": 0.3})[0] == "good"
    spreads = {"slab_unreclaimable": 0.29, "kernel_unreclaimable": 0.29}
    assert judged(record, earlier=pasts, spreads=spreads, alone=True)[0] == "bad"


def test_the_more_hosts_there_are_the_farther_one_goes_by_chance() -> None:
    """Few and many have their own number; of sixteen times as many the farthest goes twice as far."""
    assert [own_spreads(3, alone=True), own_spreads(8, alone=False), own_spreads(20, alone=False)] == [6, 7, 7]
    assert own_spreads(320, alone=False) == pytest.approx(14)
