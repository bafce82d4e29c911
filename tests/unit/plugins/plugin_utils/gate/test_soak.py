# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Go or no-go without a change at hand: healthy now, and growing since."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate import look as _gate_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate import soak as _gate_soak
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host import look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.judgement import Judge, Seen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import days_of, series_before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    NOON,
    POLICY,
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
        _gate_look.keep_look(run, name, "production", one)
    return valid(_gate_soak.decide_check(run))


def test_check_counts_what_it_was_not_given(tmp_path: Path) -> None:
    """A host without a look of this run, also one with an old look, is no healthy host."""
    assert check(gate_run(tmp_path, WEB), {name: before_look() for name in WEB})["decision"] == "pass"
    decision = check(gate_run(tmp_path, WEB, "run-2"), {"web1": before_look(), "web2": before_look()})
    assert (decision["decision"], decision["hosts"][2]["outcome"]) == ("fail", "bad")
    fine = check(
        gate_run(tmp_path, WEB, "run-3", override="Nobody uses web3 any more."),
        {"web1": before_look(), "web2": before_look()},
    )
    assert (fine["decision"], fine["override"]["decision"]) == ("pass", "fail")


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


@pytest.mark.parametrize(
    ("slab", "word", "audit"),
    [
        ([600 + 200 * day for day in range(21)], "fail", {"warning", "critical"}),
        ([10_600 + day % 3 for day in range(16)], "pass", {"warning"}),
    ],
    ids=["grows for 20 days", "flat for 15 days"],
)
def test_the_gate_says_of_a_host_with_a_past_what_the_audit_says(
    tmp_path: Path, slab: list[int], word: str, audit: set[str]
) -> None:
    """Growth stops a rollout although no limit is near; what has stood for long is shown, and does not block."""
    series = series_before(days_of("slab_unreclaimable", slab, kernel_unreclaimable=None))
    one = grown_look(slab[-1])
    judged = Judge(POLICY, {"web1": series}).judge([Seen("web1", "production", (), NOON, one["facts"])], NOON)["web1"]
    assert judged.verdict in audit, judged
    decision = check(gate_run(tmp_path, ["web1"], series={"web1": series}, now=NOON), {"web1": one})
    assert decision["decision"] == word, decision["reasons"]
    said = [reason["sentence"] for reason in decision["hosts"][0]["reasons"]]
    assert all(any(str(one["explanation"]) in sentence for sentence in said) for one in judged.short())


def soaked(
    tmp_path: Path, hosts: list[str], days: int, grown: int, others: int = 0, **after_changes: Any
) -> dict[str, Any]:
    """A rollout whose first three hosts were changed, and the decision so many days later."""
    run = gate_run(tmp_path, hosts, batch=hosts[:3])
    for name in hosts:
        _gate_look.keep_look(run, name, "production", before_look())
    before(run)
    assert after(run)["decision"] == "pass"
    now = (datetime(2026, 11, 24, 12, 30) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    later = gate_run(tmp_path, hosts, "run-2", now=now)
    for place, name in enumerate(hosts):
        size = 512 * MIB + (grown if place < 3 else others) + place
        make = after_look if place < 3 else before_look
        _gate_look.keep_look(
            later, name, "production", make(now, slab_unreclaimable_bytes=size, **(after_changes if place < 3 else {}))
        )
    return valid(_gate_soak.decide_soak(later, 30))


def test_soak_passes_after_its_days_and_holds_before(tmp_path: Path) -> None:
    """A leak needs time to show."""
    assert soaked(tmp_path / "a", WEB, 8, 0)["decision"] == "pass"
    early = soaked(tmp_path / "b", WEB, 3, 0)
    assert (early["decision"], codes(early)) == ("hold", ["not_testable", "too_soon"])
    assert "3 of 7 days have passed" in early["sentence"]
    found = soaked(tmp_path / "c", WEB, 3, 900 * MIB)
    assert found["decision"] == "fail"


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


def test_soak_after_another_reboot_knows_no_growth(tmp_path: Path) -> None:
    """It is learning anew, which the policy accepts; on another kernel it can't be judged."""
    assert soaked(tmp_path / "a", WEB, 8, 0, boot_id="third")["decision"] == "pass"
    assert soaked(tmp_path / "b", WEB, 8, 0, boot_id="third", kernel_release="5.10.0")["decision"] == "inconclusive"


def test_soak_of_nothing_is_inconclusive(tmp_path: Path) -> None:
    """No host was changed by this rollout."""
    decision = valid(_gate_soak.decide_soak(gate_run(tmp_path, WEB), 30))
    assert (decision["decision"], codes(decision)) == ("inconclusive", ["nothing_changed"])
