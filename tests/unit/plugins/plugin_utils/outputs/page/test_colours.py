# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The colours of the page: contrast by WCAG, and distances that stay under every kind of colour vision."""

from __future__ import annotations

import itertools
import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import axis as html_axis
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import heat as html_heat
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import histogram as html_histogram
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import parts as html_parts

STYLE = report_html.STYLE_SHEET.read_text(encoding="utf-8")
PAIRS = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", STYLE)
SCHEMES = {"light": {name: one for name, one, _other in PAIRS}, "dark": {name: other for name, _one, other in PAIRS}}


def linear(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]


def luminance(colour):
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("text", ["ink", "muted", "accent", "critical", "warning", "unknown", "ok", "info"])
def test_text_can_be_read_on_the_page_and_on_soft_ground(scheme, text):
    colours = SCHEMES[scheme]
    assert contrast(colours[text], colours["page"]) >= 4.5
    assert contrast(colours[text], colours["soft"]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("words", "ground"),
    [
        ("ink", "g1"),
        ("ink", "g2"),
        ("ink", "g3"),
        ("page", "accent"),
        ("critical", "g1"),
        ("critical", "g2"),
        ("critical", "g3"),
    ],
)
def test_words_in_a_chart_can_be_read_on_the_bands_below_them(scheme, words, ground):
    assert contrast(SCHEMES[scheme][words], SCHEMES[scheme][ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    ("line", "ground"),
    [("edge", "g1"), ("edge", "g2"), ("edge", "g3"), ("accent", "g1"), ("accent", "g2"), ("accent", "accent-soft")]
    + [("critical-fill", "track"), ("warning-fill", "track"), ("accent", "track"), ("field", "page"), ("edge", "page")]
    + [("h3", "page"), ("h4", "page")],
)
def test_edges_bars_and_fields_stand_out_from_what_they_lie_on(scheme, line, ground):
    assert contrast(SCHEMES[scheme][line], SCHEMES[scheme][ground]) >= (2.8 if ground == "track" else 3)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("fill", ["critical-fill", "warning-fill", "unknown-fill", "ok-fill", "info-fill"])
def test_shapes_and_bars_stand_out_from_the_page(scheme, fill):
    colours = SCHEMES[scheme]
    assert contrast(colours[fill], colours["page"]) >= 3
    assert contrast(colours[fill], colours["mark"]) >= 3


def test_every_colour_of_the_page_is_a_token_that_is_checked():
    rules = re.sub(r":root \{.*?\}", "", STYLE, flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", re.sub(r"#[a-z]+ ", "", rules)) == []
    given = {
        html_histogram.HISTOGRAM: "column",
        html_histogram.AXIS: "muted",
        html_axis.ACCENT: "accent",
        html_axis.EDGE: "edge",
        html_axis.INK: "ink",
        html_axis.LIMIT: "critical",
        html_axis.RULE: "line",
        **{fill: class_ for class_, fill, _words in html_heat.LEVELS},
    }
    assert {colour: SCHEMES["light"][token] for colour, token in given.items()} == {colour: colour for colour in given}
    assert set(html_parts.FILLS.values()) == {SCHEMES["light"][f"{verdict}-fill"] for verdict in html_parts.FILLS}


# Machado, Oliveira and Fernandes 2009, severity 1.0: what linear RGB becomes for people with protanopia, deuteranopia
# and tritanopia.
VISION = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)


def times(matrix, vector):
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(colour, vision):
    seen = [min(1.0, max(0.0, channel)) for channel in times(VISION[vision], linear(colour))]
    x, y, z = (
        part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116
        for part in (a / b for a, b in zip(times(TO_XYZ, seen), WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one, other, vision):
    return sum((a - b) ** 2 for a, b in zip(lab(one, vision), lab(other, vision), strict=True)) ** 0.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_fills_of_verdicts_can_be_told_apart_by_everybody(scheme, vision):
    """Each has a shape and a word of its own as well, so the limit is lower than that of a chart that has colours
    only.
    """
    fills = [SCHEMES[scheme][f"{verdict}-fill"] for verdict in ("critical", "warning", "unknown", "ok")]
    assert min(distance(one, other, vision) for one, other in itertools.combinations(fills, 2)) >= 16


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "parts", [("column", "critical-fill"), ("column", "warning-fill"), ("accent", "g1"), ("accent", "g2")]
)
def test_parts_of_a_chart_that_touch_can_be_told_apart_by_everybody(scheme, vision, parts):
    colours = [SCHEMES[scheme][part] for part in parts]
    assert min(distance(one, other, vision) for one, other in itertools.combinations(colours, 2)) >= 20


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_levels_of_the_heat_map_can_be_told_apart_by_everybody(scheme, vision):
    colours = [SCHEMES[scheme][f"h{level}"] for level in range(5)]
    assert min(distance(one, other, vision) for one, other in itertools.combinations(colours, 2)) >= 15


@pytest.mark.parametrize("scheme", SCHEMES)
def test_columns_stand_out_from_the_page(scheme):
    assert contrast(SCHEMES[scheme]["column"], SCHEMES[scheme]["page"]) >= 3
