# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history that can't be used is refused before hosts are asked, and one that is only not there yet is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.history import history_problem


def test_a_history_that_an_audit_will_make_is_no_problem(tmp_path: Path) -> None:
    """The first audit of all has none."""
    assert history_problem(None, {}, str(tmp_path)) is None
    assert history_problem("new/kernel.db", {}, str(tmp_path)) is None
    assert history_problem("none", {}, str(tmp_path)) is None


def test_a_history_that_is_there_is_no_problem(tmp_path: Path) -> None:
    """The second audit has one."""
    open_store(str(tmp_path / "kernel.db")).close()
    assert history_problem("kernel.db", {}, str(tmp_path)) is None


@pytest.mark.parametrize(
    ("given", "can_go_on"), [("mysql://db/x", False), ("postgresql://nobody@127.0.0.1:1/none", True)]
)
def test_an_address_that_leads_nowhere_is_refused(given: str, can_go_on: bool, tmp_path: Path) -> None:
    """Else the night has no history, and the morning does not know. What is no address is never gone on with."""
    problem = history_problem(given, {}, str(tmp_path))
    assert problem is not None and ("kernel_mem_audit_history_required=false" in problem) is can_go_on
    by_environment = history_problem(None, {"KERNEL_MEM_AUDIT_HISTORY": given}, str(tmp_path))
    assert by_environment is not None
    assert by_environment.partition(": ")[2] == problem.partition(": ")[2]


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    """The message lands in logs of jobs."""
    problem = history_problem("postgresql://audit:geheim@127.0.0.1:1/none", {}, str(tmp_path))
    assert problem is not None and "geheim" not in problem


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    """Whether somebody chose it or it lies in the usual place."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "history.sqlite3").write_text("something else" * 1000)
    assert history_problem(None, {}, str(tmp_path)) is not None
    assert history_problem("reports/history.sqlite3", {}, str(tmp_path)) is not None


def test_a_place_where_nothing_can_be_made_is_refused_if_somebody_chose_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual place was chosen by nobody; a run without it says so in its report."""
    monkeypatch.setattr("os.access", lambda path, mode: False)
    problem = history_problem("new/history.db", {}, str(tmp_path))
    assert problem is not None and f"can't be made: {tmp_path} is not writable" in problem
    assert history_problem(None, {}, str(tmp_path)) is None
