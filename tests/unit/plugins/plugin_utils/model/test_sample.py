# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples made of facts, and rows and series made of samples."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.facts import VMALLOC_MEANINGS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import (
    COLUMNS,
    SAMPLED,
    UNKNOWN,
    VMALLOC_CODES,
    VMALLOC_MEANING_OF,
    Sample,
    key_of,
    row_of,
    sample_of,
    series_of,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import KIB
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB, MIB, NOW, facts_of

AMOUNTS = st.none() | st.integers(0, 2**63 - 1)
SAMPLES = st.builds(
    Sample,
    host=st.text(),
    collected_at=st.integers(0, 2**33),
    boot_id=st.none() | st.text(),
    kernel_release=st.none() | st.text(),
    architecture=st.none() | st.text(),
    uptime_seconds=AMOUNTS,
    memory_total_bytes=AMOUNTS,
    memory_available_bytes=AMOUNTS,
    cpus_possible=AMOUNTS,
    threads=AMOUNTS,
    cgroups=AMOUNTS,
    vmalloc_meaning=st.sampled_from(tuple(VMALLOC_CODES)),
    balloon_bytes=AMOUNTS,
    amounts=st.dictionaries(st.sampled_from(SAMPLED), AMOUNTS),
)


def taken(now: int = NOW, **changes: Any) -> Sample:
    """The sample in facts with these changes."""
    return sample_of("web1", facts_of(**changes), now)


def test_a_sample_has_the_numbers_of_the_facts() -> None:
    sample = taken()
    assert (sample.host, sample.collected_at, sample.boot_id, sample.kernel) == ("web1", NOW, "6f1c", "6.12.0 x86_64")
    assert (sample.memory_total_bytes, sample.memory_available_bytes, sample.cpus_possible, sample.threads) == (
        64 * GIB,
        48 * GIB,
        16,
        1000,
    )
    assert (sample.uptime_seconds, sample.cgroups, sample.vmalloc_meaning, sample.balloon_bytes) == (
        86400,
        100,
        "pages",
        None,
    )
    assert sample.amounts["slab_unreclaimable"] == 512 * MIB and sample.amounts["kernel_unreclaimable"] == GIB
    assert set(sample.amounts) == set(SAMPLED)


@pytest.mark.parametrize(
    ("collected_at", "transport", "moment"),
    [
        ("2026-11-24T12:00:00Z", "lean", NOW),
        ("2026-11-24T11:00:00Z", "lean", NOW - 3600),
        ("2026-11-23T12:00:00Z", "lean", NOW - 86400),
        ("2026-11-23T11:59:59Z", "lean", NOW),
        ("2026-11-24T12:00:01Z", "lean", NOW),
        ("2099-01-01T00:00:00Z", None, NOW),
        ("2020-01-01T00:00:00Z", None, 1_577_836_800),
        ("1901-12-13T20:45:52Z", None, NOW),
        ("0001-01-01T00:00:00Z", "lean", NOW),
        ("yesterday", None, NOW),
        ("", None, NOW),
        (None, "lean", NOW),
    ],
)
def test_a_wrong_clock_of_a_host_does_not_reorder_its_history(
    collected_at: str | None, transport: str | None, moment: int
) -> None:
    """Saved files may be old; a live host that is more than a day off, or ahead, takes the controller's time. Facts
    of the first release do not say whether they are of saved files; those that no transport brought are.
    """
    for saved in (transport is None, None):
        assert taken(collected_at=collected_at, transport=transport, saved=saved).collected_at == moment


def test_saved_files_keep_their_time_whatever_brought_them() -> None:
    """A copy of /proc is read through a transport, too."""
    old = {"collected_at": "2020-01-01T00:00:00Z", "transport": "lean"}
    assert taken(saved=True, **old).collected_at == 1_577_836_800
    assert taken(saved=False, **old).collected_at == NOW


@given(
    st.text(max_size=30) | st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")),
    st.integers(0, 2**32),
)
def test_no_time_is_later_than_now_or_before_1970(text: str, now: int) -> None:
    assert 0 <= sample_of("web1", facts_of(collected_at=text), now).collected_at <= now


