# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phase look: looks wait in files of their own until they are taken into the records."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.look import keep_look, take_looks
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.phases.plan import plan
from ansible_collections.fleetaudit.kernel_memory.tests.unit.gating import (
    after_look,
    before_look,
    begin_batch,
    gate_run,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import GIB

WEB = ["web1", "web2"]


def test_looks_are_taken_once_into_the_records(tmp_path: Path) -> None:
    """With the environment that the look found."""
    run = gate_run(tmp_path, WEB)
    for name in WEB:
        keep_look(run, name, "staging", before_look())
    assert run.folder.all_hosts() == [] and set(run.folder.kept_looks()) == set(WEB)
    take_looks(run)
    record = run.folder.read_host("web1")
    assert (record.environment, record.first, record.reference) == ("staging", record.now, record.now)
    assert record.now is not None and record.now["run_id"] == "run-1" and run.folder.kept_looks() == {}


def test_an_older_kernel_stays_the_reference_of_a_host_that_nobody_touched(tmp_path: Path) -> None:
    """Also where the run that saw it ended before a batch began: somebody has upgraded it by hand since."""
    keep_look(gate_run(tmp_path, WEB), "web1", "production", before_look())
    plan(gate_run(tmp_path, WEB, "run-2"))
    later = gate_run(tmp_path, WEB, "run-2")
    keep_look(later, "web1", "production", after_look())
    take_looks(later)
    record = later.folder.read_host("web1")
    assert record.reference is not None and record.reference["facts"]["host"]["kernel_release"] == "5.10.0"
    assert record.now is not None and record.now["facts"]["host"]["kernel_release"] == "6.12.0"


def test_a_look_changes_no_reference_of_a_host_that_was_touched(tmp_path: Path) -> None:
    """It is compared with itself else."""
    run = gate_run(tmp_path, WEB)
    begin_batch(run)
    keep_look(run, "web1", "production", after_look(slab_unreclaimable_bytes=9 * GIB))
    take_looks(run)
    record = run.folder.read_host("web1")
    assert record.reference is not None and record.reference["facts"]["host"]["kernel_release"] == "5.10.0"


def test_a_look_in_the_first_day_of_a_boot_is_kept_for_the_next_rollout(tmp_path: Path) -> None:
    """It is what hosts are compared with after their change."""
    run = gate_run(tmp_path, WEB)
    keep_look(run, "web1", "production", after_look())
    keep_look(run, "web2", "production", before_look())
    assert [len(run.folder.earlier(name)) for name in WEB] == [1, 0]


def test_a_look_that_was_damaged_is_said(tmp_path: Path) -> None:
    """By its file."""
    run = gate_run(tmp_path, WEB)
    keep_look(run, "web1", "production", before_look())
    (Path(run.folder.path) / "looks" / "web1.json").write_text('{"format": 1, "host": "web1", "look": 3}')
    with pytest.raises(ValueError, match="looks/web1.json can't be used: look is '3', and a mapping is needed"):
        take_looks(run)
