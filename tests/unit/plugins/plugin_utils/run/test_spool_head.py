# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of a spool: where it lies, who holds it, and when it goes."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.leftovers import clean
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool_head import (
    Holder,
    SpoolHead,
    chosen_path,
    remove_when_reported,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.run.spools import NOON, head, spool


def test_what_is_written_is_read_and_the_last_head_counts(tmp_path: Path, gone: Holder) -> None:
    """A run that is taken up again is held by another process."""
    path = spool(tmp_path, head(gone))
    head(Holder.of(os.getpid())).write(str(path), NOON)
    assert SpoolHead.read(str(path)) == head(Holder.of(os.getpid()))


def test_who_is_there_and_who_is_gone(gone: Holder) -> None:
    """A number of a process is given again; its start tells two apart. Of another machine nobody can tell."""
    me = Holder.of(os.getpid())
    assert me.is_alive() is True and gone.is_alive() is False
    assert replace(me, started=me.started + 1).is_alive() is False
    assert replace(me, boot="another").is_alive() is False
    assert replace(me, machine="another").is_alive() is None


def test_a_killed_process_is_gone_though_nobody_has_asked_for_its_exit_code() -> None:
    """In a container without an init it stays in the list of processes until the container ends."""
    killed = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    holder = Holder.of(killed.pid)
    assert holder.is_alive() is True
    killed.kill()
    os.waitid(os.P_PID, killed.pid, os.WEXITED | os.WNOWAIT)
    try:
        assert holder.is_alive() is False
    finally:
        killed.wait()


def test_without_proc_the_number_of_the_process_is_all_there_is(gone: Holder) -> None:
    """As on a controller with macOS."""
    me = replace(Holder.of(os.getpid()), started=0)
    assert me.is_alive() is True and replace(me, process=gone.process).is_alive() is False


def test_the_spool_lies_beside_the_report_under_a_new_name(tmp_path: Path, gone: Holder) -> None:
    """Two runs with one id (slices, or a name that the user gave) don't share a file by accident."""
    report = str(tmp_path / "reports" / "1")
    first = chosen_path(report, "r1")
    assert first == str(tmp_path / "reports" / "kernel-memory-r1.spool")
    (tmp_path / "reports").mkdir()
    spool(tmp_path / "reports", head(gone))
    assert chosen_path(report, "r1") == str(tmp_path / "reports" / "kernel-memory-r1-2.spool")


def test_it_goes_with_the_report_unless_somebody_wants_it(tmp_path: Path, gone: Holder) -> None:
    """What the report has need not lie about; what a user placed is the user's."""
    path = spool(tmp_path, head(gone))
    assert remove_when_reported(str(path)) is None and not path.exists()
    assert remove_when_reported(str(path)) is None
    kept = spool(tmp_path, head(gone, keep=True))
    assert remove_when_reported(str(kept)) is None and kept.exists()


@pytest.mark.parametrize("content", ["", "no spool", '{"format": 1, "head": {}}'])
def test_what_is_no_spool_of_ours_is_never_removed(tmp_path: Path, content: str) -> None:
    """A name proves nothing."""
    path = tmp_path / "kernel-memory-r1.spool"
    path.write_text(content)
    os.utime(path, (0, 0))
    assert remove_when_reported(str(path)) is None
    assert clean(str(tmp_path), "").removed == []
    assert path.exists()
