# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase reset: nothing is decided, before anything can fail."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.keeping import Place, keeping_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.leases import holder_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.reset import reset
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON


def test_the_decision_of_an_earlier_run_is_taken_back_but_not_that_of_a_run_at_work(tmp_path: Path) -> None:
    """The second run is told who that is."""
    place = Place(str(tmp_path / "gate"), "rollout", None, {}, str(tmp_path), "operator")
    with (
        closing(keeping_of(place, holder_of("here", os.getpid(), "run-1"), begins=True)) as one,
        closing(keeping_of(place, holder_of("here", os.getpid(), "run-2"), begins=True)) as other,
    ):
        assert reset(one, "run-1", "0.0", NOON) is None
        decision = one.folder.read_decision()
        assert decision is not None and (decision["decision"], decision["run_id"]) == ("inconclusive", "run-1")
        one.take()
        assert "Another run is changing them" in str(reset(other, "run-2", "0.0", NOON))
        assert one.folder.read_decision() == decision
