# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packing what is older than some days, so that a year of a fleet is small: rows into blocks, and in blocks that are
older still, days with several samples into their summaries.

Each day a thirtieth of the hosts has thirty whole days to pack. What was missed, on days without an audit or by an
import of old samples, is packed when its host's turn comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median_low

from ..model.sample import UNKNOWN
from ..model.times import DAY
from .blocks import unpacked_block
from .engine import Engine, chunks
from .packing import is_sound, unpacked
from .sample_columns import Layout, Numbers, from_stored
from .samples import (
    BLOCK_DAYS,
    BlockKind,
    KeptSample,
    block_day,
    blocks_of,
    days_in,
    phase,
    put_block,
    rows_of,
    samples_in,
    store_layout,
)
from .schema import marks

OLD_SUMMARIES = "rollup"
"""The table in which release 0.1.0 kept summaries of days. They go into blocks, and the table stays empty."""


def whose_turn(hosts: Iterable[int], last_day: int | None, today: int) -> list[int]:
    """Return those of *hosts* (ids) of which a block ends on a day after *last_day* (None: never looked) until
    *today*.
    """
    if last_day is None or today - last_day >= BLOCK_DAYS:
        return list(hosts)
    phases = {day % BLOCK_DAYS for day in range(last_day + 1, today + 1)}
    return [host_id for host_id in hosts if phase(host_id) in phases]


def pack_rows(engine: Engine, group: Sequence[int], today: int) -> set[int]:
    """Pack the rows of a group of hosts (see ``ids.groups``) from blocks that have ended by the day *today*, inside of
    a transaction. Return the days that end these blocks.
    """
    last_day = today - (today - phase(group[0])) % BLOCK_DAYS
    layout = store_layout(engine)
    by_block: dict[tuple[int, int], list[KeptSample]] = {}
    for host_id, kept in rows_of(engine, layout, group, (last_day + 1) * DAY).items():
        for sample in kept:
            by_block.setdefault((host_id, block_day(host_id, sample.row[0])), []).append(sample)
    if not by_block:
        return set()
    there = {(block.host_id, block.last_day): block.data for block in blocks_of(engine, group, BlockKind.SAMPLES)}
    for (host_id, day), samples in by_block.items():
        before = there.get((host_id, day))
        earlier = [] if before is None else samples_in(engine, layout, host_id, before)
        put_samples(engine, host_id, day, [*earlier, *samples])
        engine.remove("sample", [(sample.run_id, host_id) for sample in samples])
    return {day for _host_id, day in by_block}


def put_samples(engine: Engine, host_id: int, day: int, samples: Sequence[KeptSample]) -> None:
    """Write the block of samples that ends on a day."""
    rows = sorted((sample.row[0], sample.run_id, *sample.row[1:]) for sample in samples)
    put_block(
        engine,
        host_id,
        day,
        BlockKind.SAMPLES,
        [(run_id, moment, *rest) for moment, run_id, *rest in rows],
        rows[-1][0] if rows else 0,
    )


def sum_up(engine: Engine, last_day: int, hosts: Sequence[int]) -> tuple[int, int]:
    """Sum up the days that have several samples in blocks that end on a day, inside of a transaction.

    Return how many samples went, and how many had to stay since they are in their host's series.
    """
    layout = store_layout(engine)
    query = (
        "SELECT host_id, data FROM block WHERE last_day = ? AND kind = ? AND samples > 1 "
        f"AND host_id IN {marks(len(hosts))}"
    )
    blocks = {
        host_id: bytes(data)
        for host_id, data in engine.rows(query, (last_day, int(BlockKind.SAMPLES), *hosts))
        if _is_crowded(bytes(data), host_id)
    }
    in_series = rows_in_series(engine, layout, list(blocks)) if blocks else {}
    gone = stays = 0
    for host_id, data in blocks.items():
        samples = samples_in(engine, layout, host_id, data)
        kept = in_series.get(host_id, set())
        by_day: dict[Numbers, list[KeptSample]] = {}
        for one in samples:
            by_day.setdefault(_day_key(layout, one.row), []).append(one)
        going: list[KeptSample] = []
        for key, of_day in sorted(by_day.items()):
            leaving = [one for one in of_day if one.row not in kept] if len(of_day) > 1 else []
            stays += len(of_day) - len(leaving) if len(of_day) > 1 else 0
            if leaving:
                # A day is summed up, from all of its samples, when the first of them goes.
                add_days(engine, layout, host_id, [summary(layout, key, [one.row for one in of_day])])
                going += leaving
        if going:
            went = set(going)
            put_samples(engine, host_id, last_day, [one for one in samples if one not in went])
            count_less(engine, Counter(one.run_id for one in going))
            gone += len(going)
    return gone, stays


