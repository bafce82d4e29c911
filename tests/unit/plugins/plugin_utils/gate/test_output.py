# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision as people and pipelines see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.output import (
    MOST_HOSTS,
    decision_lines,
    junit,
    last_line,
    stats,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    SICK,
    after_look,
    begin_batch,
    end_batch,
    gate_run,
    lost_look,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import MIB


def decided(folder: Path, looks: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The decision on a batch whose hosts look so after their change."""
    run = gate_run(folder, list(looks))
    begin_batch(run)
    return end_batch(run, looks)


def test_one_line_a_host_the_bad_ones_first_and_the_decision_last(tmp_path: Path) -> None:
    """With the table that shows where it comes from."""
    decision = decided(tmp_path, {"web1": after_look(), "web2": after_look(**SICK), "web3": lost_look()})
    lines = decision_lines(decision, "/srv/decision.json")
    assert [line.split()[:2] for line in lines[1:4]] == [["bad", "web2"], ["bad", "web3"], ["good", "web1"]]
    assert lines[2].endswith("5.10.0 -> ?  It did not come back: no route to host")
    assert next(line for line in lines if "Unreclaimable slab  " in line).split() == [
        "Unreclaimable",
        "slab",
        "1",
        "GiB",
        "12.5",
        "GiB",
        "x",
        "12.5",
        "web2",
        "+11.5",
        "GiB",
    ]
    assert lines[-2:] == ["  Written to /srv/decision.json", last_line(decision)]
    assert last_line(decision).startswith("GATE FAIL: 2 of 3 hosts")


def test_a_large_batch_is_shown_in_part(tmp_path: Path) -> None:
    """All of it is in decision.json."""
    decision = decided(
        tmp_path,
        {
            f"web{place:03}": after_look(slab_unreclaimable_bytes=(512 + place) * MIB)
            for place in range(MOST_HOSTS + 10)
        },
    )
    lines = decision_lines(decision, None)
    assert "  ... and 10 more in decision.json" in lines
    assert len(lines) < MOST_HOSTS + 30
    assert len(decision["hosts"]) == MOST_HOSTS + 10


def test_junit_counts_bad_as_failure_and_unknown_as_error(tmp_path: Path) -> None:
    """A pipeline shows them apart."""
    suite = ElementTree.fromstring(
        junit(decided(tmp_path, {"web1": after_look(), "web2": after_look(boot_id=None), "web3": lost_look()}))
    )
    kinds = {case.get("name"): [child.tag for child in case] for case in suite}
    assert kinds == {"decision": ["failure"], "web1": [], "web2": ["error"], "web3": ["failure"]}
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("4", "2", "1")


def test_stats_are_few_and_plain(tmp_path: Path) -> None:
    """They are copied into every job that follows."""
    shown = stats(decided(tmp_path, {"web1": lost_look()}), "/srv/decision.json")
    assert shown["decision"] == "fail" and shown["bad_hosts"] == ["web1"]
    assert shown["state_counts"] == {"new": 0, "old": 0, "untouched": 0, "unknown": 1}
