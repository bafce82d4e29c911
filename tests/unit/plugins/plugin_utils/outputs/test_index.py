# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of a folder of reports: readable without scripts, and nothing in it is markup of somebody else's."""

from __future__ import annotations

import dataclasses
import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.index import MOST_BARS, Run, index_page

RUN = Run("2026-11-24T120000Z", "report.html", "2026-11-24T12:00:00Z", "All is well", 0, 1, 2, 7, 10)


def test_the_newest_run_is_first_and_its_verdict_is_the_head() -> None:
    """Who opens the folder sees today's verdict."""
    older = dataclasses.replace(
        RUN, folder="2026-11-23T120000Z", made_at="2026-11-23T12:00:00Z", sentence="2 of 10 hosts are critical"
    )
    page = index_page([older, RUN])
    assert "<h1>All is well</h1>" in page
    links = re.findall(r'<th scope="row"><a href="([^"]+)"', page)
    assert links == ["2026-11-24T120000Z/report.html", "2026-11-23T120000Z/report.html"]
    assert page.count("<rect") == 4 and 'datetime="2026-11-24T12:00:00Z">2026-11-24 12:00 UTC' in page


def test_one_run_has_no_trend() -> None:
    """A trend of one bar says nothing."""
    assert "<svg" not in index_page([RUN])
    with pytest.raises(ValueError, match="needs a report"):
        index_page([])


def test_nothing_becomes_markup_and_nothing_is_asked_of_a_network() -> None:
    """A sentence of a decision names environments that users write."""
    page = index_page([dataclasses.replace(RUN, sentence="<script>alert(1)</script>", page='a"b.html')] * 2)
    assert "<script" not in page and 'a"b' not in page
    assert "default-src 'none'" in page and "http:" not in page and "https:" not in page


def test_a_year_of_runs_is_small() -> None:
    """The trend shows the last 90."""
    page = index_page([RUN] * 3650)
    assert page.count("<rect") == 2 * MOST_BARS and len(page) < 1_200_000
