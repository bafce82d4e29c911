# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which audit a path stands for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.merge_inputs import read_report
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.newest import newest_report

NAMES = ("2026-11-24T120000Z-2", "2026-11-24T120000Z", "2026-11-23T120000Z-10")
NEWEST = NAMES[0]


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """A folder of reports whose files were copied in another order than they were made."""
    for number, name in enumerate(NAMES):
        (tmp_path / name).mkdir()
        (tmp_path / name / "audit.json").write_text("{}")
        os.utime(tmp_path / name / "audit.json", (number + 9, number + 9))
    return tmp_path


def test_a_folder_of_reports_is_its_newest(reports: Path) -> None:
    """By the names that the audit gives, whenever the files were copied."""
    assert newest_report(str(reports)) == str(reports / NEWEST / "audit.json")


def test_latest_is_the_newest_without_a_link(reports: Path) -> None:
    """Guides say reports/latest; the link is made only where somebody wants it."""
    assert newest_report(str(reports / "latest")) == str(reports / NEWEST / "audit.json")


def test_a_link_that_is_there_counts(reports: Path) -> None:
    """Somebody made it, or a run whose clock was wrong did not."""
    (reports / "latest").symlink_to(NAMES[2])
    assert newest_report(str(reports / "latest")) == str(reports / "latest" / "audit.json")


def test_a_report_and_a_file_are_themselves(reports: Path) -> None:
    """What is named outright is taken."""
    for path in (reports / NAMES[2], reports / NAMES[2] / "audit.json"):
        assert newest_report(str(path)) == str(reports / NAMES[2] / "audit.json")


def test_latest_of_no_folder_is_named_as_it_is(tmp_path: Path) -> None:
    """The sentence has the path that somebody gave."""
    with pytest.raises(ValueError, match="There is no file .*/nowhere/latest"):
        read_report(str(tmp_path / "nowhere" / "latest"), os.getcwd())


def test_without_a_report_it_is_said(tmp_path: Path) -> None:
    """A folder in which nobody has audited anything yet."""
    with pytest.raises(ValueError, match="holds neither an audit.json nor folders with one"):
        newest_report(str(tmp_path / "latest"))
