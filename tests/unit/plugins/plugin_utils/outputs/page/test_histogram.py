# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The histograms of the page: what they show is in the numbers, and the same in words."""

from __future__ import annotations

import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.histogram import Point, histogram


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
