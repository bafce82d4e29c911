# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run's name and places, and when it fails."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run import run as _run

NOON = datetime(2026, 11, 24, 12, 0, 5, tzinfo=timezone.utc)


def test_run_id_sorts_by_time() -> None:
    """Names of runs in a folder stand in the order of their making."""
    assert _run.check_run_id(_run.new_run_id(NOON, "a1b2c3")) == "20261124T120005Z-a1b2c3"


@pytest.mark.parametrize("wrong", ["", "../x", "a/b", ".hidden", "a b", "x" * 101, "run\n"])
def test_run_id_that_can_not_be_a_file_name_is_refused(wrong: str) -> None:
    """It becomes part of a path."""
    with pytest.raises(ValueError, match="run_id is"):
        _run.check_run_id(wrong)


def test_report_folder_is_new_each_time(tmp_path: Path) -> None:
    """Two runs of one second don't overwrite each other."""
    first = _run.report_directory(None, str(tmp_path), NOON)
    assert first == str(tmp_path / "reports" / "2026-11-24T120005Z")
    os.makedirs(first)
    assert _run.report_directory(None, str(tmp_path), NOON) == first + "-2"


def test_relative_report_folder_starts_at_the_working_folder(tmp_path: Path) -> None:
    """playbook_dir would be inside the installed collection."""
    assert _run.report_directory("out/today", str(tmp_path), NOON) == str(tmp_path / "out" / "today")


def test_report_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    """Said before gathering, not after."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="is not a folder"):
        _run.check_writable(str(tmp_path / "file" / "report"))
    _run.check_writable(str(tmp_path / "new" / "report"))


def test_a_run_without_hosts_is_an_error() -> None:
    """No data is never healthy."""
    with pytest.raises(ValueError, match="nothing to audit"):
        _run.check_number_of_hosts(0, 1, "web")
    with pytest.raises(ValueError, match="match 3 hosts"):
        _run.check_number_of_hosts(3, 4, "web")
    _run.check_number_of_hosts(3, 3, "web")
