# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The heat map: a row a host, a colour for each share of its own limit."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.outlooks import causes_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.heat import (
    HeatMap,
    heat,
    heat_data,
    settled,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits, growing
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read


def test_a_level_holds_until_it_is_left_by_two_points() -> None:
    """Noise at a border draws no stripes."""
    assert settled([0.249, 0.251, 0.249, 0.28, None, 0.26, 0.2]) == [0, 0, 0, 1, None, 1, 0]
    assert settled([0.999, 1.0, 1.03]) == [3, 3, 4]


def test_rows_are_the_worst_hosts_with_the_share_of_their_own_limit() -> None:
    """And one path for each level of a row, not one rectangle a cell."""
    audit = read(audits.audit_with_history(120))
    members = sorted((one for cause in causes_of(audit.hosts) for one in cause.members), key=lambda one: one.order)
    found = HeatMap.of(audit.generated_at, members)
    assert [row.ahead.host.name for row in found.rows] == [one.host.name for one in members][: len(found.rows)]
    drawn = heat(audit.generated_at, found, "")
    assert drawn.count('<g class="r"') == len(found.rows) >= 2
    assert len(re.findall(r'<path class="h\d"', drawn)) <= 5 * len(found.rows)
    said = heat_data(found)
    assert said is not None and said["ages"] == found.ages
    assert "The same as a table" in drawn


def test_one_host_is_no_map() -> None:
    """Its own chart says more."""
    audit, (cause,) = growing.checked()
    found = HeatMap.of(audit.generated_at, [cause.first])
    assert len(found.rows) == 1 and heat(audit.generated_at, found, "") == "" and heat_data(found) is None
    assert found.rows[0].shares[-1] == (2048 + 6000) / 10240 and found.rows[0].boots == (6,)
