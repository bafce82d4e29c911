# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sums of a fleet in one run can be worked out by hand, and a host that does not know adds nothing."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.fleet import SHARES, sums_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Sample
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import GIB, MIB


def one(host: str, total: int | None, percpu: int | None) -> Sample:
    """A sample of a host with so much RAM and per-CPU memory."""
    return Sample(host, 1000, None, None, None, None, total, None, None, None, None, "pages", None, {"percpu": percpu})


def test_a_sum_is_of_the_hosts_that_know() -> None:
    """A host that can't tell is not a host with nothing: it is not counted."""
    sums = sums_of([one("a", GIB, 10 * MIB), one("b", GIB, None), one("c", None, 4 * MIB)], {"ok": 3})
    of = {measure.name: measure for measure in sums.measures}
    assert (of["percpu"].hosts, of["percpu"].sum_bytes) == (2, 14 * MIB)
    assert (of["memory_total"].hosts, of["memory_total"].sum_bytes) == (2, 2 * GIB)
    # A share needs both: that of c is not known.
    assert set(of["percpu"].shares) == {10 / 1024}


def test_what_no_host_knows_has_no_shares() -> None:
    """Zero would be a figure."""
    of = {measure.name: measure for measure in sums_of([one("a", GIB, None)], {}).measures}
    assert (of["percpu"].hosts, of["percpu"].sum_bytes) == (0, 0)
    assert of["percpu"].shares == (None,) * len(SHARES)


def test_percentiles_are_hosts_that_there_are() -> None:
    """A median between two hosts would be a host that nobody can look up."""
    samples = [one(f"h{number}", 100 * MIB, number * MIB) for number in range(1, 21)]
    of = {measure.name: measure for measure in sums_of(samples, {}).measures}
    assert dict(zip(SHARES, of["percpu"].shares, strict=True)) == {
        0: 0.01, 5: 0.01, 25: 0.05, 50: 0.10, 75: 0.15, 95: 0.19, 100: 0.20
    }  # fmt: skip
