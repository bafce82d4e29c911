# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to the first question, checked."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.watched import watched
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import Plain, watch


def test_it_is_taken_apart() -> None:
    """Times, counters, rows, and what machine it is."""
    found = watched(watch({"threads": {"7 db": 4.0}}))
    assert (found.windows, found.window_seconds) == (4, 4.0)
    assert found.growing["threads"][0].name == "7 db"
    assert found.memory["MemTotal"][0] == 16 << 30
    assert (found.machine.is_root, found.machine.load_per_cpu, found.machine.threads) == (True, 0.0625, 512)


@pytest.mark.parametrize("times", [[], [0.0], [0.0, 0.0], [0.0, 4.0, 3.0], [0.0] * 30])
def test_times_rise(times: list[float]) -> None:
    """A rate over no time would be a division by nothing."""
    with pytest.raises(ValueError, match=r"times .*is no"):
        watched({**watch(), "times": times})


def test_each_row_has_a_value_for_each_reading() -> None:
    """Else its windows would be others than those of the host."""
    told = watch({"threads": {"7 db": 4.0}})
    told["growing"]["threads"][0][1].pop()
    with pytest.raises(ValueError, match="threads is no series of 5 values"):
        watched(told)


@pytest.mark.parametrize("load", [[], ["x"], ["nan", "1", "1", "y"]])
def test_a_load_that_is_none_is_not_known(load: list[str]) -> None:
    """It is not 0: then the host would be called quiet."""
    told: Plain = watch()
    told["machine"]["load"] = load
    machine = watched(told).machine
    assert machine.load_per_cpu is None and machine.threads is None


def test_modules_from_outside_have_marks() -> None:
    """O and P; an unsigned one of the kernel's own sources is none."""
    told = watch()
    told["machine"]["modules"] = [["a", "OE"], ["b", "P"], ["c", "E"], ["d", ""]]
    assert watched(told).machine.foreign_modules == ("a", "b")
