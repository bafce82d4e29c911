# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase changed: the change was made, before the reboot."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import Attempt, HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.changed import keep_changed
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import NOON, gate_run


@pytest.mark.parametrize(
    ("state", "then"), [(HostState.DRAINED, "changed"), (HostState.CHANGING, "changed"), (HostState.CHANGED, "changed")]
)
def test_a_host_is_changed(tmp_path: Path, state: HostState, then: str) -> None:
    """Whether it was drained or not."""
    run = gate_run(tmp_path, ["web1"])
    run.folder.write_host(HostRecord("web1", state, attempt=Attempt("r", NOON, "b", "5 x")))
    assert keep_changed(run, "web1")["state"] == run.folder.read_host("web1").state.value == then
