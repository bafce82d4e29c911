# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The batch that is open, and how it is closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decide import Verdict
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.decision import decision_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.open_batch import (
    close,
    hosts_of_batch,
    open_batch,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.begin import begin
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import gate_run


def test_there_is_one_open_batch_or_none(tmp_path: Path) -> None:
    """The phase before comes first."""
    run = gate_run(tmp_path, ["web1", "web2"])
    with pytest.raises(ValueError, match="No batch of this rollout is open"):
        open_batch(run)
    begin(run)
    assert hosts_of_batch(run) == ["web1", "web2"]


def test_a_batch_is_closed_in_the_trail_first(tmp_path: Path) -> None:
    """Then in the state, then in decision.json."""
    run = gate_run(tmp_path, ["web1"])
    begin(run)
    rollout, batch = open_batch(run)
    verdict = Verdict()
    verdict.add("hold", "code", "Not now.")
    close(run, rollout, batch, decision_of(run, "before", verdict, {}, {}, batch=1))
    after = run.folder.read_rollout()
    assert after is not None and (after.batches[0].decision, after.batches[0].sentence) == ("hold", "Not now.")
    line = run.folder.read_trail()[-1]
    assert (line["event"], line["touched"], line["accepted"]) == ("decided_before", [], [])
