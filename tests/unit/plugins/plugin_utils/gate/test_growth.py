# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed hosts grow by, against before and against the old kernel."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.look import keep_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.soak import decide_soak
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    after_look,
    before_look,
    codes,
    gate_run,
    valid,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB

WEB = ["web1", "web2", "web3"]


def soaked(
    tmp_path: Path, hosts: list[str], days: int, grown: int, others: int = 0, **after_changes: Any
) -> dict[str, Any]:
    """A rollout whose first three hosts were changed, and the decision so many days later."""
    run = gate_run(tmp_path, hosts, batch=hosts[:3])
    for name in hosts:
        keep_look(run, name, "production", before_look())
    before(run)
    assert after(run)["decision"] == "pass"
    now = (datetime(2026, 11, 24, 12, 30) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = gate_run(tmp_path, hosts, "run-2", now=now)
    for place, name in enumerate(hosts):
        size = 512 * MIB + (grown if place < 3 else others) + place
        make = after_look if place < 3 else before_look
        keep_look(
            later, name, "production", make(now, slab_unreclaimable_bytes=size, **(after_changes if place < 3 else {}))
        )
    return valid(decide_soak(later, 30))


def test_soak_finds_what_grows_on_one_host(tmp_path: Path) -> None:
    """600 MiB in 8 days; before the change at most 12.8 MiB a day."""
    decision = soaked(tmp_path, WEB, 8, 600 * MIB)
    assert decision["decision"] == "fail"
    assert (
        "Unreclaimable slab has grown by 600 MiB in 8.0 days, 75 MiB a day; before the change at most 12.8 MiB a day"
        in decision["sentence"]
    )


def test_soak_finds_what_grows_a_little_on_all_changed_hosts(tmp_path: Path) -> None:
    """200 MiB in 8 days is under the limit of one host, and none of ten unchanged hosts grew so."""
    hosts = [f"web{place}" for place in range(1, 14)]
    decision = soaked(tmp_path, hosts, 8, 200 * MIB, 2 * MIB)
    assert (decision["decision"], codes(decision)) == ("fail", ["regression_growth"])
    assert "25 MiB a day on 3 hosts since the change" in decision["sentence"]
