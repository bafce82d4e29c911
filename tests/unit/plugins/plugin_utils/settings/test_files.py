# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks and folders that have to be there before a host is drained."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.files import (
    absolute,
    hook_problem,
    missing_files,
    missing_path,
    report_dir_problem,
)


def test_a_hook_has_to_be_a_file_that_is_there(tmp_path: Path) -> None:
    """Found missing after the drain, it leaves drained hosts behind that are called bad."""
    (tmp_path / "upgrade.yaml").write_text("[]")
    (tmp_path / "folder").mkdir()
    assert hook_problem("hook", "upgrade.yaml", str(tmp_path)) is None
    assert hook_problem("hook", str(tmp_path / "upgrade.yaml"), "/") is None
    missing = hook_problem("hook", "upgrade.yml", str(tmp_path))
    assert missing is not None and missing.startswith("hook is 'upgrade.yml', but there is no file ")
    assert missing.endswith("There is upgrade.yaml.")
    assert "is a folder" in (hook_problem("hook", "folder", str(tmp_path)) or "")
    assert "is not there, either" in (hook_problem("hook", "none/x.yml", str(tmp_path)) or "")


def test_a_file_that_a_setting_names_has_to_be_there(tmp_path: Path) -> None:
    """The audit to compare with, the spool to go on with, a certificate: found missing after the hosts it is too
    late.
    """
    (tmp_path / "audit.json").write_text("{}")
    assert missing_path("before", "audit.json", str(tmp_path)) is None
    assert missing_path("before", str(tmp_path), "/") is None
    said = missing_path("before", "audit.jsn", str(tmp_path))
    assert said == f"before is 'audit.jsn', but there is no file {tmp_path}/audit.jsn. There is audit.json."


def test_a_hook_has_to_be_a_list_of_tasks(tmp_path: Path) -> None:
    """One that can't be read is found when a host is drained and rebooted already."""

    def problem(text: str) -> str | None:
        (tmp_path / "hook.yml").write_text(text)
        return hook_problem("hook", "hook.yml", str(tmp_path))

    for text in ("- name: x\n  debug: {msg: !unsafe '{{ x }}'}\n", "$ANSIBLE_VAULT;1.1\n63", "[]"):
        assert problem(text) is None, text
    assert "is no list of tasks (while parsing" in (problem("- name: [") or "")
    assert (problem("tasks: []") or "").endswith("hook.yml is no list of tasks.")


def test_a_report_has_to_have_room_somewhere(tmp_path: Path) -> None:
    """Better said now than after an hour of gathering."""
    (tmp_path / "file").write_text("")
    assert report_dir_problem("new/folder", str(tmp_path)) is None
    assert "is not a folder" in (report_dir_problem("file/report", str(tmp_path)) or "")


def test_inputs_have_to_match_files(tmp_path: Path) -> None:
    """A pattern that matches nothing brings nothing, and looks like success."""
    (tmp_path / "a.json").write_text("")
    assert missing_files("files", ["*.json"], str(tmp_path)) is None
    assert missing_files("files", ["*.json", "b*"], str(tmp_path)) == "files has 'b*', which no file matches."


def test_paths_begin_at_the_folder() -> None:
    """A relative path is one of the working folder, as everywhere."""
    assert absolute("x/../y", "/srv") == "/srv/y"
    assert absolute("/x", "/srv") == "/x"


def test_latest_of_a_folder_of_reports_is_there_without_a_link(tmp_path: Path) -> None:
    """The guides say reports/latest, and the link is made only where somebody wants it; other files are as they are."""
    (tmp_path / "2026-11-24T120000Z").mkdir()
    (tmp_path / "2026-11-24T120000Z" / "audit.json").write_text("{}")
    assert missing_path("kernel_mem_audit_compare_after", "latest", str(tmp_path)) is None
    assert missing_path("kernel_mem_audit_resume", "latest", str(tmp_path)) is not None
    assert missing_path("kernel_mem_audit_compare_after", "nowhere/latest", str(tmp_path)) is not None
