# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""After a patch day all hosts are up for as long: then a kernel that holds more is seen by comparing kernels."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.subject import Subject
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.kernel_difference import (
    KernelDifference,
    fleet_findings,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    GIB,
    MIB,
    subject,
)

DAY = 86400
X, Y = "6.12.0-x", "6.12.0-y"


def hosts(kernel: str, mib: int, number: int = 20, days: float = 20, role: str = "web", gib: int = 64) -> list[Subject]:
    """Hosts that booted on one day, whose slab differs a little."""
    return [
        subject(
            f"{kernel}{role}{days}{place}",
            groups=["production", role],
            kernel_release=kernel,
            uptime_seconds=int(days * DAY) + 600 * place,
            boot_id=None,
            memory_total_bytes=gib * GIB,
            slab_unreclaimable_bytes=(mib + 9 * (place % 7)) * MIB,
        )
        for place in range(number)
    ]


def test_a_kernel_that_holds_more_at_like_uptime_is_named() -> None:
    """The question after a patch day; the part is named that makes the difference."""
    (found,) = fleet_findings([*hosts(X, 4600), *hosts(Y, 1000), *hosts(Y, 9000, role="db")])
    assert isinstance(found, KernelDifference)
    assert (found.kernel, found.dimension, found.severity) == (f"{X} x86_64", "slab_unreclaimable", "warning")
    assert (found.hosts, found.others) == (20, 20) and found.times == pytest.approx(4.5, rel=0.03)
    assert "20 hosts of the same role, size and uptime have 1" in found.explanation


@pytest.mark.parametrize(
    ("why", "fleet"),
    [
        ("both hold as much", [*hosts(X, 1000), *hosts(Y, 1000)]),
        ("too few hosts", [*hosts(X, 4600, 9), *hosts(Y, 1000)]),
        ("less than 1 % of RAM", [*hosts(X, 1000), *hosts(Y, 500)]),
        ("other roles", [*hosts(X, 4600, role="db"), *hosts(Y, 1000)]),
        ("other sizes", [*hosts(X, 4600, gib=256), *hosts(Y, 1000)]),
        ("other uptimes", [*hosts(X, 4600, days=80), *hosts(Y, 1000, days=5)]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_difference_of_kernels(why: str, fleet: list[Subject]) -> None:
    """Each condition by itself keeps a kernel out."""
    assert fleet_findings(fleet) == [], why
