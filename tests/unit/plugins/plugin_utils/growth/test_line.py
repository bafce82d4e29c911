# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sen's line by hand."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.growth.line import line_through, slope_of


def test_a_line_is_found_exactly() -> None:
    """Slope, bounds, begin; and one bad point moves none of them by much."""
    line = line_through(range(10), [5 + 2 * place for place in range(10)])
    assert (line.slope, line.low, line.high, line.start, line.scatter) == (2, 2, 2, 5, 0)
    assert line.z == pytest.approx(3.94, abs=0.01)
    bad = line_through(range(10), [5 + 2 * place + 900 * (place == 4) for place in range(10)])
    assert bad.slope == pytest.approx(2)
    assert slope_of([0, 10], [0, 5]) == 0.5


def test_what_stays_has_no_slope() -> None:
    """And no certainty."""
    line = line_through(range(8), [7] * 8)
    assert (line.slope, line.z, line.start) == (0, 0, 7)


def test_a_line_begins_at_nothing_at_least() -> None:
    """No amount is less."""
    assert line_through(range(4), [0, 0, 10, 20]).start >= 0
