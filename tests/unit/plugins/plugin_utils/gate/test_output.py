# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A decision as pipelines see it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.output import junit, stats
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import after_look, decided, lost_look


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
