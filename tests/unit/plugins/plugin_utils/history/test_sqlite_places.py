# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Places where a history can't be kept: each is one sentence, which the report repeats."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import MIDNIGHT, add

ONE_SENTENCE = r"^[A-Z][^\n]*\.$"

AS_ANOTHER_USER = """
import os, sys
sys.path[:] = sys.argv[2].split(os.pathsep)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError, RunRecord
# Another user may not read where this Python stands, so everything is loaded before.
open_store(sys.argv[3]).close()
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    store = open_store(sys.argv[1])
    store.append(RunRecord("r9", 1795996800), [], {"web1": []})
except HistoryError as exc:
    assert exc.__cause__ is None and exc.__context__ is None
    print(exc)
"""


@pytest.mark.parametrize(("mode", "there"), [(0o555, False), (0o555, True), (0o500, True)])
def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path: Path, mode: int, there: bool) -> None:
    """The report goes on without a history and says why."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name) / "history"
        folder.mkdir()
        os.chmod(name, 0o755)
        if there:
            path = folder / "history.db"
            store = open_store(str(path))
            add(store, "r1", MIDNIGHT)
            store.close()
            os.chmod(path, 0o444)
        os.chmod(folder, mode)
        said = subprocess.run(
            [
                sys.executable,
                "-c",
                AS_ANOTHER_USER,
                str(folder / "history.db"),
                os.pathsep.join(sys.path),
                str(tmp_path / "first.db"),
            ],
            capture_output=True,
            text=True,
            check=True,
            cwd="/",
        )
        os.chmod(folder, 0o755)
        assert said.stdout.startswith(f"The history {folder}/history.db can't be ") and said.stdout.count("\n") == 1, (
            said.stdout
        )
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
