# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a host is compared: shares of what an amount grows with, and why one can not be."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.measures import (
    MEASURES,
    NOT_KNOWN,
    amount_that_counts,
    base_of,
    mapped_bytes,
    measures_of,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    GIB,
    MIB,
    NO_LEVEL,
    SETTINGS,
    subject,
)


def test_mapped_memory_comes_from_either_account():
    """Kernels without separate lists have AnonPages."""
    assert mapped_bytes({"active_anon_bytes": 3, "inactive_anon_bytes": 4}) == 7
    assert mapped_bytes({"anon_pages_bytes": 5}) == 5
    assert mapped_bytes({"active_anon_bytes": 3}) is None


def test_the_amount_that_counts_is_that_of_a_sudden_change():
    """1 % of 64 GiB for slab; 256 MiB where the policy has none; the error band on top of what is a remainder."""
    host = subject()
    assert amount_that_counts(host, "slab_unreclaimable") == int(0.64 * GIB)
    assert (
        amount_that_counts(
            subject(settings=replace(SETTINGS, level=dict.fromkeys(LIMITED, NO_LEVEL))), "slab_unreclaimable"
        )
        == 256 * MIB
    )
    assert amount_that_counts(host, "unaccounted") == int(64 * GIB * 0.03) + 64 * MIB


def test_what_amounts_are_a_share_of():
    """An idle host maps little and has few threads; both have a least."""
    assert base_of(subject(threads=10), "bytes_per_thread", "") == 500
    assert base_of(subject(terms={"anon_pages_bytes": 7}), "bytes", "mapped memory") == 4 * GIB
    assert base_of(subject(memory_low_total_bytes=GIB), "bytes", "", "percpu") == GIB
    assert base_of(subject(memory_low_total_bytes=GIB), "bytes", "", "unaccounted") == 64 * GIB


def row(**changes):
    """What is compared of a host, by dimension and unit, as plain shares."""
    logarithms, reasons = measures_of(subject(**changes))
    shares = zip(MEASURES, logarithms, strict=True)
    return {(name, unit): None if one == NOT_KNOWN else math.exp(one) for (name, unit, _of), one in shares}, reasons


def test_each_amount_is_a_share_of_what_it_grows_with():
    """A host of twice the RAM, or of twice the CPUs, is no outlier for having twice the memory in the kernel."""
    found, reasons = row(slab_unreclaimable_bytes=2 * GIB, percpu_bytes=512 * MIB, cpus_possible=64)
    assert found["slab_unreclaimable", "bytes"] == pytest.approx(2 / 64)
    assert found["percpu", "bytes_per_cpu"] == pytest.approx(8 * MIB)
    assert reasons == {}


def test_what_is_next_to_nothing_is_alike():
    """From 1 to 5 MiB is five times as much, and no host is ill of it."""
    low, high = (row(vmalloc_bytes=amount)[0]["vmalloc", "bytes"] for amount in (0, 5 * MIB))
    assert low == high == pytest.approx(0.0005)


def test_a_number_that_is_not_known_is_not_compared_and_says_why():
    """Never as 0, which would be the smallest of all."""
    found, reasons = row(percpu_bytes=None, unavailable={"percpu_bytes": "This kernel does not tell it."})
    assert found["percpu", "bytes_per_cpu"] is None
    assert reasons["percpu"] == "This kernel does not tell it." and set(reasons) == {"percpu"}
    found, reasons = row(cpus_possible=None)
    assert found["percpu", "bytes_per_cpu"] is None
    assert reasons["percpu"] == "The number of possible CPUs is not known."


def test_without_its_ram_a_host_is_compared_in_nothing():
    """A share of nothing is no number."""
    found, reasons = row(memory_total_bytes=None, memory_low_total_bytes=None)
    assert set(found.values()) == {None}
    assert set(reasons.values()) == {"The host's RAM is not known."}
