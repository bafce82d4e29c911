# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last boot that a history has seen, and whether it was one into another kernel."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.boots import Boot, last_boot
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import row_of, series_of
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import DAY, sample_at
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import NOW

NEW = sample_at(0, boot="two", uptime_days=3, kernel="6.13.1")


def test_a_boot_into_another_kernel() -> None:
    """The kernel before was another one."""
    past = series_of("web1", [row_of(sample_at(-5)), row_of(sample_at(-4)), row_of(sample_at(-1, boot="two"))])
    assert last_boot(past, NEW) == Boot(NOW - 3 * DAY, "6.13.1", True)


def test_a_boot_of_the_same_kernel() -> None:
    """A reboot alone changes no kernel."""
    past = series_of("web1", [row_of(sample_at(-5, kernel="6.13.1"))])
    assert last_boot(past, NEW) == Boot(NOW - 3 * DAY, "6.13.1", False)


def test_a_boot_that_nobody_saw_is_none() -> None:
    """A history of one boot, none at all, or boots without an id say nothing."""
    assert last_boot(None, NEW) is None
    assert last_boot(series_of("web1", [row_of(sample_at(-1, boot="two"))]), NEW) is None
    assert last_boot(series_of("web1", [row_of(sample_at(-5, boot=None))]), NEW) is None
    assert last_boot(series_of("web1", [row_of(sample_at(-5))]), sample_at(0, boot=None)) is None
