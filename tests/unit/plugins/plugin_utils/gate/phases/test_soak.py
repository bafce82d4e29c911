# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go or no-go without a change at hand: healthy now, and growing since."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer import look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.check import decide_check
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.look import keep_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.soak import decide_soak
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    NOON,
    after_look,
    before_look,
    codes,
    gate_run,
    valid,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import begin_batch as before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import end_batch as after
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB, healthy_facts

WEB = ["web1", "web2", "web3"]


def check(run: GateRun, looks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Look at hosts and decide whether they are healthy."""
    for name, one in looks.items():
        keep_look(run, name, "production", one)
    return valid(decide_check(run))


def grown_look(mib: int) -> dict[str, Any]:
    """A look at the host of the histories worked by hand, with so much slab that can't be reclaimed."""
    return look(
        "facts",
        None,
        healthy_facts(
            boot_id="one",
            uptime_seconds=100 * 86400,
            slab_unreclaimable_bytes=mib * MIB,
            kernel_unreclaimable_bytes=(mib + 512) * MIB,
        ),
        NOON,
    )


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


def test_soak_passes_after_its_days_and_holds_before(tmp_path: Path) -> None:
    """A leak needs time to show."""
    assert soaked(tmp_path / "a", WEB, 8, 0)["decision"] == "pass"
    early = soaked(tmp_path / "b", WEB, 3, 0)
    assert (early["decision"], codes(early)) == ("hold", ["not_testable", "too_soon"])
    assert "3 of 7 days have passed" in early["sentence"]
    found = soaked(tmp_path / "c", WEB, 3, 900 * MIB)
    assert found["decision"] == "fail"


def test_soak_after_another_reboot_knows_no_growth(tmp_path: Path) -> None:
    """It is learning anew, which the policy accepts; on another kernel it can't be judged."""
    assert soaked(tmp_path / "a", WEB, 8, 0, boot_id="third")["decision"] == "pass"
    assert soaked(tmp_path / "b", WEB, 8, 0, boot_id="third", kernel_release="5.10.0")["decision"] == "inconclusive"


def test_soak_of_nothing_is_inconclusive(tmp_path: Path) -> None:
    """No host was changed by this rollout."""
    decision = valid(decide_soak(gate_run(tmp_path, WEB), 30))
    assert (decision["decision"], codes(decision)) == ("inconclusive", ["nothing_changed"])
