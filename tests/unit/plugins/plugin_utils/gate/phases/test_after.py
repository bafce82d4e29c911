# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase after: a host is back once it is seen in another boot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_record import HostRecord
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.host_state import HostState
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.after import keep_after, old_boot_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.changed import keep_changed
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    after_look,
    before_look,
    begin_batch,
    changed_record,
    gate_run,
    lost_look,
)


@pytest.mark.parametrize(
    ("one", "state"),
    [(after_look(), HostState.BACK), (before_look(), HostState.CHANGED), (lost_look(), HostState.CHANGED)],
)
def test_a_host_is_back_where_it_shows_another_boot(tmp_path: Path, one: Any, state: HostState) -> None:
    """Else its reboot may be under way still."""
    run = gate_run(tmp_path, ["web1"])
    begin_batch(run)
    keep_changed(run, "web1")
    made = keep_after(run, "web1", [one], None, 1)
    record = run.folder.read_host("web1")
    assert record.state is state and record.after == one and made["settled"]


def test_a_host_that_has_not_settled_says_why(tmp_path: Path) -> None:
    """With how long the gate has waited."""
    run = gate_run(tmp_path, ["web1"])
    begin_batch(run)
    assert (
        keep_after(run, "web1", [after_look()], "It moves.", 9)["reason"] == "It has not settled within 9 s: It moves."
    )


def test_the_old_boot_is_that_from_which_it_was_changed() -> None:
    """A host that was not changed has none."""
    record = changed_record()
    assert old_boot_of(record) == "old-boot" and old_boot_of(HostRecord("web1")) is None
    assert (
        record.attempt is not None
        and old_boot_of(replace(record, attempt=replace(record.attempt, was_there=True))) is None
    )
