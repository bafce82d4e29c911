# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples wherever they are: rows and blocks read as one, and which thirty days are a block."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.ids import all_host_ids
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.samples import (
    BLOCK_DAYS,
    DAY,
    BlockKind,
    block_day,
    blocks_of,
    days_in,
    kept_samples,
    phase,
    put_block,
    rows_of,
    samples_by_host,
    samples_in,
    store_layout,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError, Retention
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    MIDNIGHT,
    add,
    sample,
)


@given(st.integers(1, 10**6), st.integers(0, 2**33))
def test_a_moment_is_in_one_block_of_its_host(host_id: int, moment: int) -> None:
    """Thirty days that end on the host's day, and the moment among them."""
    day = block_day(host_id, moment)
    assert day % BLOCK_DAYS == phase(host_id)
    assert 0 <= day - moment // DAY < BLOCK_DAYS
    assert block_day(host_id, day * DAY) == day and block_day(host_id, (day + 1) * DAY) == day + BLOCK_DAYS


def test_hosts_side_by_side_end_on_the_same_day_and_groups_on_others() -> None:
    assert len({phase(host_id) for host_id in range(128, 256)}) == 1
    assert {phase(group << 7) for group in range(60)} == set(range(30))


def test_rows_and_blocks_are_read_as_one(empty: SqlStore) -> None:
    """Whoever asks for the samples of a host needs not know where they are."""
    for day in range(80):
        add(
            empty,
            f"r{day}",
            MIDNIGHT + day * DAY,
            [sample("web1", MIDNIGHT + day * DAY), sample("web2")][: 1 + (day == 5)],
        )
    empty.upkeep.prune(Retention(), MIDNIGHT + 80 * DAY)
    engine, layout = empty.engine, store_layout(empty.engine)
    hosts = all_host_ids(engine)
    assert 0 < len(rows_of(engine, layout, hosts)[hosts[0]]) < 40
    assert len(rows_of(engine, layout, hosts, MIDNIGHT + 75 * DAY)[hosts[0]]) < len(
        rows_of(engine, layout, hosts)[hosts[0]]
    )
    kept = kept_samples(engine, layout, hosts)
    assert {host_id: len(samples) for host_id, samples in kept.items()} == {hosts[0]: 80, hosts[1]: 1}
    ((run_id,),) = engine.rows("SELECT run_id FROM run WHERE name = 'r5'")
    without = dict(samples_by_host(engine, layout, hosts, without_run=run_id))
    assert {host_id: len(samples) for host_id, samples in without.items()} == {hosts[0]: 79, hosts[1]: 0}


def test_a_block_is_replaced_and_an_empty_one_goes(empty: SqlStore) -> None:
    add(empty, "r1", MIDNIGHT)
    engine = empty.engine
    day = block_day(1, MIDNIGHT)
    for rows in ([(1, 2, 3)], [(1, 2, 3), (4, 5, 6)], []):
        with engine.writing():
            put_block(engine, 1, day, BlockKind.DAYS, rows, MIDNIGHT)
        assert [block.last_day for block in blocks_of(engine, [1], BlockKind.DAYS)] == [day] * bool(rows)
    assert blocks_of(engine, [1], BlockKind.SAMPLES) == []


def test_what_is_in_a_block_has_all_columns_of_the_store(empty: SqlStore) -> None:
    """It was packed with those of its time."""
    add(empty, "r1", MIDNIGHT)
    engine, layout = empty.engine, store_layout(empty.engine)
    with engine.writing():
        put_block(engine, 1, block_day(1, MIDNIGHT), BlockKind.DAYS, [(1, 2, 3, 4, 5)], MIDNIGHT)
    (block,) = blocks_of(engine, [1], BlockKind.DAYS)
    (day,) = days_in(engine, layout, 1, block.data)
    assert day == (1, 2, 3, 4, 5, *[UNKNOWN] * (len(layout.day_columns) - 5))
    for read in (samples_in, days_in):
        with pytest.raises(HistoryError, match=r"a block of older samples of web1 is not as it was written"):
            read(engine, layout, 1, b"nothing of the kind")