def test_the_balloon_is_the_largest_that_is_known() -> None:
    """The driver's own number and the account's estimate are of one balloon."""
    holders = [{"name": "vmw", "kind": "balloon", "bytes": size, "explanation": None} for size in (None, 3 * GIB, GIB)]
    other = [{"name": "arc", "kind": "zfs", "bytes": 9 * GIB, "explanation": None}]
    assert taken(holders=holders + other, terms={"balloon_bytes": 2 * GIB}).balloon_bytes == 3 * GIB
    assert taken(holders=other, terms={"balloon_bytes": 2 * GIB}).balloon_bytes == 2 * GIB
    assert taken(holders=other).balloon_bytes is None
    assert taken(holders=[], terms={"balloon_bytes": 0}).balloon_bytes == 0


def test_a_key_is_the_same_for_ever() -> None:
    """Keys are on disks: another number for the same boot would look like a reboot of the whole fleet."""
    assert key_of("6f1c") == 1291898055
    assert key_of("6.12.0 x86_64") == 774842282


@given(st.text(min_size=1))
def test_a_key_is_never_unknown_and_fits_into_four_bytes(text: str) -> None:
    assert 0 <= key_of(text) < 2**31
    assert key_of(text) == key_of(text)


def test_no_boot_id_and_no_kernel_are_unknown() -> None:
    """Importers know neither: two samples without must not pass for one boot, nor for a change of the kernel."""
    assert key_of(None) == key_of("") == UNKNOWN
    for release in (None, ""):
        row = dict(zip(COLUMNS, row_of(taken(kernel_release=release, boot_id=None)), strict=True))
        assert row["kernel_key"] == row["boot_key"] == UNKNOWN
    assert dict(zip(COLUMNS, row_of(taken(architecture=None)), strict=True))["kernel_key"] == key_of("6.12.0 unknown")


@given(SAMPLES)
def test_a_row_has_what_the_sample_has(sample: Sample) -> None:
    """Column by column: amounts in KiB, rounded down; unknown only where the sample has nothing."""
    row = dict(zip(COLUMNS, row_of(sample), strict=True))
    for name in ("uptime_seconds", "cpus_possible", "threads", "cgroups"):
        number = getattr(sample, name)
        assert row[name] == (UNKNOWN if number is None else number)
    amounts = {
        "memory_total": sample.memory_total_bytes,
        "memory_available": sample.memory_available_bytes,
        "balloon": sample.balloon_bytes,
    }
    for name, amount in {**amounts, **{name: sample.amounts.get(name) for name in SAMPLED}}.items():
        assert row[f"{name}_kib"] == (UNKNOWN if amount is None else amount // KIB)
    assert row["collected_at"] == sample.collected_at
    assert VMALLOC_MEANING_OF[row["vmalloc_meaning"]] == sample.vmalloc_meaning
    assert row["boot_key"] == key_of(sample.boot_id)


@given(st.lists(SAMPLES, max_size=8))
def test_a_series_is_its_rows_turned(samples: list[Sample]) -> None:
    rows = sorted(row_of(sample) for sample in samples)
    series = series_of("web1", rows)
    assert len(series) == len(rows) and tuple(series.columns) == COLUMNS
    assert [tuple(series.columns[name][place] for name in COLUMNS) for place in range(len(rows))] == rows


def test_the_code_of_a_meaning_is_the_same_for_ever() -> None:
    """Codes are on disks: another one would turn address space into memory."""
    assert VMALLOC_CODES == {"unavailable": 0, "area": 1, "pages": 2} and set(VMALLOC_CODES) == set(VMALLOC_MEANINGS)


def test_what_only_the_moment_has_is_in_the_sample() -> None:
    """The rules read samples, and 32-bit hosts and hosts that run out of threads are judged by these."""
    sample = taken(memory_low_total_bytes=860 * MIB, threads_limit=1000)
    assert (sample.memory_low_total_bytes, sample.threads_limit) == (860 * MIB, 1000)


def test_a_remainder_below_zero_is_kept() -> None:
    """Unaccounted memory may be below zero, inside its error band."""
    assert dict(zip(COLUMNS, row_of(taken(unaccounted_bytes=-5 * MIB)), strict=True))["unaccounted_kib"] == -5 * 1024


def test_a_series_ends_at_a_moment() -> None:
    """With the sample of that moment, and itself where nothing is later."""
    series = series_of("web1", [(time, *[0] * (len(COLUMNS) - 1)) for time in (10, 20, 30)])
    assert list(series.until(20).columns["collected_at"]) == [10, 20]
    assert series.until(30) is series and len(series.until(9)) == 0
    assert set(series.until(20).columns) == set(COLUMNS)
