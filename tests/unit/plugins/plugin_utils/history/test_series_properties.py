# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Series as a function of the samples alone: whatever the order in which they come, in one run or in many, kept or
made anew.
"""

from __future__ import annotations

import tempfile
from array import array

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.packing import (
    SERIES_SAMPLES,
    PackedColumns,
    packed,
    trimmed,
    unpacked,
    with_row,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    COLUMNS,
    UNKNOWN,
    row_of,
    series_of,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    HOUR,
    MIDNIGHT,
    add,
    all_series,
    sample,
)

Row = tuple[int, ...]
# Minutes to months apart, so that samples share hours, half days and days.
MOMENTS = st.one_of(
    st.integers(0, 40).map(lambda hours: MIDNIGHT - hours * HOUR),
    st.integers(0, 3 * DAY).map(lambda seconds: MIDNIGHT - seconds),
    st.integers(0, 60).map(lambda days: MIDNIGHT - days * DAY),
    st.integers(0, 400 * DAY).map(lambda seconds: MIDNIGHT - seconds),
)
AMOUNTS = st.one_of(
    st.integers(0, 10), st.just(UNKNOWN), st.integers(-(2**31) + 1, 2**31 - 1), st.integers(2**31, 2**62)
)


def row(moment: int, amount: int) -> Row:
    """A row of a series with one amount that differs."""
    return (moment, *range(1, len(COLUMNS) - 1), amount)


ROWS = st.lists(st.builds(row, MOMENTS, AMOUNTS), max_size=120)


def kept_by_the_words(rows: list[Row]) -> list[Row]:
    """What dropped_places says in its text, spelt out: a sample stays if none in its span is later."""
    ordered = sorted(rows)
    if not ordered:
        return []
    newest = ordered[-1][0]

    def span(moment: int) -> tuple[int, int]:
        if moment // (12 * HOUR) >= newest // (12 * HOUR) - 1:
            return HOUR, moment // HOUR
        if moment // DAY >= newest // DAY - 7:
            return 12 * HOUR, moment // (12 * HOUR)
        return DAY, moment // DAY

    last = {span(each[0]): each for each in ordered}
    days = sorted(key for key in last if key[0] == DAY)
    for key in days[:-22]:
        del last[key]
    return sorted(last.values())


@given(ROWS)
def test_what_is_kept_is_what_the_words_say(rows: list[Row]) -> None:
    assert trimmed(rows) == kept_by_the_words(rows)
    assert len(trimmed(rows)) <= SERIES_SAMPLES


@given(st.lists(MOMENTS, max_size=80))
def test_a_series_grown_row_by_row_is_the_series_of_all_rows(moments: list[int]) -> None:
    """Whatever the order: what was left out on the way is never missed later."""
    rows = [row(moment, number % 7) for number, moment in enumerate(moments)]
    form, data = 1, b""
    for number, each in enumerate(rows):
        form, data = with_row(form, data, each) if number else packed([each])
    assert unpacked(form, data) == trimmed(rows)


@given(ROWS)
def test_packing_loses_nothing(rows: list[Row]) -> None:
    form, data = packed(rows)
    assert unpacked(form, data) == rows
    assert PackedColumns(form, data) == series_of("web1", rows).columns
    assert all(isinstance(column, array) for column in PackedColumns(form, data).values())


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(("web1", "web2")), AMOUNTS), max_size=15), st.data())
def test_a_store_gives_the_series_of_the_sorted_rows(entries: list[tuple[int, str, int]], data: st.DataObject) -> None:
    """Through the database, by runs that come in any order, and the same once more after a rebuild and in an import."""
    samples = [sample(host, moment, slab=None if amount == UNKNOWN else amount) for moment, host, amount in entries]  # type: ignore[arg-type]
    wanted = {
        host: series_of(host, kept_by_the_words([row_of(each) for each in samples if each.host == host]))
        for host in {each.host for each in samples}
    }
    with tempfile.TemporaryDirectory() as folder:
        store, other = open_store(f"{folder}/h.db"), open_store(f"{folder}/other.db")
        for number, each in enumerate(data.draw(st.permutations(samples))):
            add(store, f"r{number}", each.collected_at, [each])
        assert all_series(store) == wanted
        assert store.verify() == []
        store.rebuild()
        assert all_series(store) == wanted
        records = list(store.export())
        other.load_export(records)
        assert all_series(other) == wanted
        assert store.verify() == other.verify() == []
        store.close()
        other.close()
