# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.arguments import OUTPUTS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.writing import (
    write_investigation,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit_with_history
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import three_hosts


def test_what_is_written_is_said(tmp_path: Path) -> None:
    """And the list of names lies beside the bundle, not in it."""
    arguments = {"outputs": ["investigation.json", "investigation.md"], "bundle": True, "pseudonyms": True}
    written = write_investigation(three_hosts(), str(tmp_path / "new"), arguments)
    assert sorted(written) == sorted(path.name for path in (tmp_path / "new").iterdir())
    assert "tcpdump" in (tmp_path / "new" / "investigation-names.json").read_text()


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    """Nothing is half-written."""
    (tmp_path / "file").write_text("")
    arguments = {"outputs": ["investigation.md"], "bundle": True, "pseudonyms": True}
    with pytest.raises(ValueError, match=r"can't be made: .*\.$"):
        write_investigation(three_hosts(), str(tmp_path / "file" / "x"), arguments)


def test_only_what_is_wanted_is_written(tmp_path: Path) -> None:
    """With real names there is no list of them beside the bundle."""
    arguments = {"outputs": ["investigation.md"], "bundle": True, "pseudonyms": False}
    assert sorted(write_investigation(three_hosts(), str(tmp_path), arguments)) == [
        "investigation-bundle.tar.gz",
        "investigation.md",
    ]


def test_with_an_audit_its_page_is_written_again(tmp_path: Path) -> None:
    """Without one there is none to be written, whatever is wanted."""
    arguments = {"outputs": list(OUTPUTS), "bundle": False, "pseudonyms": True}
    assert set(write_investigation(three_hosts(), str(tmp_path / "a"), arguments)) == set(OUTPUTS) - {"report.html"}
    written = write_investigation(three_hosts(), str(tmp_path / "b"), arguments, read(audit_with_history(20)))
    assert list(written) == list(OUTPUTS)
    assert '<section id="investigation">' in Path(written["report.html"]).read_text(encoding="utf-8")