def count_less(engine: Engine, gone: Mapping[int, int]) -> None:
    """Note how many samples of runs (by their ids) have gone."""
    for run_id, number in gone.items():
        engine.change("UPDATE run SET samples = samples - ? WHERE run_id = ?", (number, run_id))


def _is_crowded(data: bytes, host_id: int) -> bool:
    """Return whether a block has a day with several samples. What is damaged is left as it is."""
    try:
        days = [moment // DAY for _run_id, moment in unpacked_block(data, host_id, 2)]
    except ValueError:
        return False
    return len(set(days)) < len(days)


def add_days(engine: Engine, layout: Layout, host_id: int, days: Sequence[Numbers]) -> int:
    """Add summaries of days to the blocks of a host, inside of a transaction. One that is there stays as it is. Return
    how many are new.
    """
    by_block: dict[int, list[Numbers]] = {}
    for day in days:
        by_block.setdefault(block_day(host_id, day[0] * DAY), []).append(day)
    there = {block.last_day: block.data for block in blocks_of(engine, [host_id], BlockKind.DAYS)} if by_block else {}
    new = 0
    for last_day, added in by_block.items():
        known = days_in(engine, layout, host_id, there[last_day]) if last_day in there else []
        rows = {row[:3]: row for row in (*added, *known)}
        new += len(rows) - len(known)
        ordered = [rows[key] for key in sorted(rows)]
        put_block(engine, host_id, last_day, BlockKind.DAYS, ordered, (ordered[-1][0] + 1) * DAY - 1)
    return new


def pack_old_summaries(engine: Engine, group: Sequence[int]) -> None:
    """Pack what release 0.1.0 has kept of the days of a group of hosts, inside of a transaction."""
    there = engine.columns(OLD_SUMMARIES)
    if not there:
        return
    layout = store_layout(engine)
    columns = [name if name in there else "NULL" for name in layout.day_columns]
    found: dict[int, list[Numbers]] = {}
    bounds = (group[0], group[-1])
    for host_id, *numbers in engine.rows(
        f"SELECT host_id, {', '.join(columns)} FROM {OLD_SUMMARIES} WHERE host_id BETWEEN ? AND ?", bounds
    ):
        found.setdefault(host_id, []).append(from_stored(numbers))
    for host_id, days in found.items():
        add_days(engine, layout, host_id, days)
    if found:
        engine.change(f"DELETE FROM {OLD_SUMMARIES} WHERE host_id BETWEEN ? AND ?", bounds)


def summary(layout: Layout, key: Numbers, rows: Sequence[Numbers]) -> Numbers:
    """Return the median, lowest and highest of each amount on a day. Where no low or high is given, it is the same as
    the median.
    """
    numbers: list[int] = []
    for name in layout.amounts:
        place = layout.places[name]
        known = [row[place] for row in rows if row[place] != UNKNOWN]
        median, low, high = (median_low(known), min(known), max(known)) if known else (UNKNOWN, UNKNOWN, UNKNOWN)
        numbers += [median, UNKNOWN if low == median else low, UNKNOWN if high == median else high]
    return (*key, len(rows), *numbers)


def rows_in_series(engine: Engine, layout: Layout, hosts: Sequence[int]) -> dict[int, set[Numbers]]:
    """Return the samples that are in the series of hosts."""
    found: dict[int, set[Numbers]] = {}
    for members in chunks(hosts):
        query = f"SELECT host_id, form, data FROM series WHERE host_id IN {marks(len(members))}"
        for host_id, form, data in engine.rows(query, members):
            if is_sound(form, bytes(data), host_id):
                found[host_id] = set(layout.padded(unpacked(form, bytes(data))))
    return found


def _day_key(layout: Layout, row: Numbers) -> Numbers:
    return row[0] // DAY, row[layout.places["boot_key"]], row[layout.places["kernel_key"]]
