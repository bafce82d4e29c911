# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase served: a host is back in service, or why it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import Service
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.served import keep_service
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import LATER, begin_batch, end_batch, gate_run


def test_a_host_that_was_let_through_is_brought_back_and_a_failure_is_kept(tmp_path: Path) -> None:
    """It is tried again, and once it is back it stays so."""
    run = gate_run(tmp_path, ["web1", "web2"])
    plan(run, serves=True)
    begin_batch(run)
    end_batch(run)
    assert not keep_service(run, "web1", "Undrain: no route")["in_service"]
    record = run.folder.read_host("web1")
    assert (record.state, record.service) == (HostState.RETURNING, Service("run-1", LATER, "Undrain: no route"))
    assert keep_service(run, "web1", None)["in_service"]
    assert run.folder.read_host("web1").state is HostState.IN_SERVICE


def test_a_host_that_was_not_let_through_is_not_brought_back(tmp_path: Path) -> None:
    """A play of one's own may ask for it."""
    run = gate_run(tmp_path, ["web1"])
    begin_batch(run)
    with pytest.raises(
        ValueError, match="web1 is changing in this rollout, and a host that is so can't become in_service"
    ):
        keep_service(run, "web1", None)
