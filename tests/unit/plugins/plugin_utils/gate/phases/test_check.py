# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase check: go or no-go without a change at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.answer import look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.judgement import Judge, Seen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.check import decide_check
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.look import keep_look
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.run import GateRun
from ansible_collections.fleetaudit.kernel_memory.tests.simulator.by_hand import days_of, series_before
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON, POLICY, before_look, gate_run, valid
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
