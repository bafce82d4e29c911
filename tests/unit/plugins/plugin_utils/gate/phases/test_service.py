# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase service: once hosts were brought back, may the rollout go on?"""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.served import keep_service
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.service import decide_service
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    begin_batch,
    codes,
    end_batch,
    gate_run,
    valid,
)


def test_a_host_that_can_not_be_brought_back_holds(tmp_path: Path) -> None:
    """What was decided of the batch stays among the reasons."""
    run = gate_run(tmp_path, ["web1", "web2"])
    plan(run, serves=True)
    begin_batch(run)
    assert end_batch(run)["decision"] == "pass"
    keep_service(run, "web1", None)
    keep_service(run, "web2", "Undrain: no route")
    decision = valid(decide_service(run))
    assert (decision["decision"], decision["phase"]) == ("hold", "service")
    assert "progress" in codes(decision) and "not_in_service_yet" not in codes(decision)
    keep_service(run, "web2", None)
    assert valid(decide_service(run))["decision"] == "hold", "what was decided stands until the next run"


def test_without_a_decision_nobody_is_brought_back(tmp_path: Path) -> None:
    """The phases before come first."""
    with pytest.raises(ValueError, match="No batch of this rollout was decided"):
        decide_service(gate_run(tmp_path, ["web1"]))
