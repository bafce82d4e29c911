# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernels of hosts that nobody has touched yet."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.releases import (
    add_newest_kernel,
    untouched_releases,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import before_look, lost_look


def test_without_a_wish_the_newest_of_several_kernels_is_not_touched() -> None:
    """It may be done already. The newest is so by its numbers, not by its letters."""
    records = {
        "old": HostRecord("old", reference=before_look(kernel_release="6.9.1")),
        "new": HostRecord("new", reference=before_look(kernel_release="6.12.0")),
        "lost": HostRecord("lost", reference=lost_look()),
        "done": HostRecord("done", HostState.ACCEPTED, reference=before_look(kernel_release="7.0")),
    }
    assert untouched_releases(records) == {"old": "6.9.1", "new": "6.12.0"}
    answers: dict[str, Any] = {name: {"outcome": "good", "may_touch": True, "reasons": []} for name in ("old", "new")}
    add_newest_kernel(answers, records)
    assert [answers[name]["outcome"] for name in ("old", "new")] == ["good", "inconclusive"]
    assert "runs the newest of them, 6.12.0" in answers["new"]["reasons"][0]["sentence"]


def test_hosts_of_one_kernel_are_all_touched() -> None:
    """There is nothing to tell them apart by."""
    answers: dict[str, Any] = {"web1": {"outcome": "good", "may_touch": True, "reasons": []}}
    add_newest_kernel(answers, {"web1": HostRecord("web1", reference=before_look())})
    assert answers["web1"]["outcome"] == "good"
