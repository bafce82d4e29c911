# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places where a history can't be kept: each is one sentence, which the report repeats."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError, RunRecord
from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import be_nobody_if_root, result_after
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import MIDNIGHT

ONE_SENTENCE = r"^[A-Z][^\n]*\.$"


def what_is_said(path: str) -> list[str]:
    """The errors of an audit that would be kept there."""
    try:
        store = open_store(path)
        store.append(RunRecord("r9", MIDNIGHT), [], {"web1": []})
        store.close()
    except HistoryError as exc:
        assert exc.__cause__ is None and exc.__context__ is None
        return [str(exc)]
    return []


@pytest.mark.parametrize(("mode", "there"), [(0o555, False), (0o555, True), (0o500, True)])
def test_a_folder_that_can_not_be_written_is_one_sentence(mode: int, there: bool) -> None:
    """The report goes on without a history and says why."""
    with place_for_servers() as name:
        folder = Path(name) / "history"
        folder.mkdir()
        path = folder / "history.db"
        # Also, so that all code that the other user needs is there.
        assert what_is_said(str(path)) == []
        path.chmod(0o444)
        if not there:
            path.unlink()
        folder.chmod(mode)
        (said,) = result_after(be_nobody_if_root, lambda: what_is_said(str(path)))
        folder.chmod(0o755)
        assert said.startswith(f"The history {path} can't be ") and "\n" not in said
        assert os.listdir(folder) == (["history.db"] if there else [])


def test_a_folder_is_no_history(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="is a folder; name a file in it"):
        open_store(str(tmp_path))


def test_a_parent_that_is_a_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(HistoryError, match=ONE_SENTENCE):
        open_store(str(tmp_path / "file" / "history.db"))


def test_errors_come_without_the_error_of_the_driver(tmp_path: Path) -> None:
    """What SQLite or the system says is in the sentence; a chain of tracebacks helps nobody."""
    for path in (tmp_path, tmp_path / "x" / "\0", tmp_path / ("n" * 300)):
        with pytest.raises(HistoryError, match=ONE_SENTENCE) as caught:
            open_store(str(path))
        assert caught.value.__cause__ is None and caught.value.__context__ is None
