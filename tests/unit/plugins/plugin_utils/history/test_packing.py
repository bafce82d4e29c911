# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which samples a series keeps at the usual rhythms of audits, and the format that is on disks."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.packing import (
    PackedColumns,
    packed,
    trimmed,
    unpacked,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.schema import TABLES, column_names
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import SCHEMA_VERSION
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import COLUMNS
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    HOUR,
    MIDNIGHT,
)

SCHEMA_1 = (
    "collected_at",
    "uptime_seconds",
    "boot_key",
    "kernel_key",
    "memory_total_kib",
    "memory_available_kib",
    "cpus_possible",
    "threads",
    "cgroups",
    "vmalloc_meaning",
    "balloon_kib",
    "slab_unreclaimable_kib",
    "slab_reclaimable_kib",
    "vmalloc_kib",
    "kernel_stack_kib",
    "page_tables_kib",
    "secondary_page_tables_kib",
    "percpu_kib",
    "misc_kib",
    "unaccounted_kib",
    "kernel_unreclaimable_kib",
)


def every(seconds: int, days: int, until: int = MIDNIGHT + 15 * HOUR) -> list[int]:
    """When the samples are from that a series keeps of audits at a fixed rhythm."""
    moments = range(until - days * DAY, until + 1, seconds)
    return [row[0] for row in trimmed([(moment,) * len(COLUMNS) for moment in moments])]


def test_daily_audits_keep_thirty_days() -> None:
    assert every(DAY, 100) == [MIDNIGHT + 15 * HOUR - day * DAY for day in range(29, -1, -1)]


def test_weekly_audits_reach_back_half_a_year() -> None:
    assert len(every(7 * DAY, 400)) == 24


@pytest.mark.parametrize("hour", range(24))
def test_hourly_audits_keep_a_day_by_the_hour_a_week_by_halves_and_a_month(hour: int) -> None:
    """Whatever the time of day: the rules need 14 samples of the last week and a sample of each of 30 days."""
    now = MIDNIGHT + hour * HOUR
    kept = every(HOUR, 60, now)
    assert len(kept) <= 60
    assert sum(now - moment <= 12 * HOUR for moment in kept) == 13
    assert sum(now - moment <= 7 * DAY for moment in kept) >= 20
    assert {now // DAY - moment // DAY for moment in kept} == set(range(30))
    assert max(later - earlier for earlier, later in zip(kept, kept[1:], strict=False)) <= DAY + 12 * HOUR


def test_audits_by_the_minute_fill_no_series() -> None:
    assert len(every(60, 3)) <= 60


def test_the_same_hour_keeps_the_later_sample() -> None:
    """An audit that is repeated at once is one opinion, not two."""
    assert every(HOUR // 2, 1)[-1] - every(HOUR // 2, 1)[-2] in (HOUR // 2, HOUR)


def test_the_columns_on_disk_are_those_of_the_schema_version() -> None:
    """Whoever adds a column makes a new schema version and a way from the old one; else old histories can't be read."""
    assert SCHEMA_VERSION == 1
    assert COLUMNS == SCHEMA_1
    assert column_names("sample") == ("run_id", "host_id", *SCHEMA_1)
    assert list(TABLES) == [
        "run",
        "run_slice",
        "host",
        "kernel",
        "sample",
        "series",
        "rollup",
        "judged",
        "latest",
        "finding",
        "record",
    ]


def test_the_bytes_on_disk_are_those_of_the_format() -> None:
    """A file may move to a machine with another order of bytes."""
    row = (1, -1, *range(len(COLUMNS) - 2))
    form, data = packed([row])
    assert (form, data[:8]) == (1, b"\x01\0\0\0\xff\xff\xff\xff")
    form, data = packed([(2**40, *row[1:])])
    assert (form, data[:16]) == (2, b"\0\0\0\0\0\x01\0\0" + b"\xff" * 8)
    with pytest.raises(ValueError, match="not in a format that is known"):
        unpacked(7, data)
    with pytest.raises(ValueError, match="not in a format that is known"):
        unpacked(1, b"123")


def test_columns_are_a_mapping_like_any_other() -> None:
    columns = PackedColumns(*packed([tuple(range(len(COLUMNS)))] * 2))
    assert len(columns) == len(COLUMNS) and list(columns) == list(COLUMNS) and "threads" in columns
    assert columns["threads"] is columns["threads"], "made once"
    assert dict(columns) == columns == dict(columns.items())
    with pytest.raises(KeyError):
        columns["song"]
