# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of spools of runs that ended early, and when they go."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.leftovers import KEPT_DAYS, clean
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import Holder
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.run.spools import COMMAND, head, spool

DAY = 24 * 3600


def test_a_run_that_ended_early_is_named_with_its_command(tmp_path: Path, gone: Holder) -> None:
    """Whoever comes next learns what is there, and how to use it; the own spool and a running one are left alone."""
    path = spool(tmp_path, head(gone))
    own = spool(tmp_path, head(gone), name="kernel-memory-own.spool")
    spool(tmp_path, head(Holder.of(os.getpid())), name="kernel-memory-runs.spool")
    spool(tmp_path, head(replace(gone, machine="another")), name="kernel-memory-elsewhere.spool")
    found = clean(str(tmp_path), str(own))
    assert len(found.notes) == 1 and found.removed == []
    assert "of 2 hosts" in found.notes[0] and str(path) in found.notes[0] and found.notes[0].endswith(COMMAND)


@pytest.mark.parametrize(
    ("hosts", "days", "stays"), [(2, KEPT_DAYS - 1, True), (2, KEPT_DAYS + 1, False), (0, 0, True), (0, 2, False)]
)
def test_leftovers_go_in_time(tmp_path: Path, gone: Holder, hosts: int, days: int, stays: bool) -> None:
    """One without a host holds nothing, and may just have been begun; the others are kept for a week."""
    path = spool(tmp_path, head(gone), hosts)
    then = time.time() - days * DAY
    os.utime(path, (then, then))
    clean(str(tmp_path), "")
    assert path.exists() is stays


def test_many_leftovers_are_counted(tmp_path: Path, gone: Holder) -> None:
    """A controller whose runs are killed every night must not print a page of them."""
    for number in range(6):
        spool(tmp_path, head(gone), name=f"kernel-memory-{number}.spool")
    notes = clean(str(tmp_path), "").notes
    assert len(notes) == 4 and notes[-1].startswith("There are 3 more spools")
    assert clean(str(tmp_path / "nowhere"), "").notes == []
