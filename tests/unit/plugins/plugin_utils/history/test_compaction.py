# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose turn it is to be packed, and what a day's summary is."""

from __future__ import annotations

import random
from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.compaction import (
    add_days,
    summary,
    whose_turn,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sample_columns import Layout
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.samples import (
    BlockKind,
    blocks_of,
    days_in,
    phase,
    store_layout,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import COLUMNS, UNKNOWN, row_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    sample,
)

HOSTS = list(range(1, 128 * 40, 17))


@given(st.integers(0, 100), st.lists(st.integers(1, 12), min_size=1, max_size=20))
def test_every_host_has_its_turn_in_thirty_days_however_often_it_is_asked(first: int, steps: list[int]) -> None:
    """Nobody is left out by days without an audit, and nobody is packed twice in thirty days."""
    day, turns = first, []
    for step in steps:
        turns += whose_turn(HOSTS, day, day + step)
        day += step
    passed = day - first
    assert len(turns) == sum((day - phase(host)) // 30 - (first - phase(host)) // 30 for host in HOSTS)
    assert passed < 30 or set(turns) == set(HOSTS)


def test_a_store_that_was_never_packed_is_packed_whole() -> None:
    assert whose_turn(HOSTS, None, 5) == HOSTS == whose_turn(HOSTS, 5, 35)
    assert whose_turn(HOSTS, 7, 7) == whose_turn(HOSTS, 9, 7) == []


def test_a_summary_has_the_median_and_what_differs_from_it() -> None:
    """A value that every sample has is there once; what no sample knows is not known."""
    chance = random.Random(1)
    layout = Layout(COLUMNS)
    amounts = [chance.randrange(2**40) for _sample in range(24)]
    rows = [row_of(sample(moment=MIDNIGHT + hour * 3600, slab=amount)) for hour, amount in enumerate(amounts)]
    found = dict(zip(layout.day_columns, summary(layout, (7, 8, 9), rows), strict=True))
    kib = sorted(amount // 1024 for amount in amounts)
    assert [found[name] for name in ("day", "boot_key", "kernel_key", "samples")] == [7, 8, 9, 24]
    assert found["slab_unreclaimable_kib"] == median_low(kib)
    assert (found["slab_unreclaimable_kib_low"], found["slab_unreclaimable_kib_high"]) == (kib[0], kib[-1])
    assert (found["percpu_kib"], found["percpu_kib_low"], found["percpu_kib_high"]) == (rows[0][17], UNKNOWN, UNKNOWN)
    assert {found[f"socket_buffers_kib{end}"] for end in ("", "_low", "_high")} != {0}


def test_a_summary_that_is_there_stays(empty: SqlStore) -> None:
    """Reading an export twice changes nothing; days of another boot are days of their own."""
    add(empty, "r1", MIDNIGHT)
    engine, layout = empty.engine, store_layout(empty.engine)
    rest = (5,) * (len(layout.day_columns) - 3)
    first, again, other = (20_000, 1, 1, *rest), (20_000, 1, 1, *(number + 1 for number in rest)), (20_000, 2, 1, *rest)
    with engine.writing():
        assert add_days(engine, layout, 1, [first]) == 1
        assert add_days(engine, layout, 1, [again, other]) == 1
    (block,) = blocks_of(engine, [1], BlockKind.DAYS)
    assert days_in(engine, layout, 1, block.data) == [first, other]
    assert MIDNIGHT // DAY > 20_000
