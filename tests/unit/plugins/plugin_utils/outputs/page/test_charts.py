# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The charts of the page: what they show is in the numbers, and the same in words."""

from __future__ import annotations

import re
from array import array

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.trend import Trend
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import UNKNOWN
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.charts import (
    Point,
    histogram,
    sparkline,
    trend_at_fault,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entry_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.entries import entry

DAY = "2026-11-01"


def packed(*amounts):
    return array("q", [UNKNOWN if amount is None else amount for amount in amounts])


def host_of(dimension):
    """A host with a finding of a dimension, and with the trends of two."""
    found = {"trend": TREND, "baseline": BASELINE}
    return entry_of({**entry(findings=[synthetic.finding(dimension)]), **found})


TREND = {
    "collected_at": [1764115200, 1764201600],
    "amounts": {"percpu": [1024, 2048], TOTAL: [4096, 4096], "vmalloc": [None, 5]},
}
READY = {"samples": 9, "needed": 7, "low_bytes": 1024**2, "high_bytes": 2 * 1024**2}
BASELINE = {"percpu": {"state": "ready", **READY}, TOTAL: {"state": "learning", **READY}}


def test_the_trend_of_the_first_finding_is_shown_or_that_of_all():
    assert trend_at_fault(host_of("percpu")) == Trend("percpu", packed(1024, 2048), 1024, 2048, "2025-11-26")
    assert trend_at_fault(host_of("fragmentation")) == Trend(TOTAL, packed(4096, 4096), None, None, "2025-11-26")


def test_less_than_two_values_are_no_trend():
    assert host_of("percpu").details.trend_of("vmalloc") is None
    assert entry_of(entry()).details.trend_of("vmalloc") is None


def test_a_sparkline_says_in_words_what_it_shows():
    drawn = sparkline(Trend("percpu", packed(1024, 2048, 3072), 1024, 2048, DAY))
    assert f'aria-label="Per-CPU from 1 MiB on {DAY} to 3 MiB now; usually 1 MiB to 2 MiB"' in drawn
    assert "usually" not in sparkline(Trend("percpu", packed(1024, 2048), None, None, DAY))


def test_a_sparkline_goes_up_with_the_value_and_ends_with_a_dot_on_the_last():
    drawn = sparkline(Trend("percpu", packed(0, 100, 50), None, None, DAY), 100, 40)
    points = [tuple(map(float, point.split(","))) for point in re.search(r'points="([^"]+)"', drawn).group(1).split()]
    assert points == [(3.0, 38.0), (50.0, 2.0), (97.0, 20.0)]
    assert 'cx="97.0" cy="20.0"' in drawn


def test_a_gap_is_never_bridged_and_a_flat_line_is_drawn():
    assert sparkline(Trend("percpu", packed(1, 2, None, 3, 4), None, None, DAY)).count("<polyline") == 2
    assert sparkline(Trend("percpu", packed(7, 7, 7), 7, 7, DAY)).count("<polyline") == 1


def columns(drawn):
    return [float(tall) for tall in re.findall(r'<rect class="column"[^>]* height="([0-9.]+)"', drawn)]


def test_one_host_among_thousands_is_seen_in_a_histogram():
    drawn = histogram("x", [Point(1.0, None)] * 5000 + [Point(30.0, "critical")])
    assert len(columns(drawn)) == 2 and min(columns(drawn)) >= 3
    assert drawn.count("f-critical") == 1 and "f-warning" not in drawn


def test_heights_are_square_roots():
    tall = columns(histogram("x", [Point(1.0, None)] * 4 + [Point(10.0, None)] * 16))
    assert tall[1] / tall[0] == pytest.approx(2, abs=0.1)


def test_the_scale_has_powers_of_ten_or_its_two_ends():
    assert re.findall(r">([\d.]+ %)</text>", histogram("x", [Point(0.005, None), Point(2.0, None)])) == [
        "0.01 %",
        "0.1 %",
        "1 %",
    ]
    assert re.findall(r">([\d.]+ %)</text>", histogram("x", [Point(3.0, None), Point(5.0, None)])) == ["3 %", "5.1 %"]


def test_nothing_and_less_than_nothing_have_a_place_on_a_logarithmic_scale():
    assert len(columns(histogram("x", [Point(0.0, None), Point(-3.0, None), Point(1.0, None)]))) == 2
