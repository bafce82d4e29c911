# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The columns of a store are its own: more or fewer than this release knows."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sample_columns import (
    Layout,
    from_stored,
    layout_of,
    to_stored,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import COLUMNS, UNKNOWN, row_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import sample


def test_the_columns_of_this_release_need_no_change() -> None:
    """That is the case at nearly every audit, and it is to cost nothing."""
    assert Layout(COLUMNS).row(sample()) == row_of(sample())


def test_a_column_of_another_release_is_left_empty_and_one_that_is_not_there_left_out() -> None:
    """Neither is an error, and no number lands in another's column."""
    layout = Layout(("collected_at", "future_kib", "threads", "percpu_kib"))
    row = dict(zip(COLUMNS, row_of(sample()), strict=True))
    assert layout.row(sample()) == (row["collected_at"], UNKNOWN, row["threads"], row["percpu_kib"])


def test_rows_of_fewer_columns_have_the_first_ones() -> None:
    """Columns are only ever added at the end of the table."""
    layout = Layout(("collected_at", "threads", "files"))
    assert layout.padded([(1, 2), (3, 4)]) == [(1, 2, UNKNOWN), (3, 4, UNKNOWN)]
    assert layout.padded([(1, 2, 3)]) == [(1, 2, 3)] and layout.padded([]) == []
    with pytest.raises(ValueError, match="more columns"):
        layout.padded([(1, 2, 3, 4)])


def test_a_summary_has_amounts_and_not_counts() -> None:
    """Median, lowest and highest of each; a later amount comes at the end, so that older summaries are read."""
    layout = Layout(("collected_at", "threads", "memory_total_kib", "balloon_kib", "percpu_kib"))
    assert layout.amounts == ("memory_total_kib", "percpu_kib")
    assert layout.day_columns[4:7] == ("memory_total_kib", "memory_total_kib_low", "memory_total_kib_high")
    later = Layout((*layout.columns, "future_kib"))
    assert later.day_columns[: len(layout.day_columns)] == layout.day_columns


def test_what_is_not_known_is_null_in_the_table() -> None:
    assert to_stored((1, UNKNOWN, 0)) == [1, None, 0] and to_stored((1, 2)) == (1, 2)
    assert from_stored((1, None, 0)) == (1, UNKNOWN, 0)


def test_layouts_are_made_once() -> None:
    """They are asked for in every transaction."""
    assert layout_of(("a", "b")) is layout_of(("a", "b"))
