# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet with a host that runs out in nine days, for tests of what the page shows of it."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import Audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.outlooks import Cause, causes_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits, synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.stacks import stack_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import GIB, MIB

NOW = "2026-11-24T12:00:00Z"
DAYS = 30


def audit(hosts: int = 1) -> dict[str, Any]:
    """An audit of healthy hosts, of which the first grows since 4 November and boots on 1 November."""
    made = audits.audit_with_history(60)
    made["hosts"] = [host for host in made["hosts"] if host["verdict"] == "ok"][:hosts]
    first = made["hosts"][0]
    amounts = [2048 * 1024] * 10 + [(2048 + 300 * day) * 1024 for day in range(1, 21)]
    first["dimensions"]["slab_unreclaimable_bytes"] = amounts[-1] * 1024
    times = first["trend"]["collected_at"]
    stack = stack_of({"slab_unreclaimable": amounts, "percpu": [100 * 1024] * DAYS}, DAYS).as_plain()
    first["trend"].update(stack=stack, booted_at=[times[6]], new_kernel_at=[times[6]])
    first["critical_limits"] = {"slab_unreclaimable": 10 * GIB}
    evidence = {
        "time_to_limit_days": {"estimate": 9.4, "low": 8.0, "high": 11.0, "limit_bytes": 10 * GIB},
        "since": "2026-11-04T12:00:00Z",
        "slope_bytes_per_day": 300 * MIB,
    }
    first.update(verdict="critical", findings=[synthetic.growth("slab_unreclaimable", "critical", evidence=evidence)])
    first["attribution"] = {}
    return made


def checked(hosts: int = 1) -> tuple[Audit, tuple[Cause, ...]]:
    """The audit with its causes."""
    known = read(audit(hosts))
    return known, causes_of(known.hosts)
