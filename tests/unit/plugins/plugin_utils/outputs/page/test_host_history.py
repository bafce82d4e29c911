# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the charts of a host are drawn from."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.stack import PACKED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.host_history import (
    ahead_of,
    days_since,
    history_of,
    minutes_ago,
    used_series,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit import growing
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import GIB


def test_the_last_amount_is_that_of_the_audit_and_the_rest_is_in_steps() -> None:
    """A chart of today's number must say what the table says."""
    audit, (cause,) = growing.checked()
    history = history_of(cause.first.host, growing.NOW, 9.4)
    assert history is not None
    slab = history.amounts["slab_unreclaimable"]
    assert slab[-1] == (2048 + 6000) * 1024 and len(slab) == growing.DAYS
    assert all(amount is not None and amount % history.step_kib == 0 for amount in slab[:-1])
    assert history.boots == history.kernels == (6,) and history.axis.ahead > 9 * 1440


def test_what_is_ahead_is_the_critical_limit_and_the_day_that_growth_began() -> None:
    """The limit of the host itself, not that of a finding of another level."""
    audit, (cause,) = growing.checked()
    ahead = ahead_of(cause.first, growing.NOW)
    assert (ahead.first, ahead.limit_kib, ahead.since) == ("slab_unreclaimable", 10 * GIB / 1024, 20 * 1440)
    assert cause.first.limit_bytes == 10 * GIB


def test_the_total_is_the_sum_of_what_can_not_be_reclaimed() -> None:
    """Its own number today."""
    audit, (cause,) = growing.checked()
    host = cause.first.host
    history = history_of(host, growing.NOW)
    assert history is not None
    total = used_series(host, history, TOTAL)
    firm = [kind for kind in PACKED if kind not in ("unaccounted", "slab_reclaimable")]
    assert total[0] == sum(history.amounts[kind][0] or 0 for kind in firm)
    assert total[-1] == (host.kernel_unreclaimable_bytes or 0) // 1024


def test_moments_that_are_none_are_not_known() -> None:
    """Never 0."""
    assert minutes_ago("soon", growing.NOW) is None and minutes_ago(None, growing.NOW) is None
    assert days_since("soon", growing.NOW) is None and days_since("2026-11-04T00:00:00Z", growing.NOW) == 20
