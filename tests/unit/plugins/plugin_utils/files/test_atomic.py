# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is there whole or not at all, and whoever the umask allows can read it."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.files import atomic


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640), (0o000, 0o644)])
def test_the_mode_follows_the_umask_from_the_first_byte_on(tmp_path: Path, mask: int, mode: int) -> None:
    """What somebody keeps from others by the umask is theirs while it is written, too."""
    before = os.umask(mask)
    try:
        made = atomic.Unfinished(str(tmp_path / "one"))
        (unfinished,) = tmp_path.iterdir()
        assert stat.S_IMODE(unfinished.stat().st_mode) == mode
        made.drop()
        atomic.replace_file(str(tmp_path / "one"), b"new")
        assert os.umask(mask) == mask, "the umask of the process is left alone"
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == mode


def test_bytes_text_and_pieces_are_written(tmp_path: Path) -> None:
    """Long outputs come in pieces, and are never whole in memory."""
    contents: tuple[atomic.Content, ...] = ("ä".encode(), "ä", iter(["ä"]))
    for content in contents:
        atomic.replace_file(str(tmp_path / "one"), content)
        assert (tmp_path / "one").read_text(encoding="utf-8") == "ä"


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path: Path) -> None:
    """A full disk must not cost the report of yesterday."""
    (tmp_path / "one").write_text("old")

    def pieces() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        atomic.replace_file(str(tmp_path / "one"), pieces())
    assert os.listdir(tmp_path) == ["one"] and (tmp_path / "one").read_text() == "old"


def test_a_move_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """A folder that stands at the place of a file is one error, and no rubbish beside it."""
    (tmp_path / "one").mkdir()
    with pytest.raises(IsADirectoryError):
        atomic.replace_file(str(tmp_path / "one"), b"new")
    assert os.listdir(tmp_path) == ["one"]


def test_what_is_not_finished_is_hidden_and_locked(tmp_path: Path) -> None:
    """A run that clears what killed runs left must be able to tell it from what is being written."""
    made = atomic.unfinished(str(tmp_path / ("n" * 200)), "text")
    (there,) = tmp_path.iterdir()
    assert there.name.startswith(f".{'n' * atomic.LONGEST_KEPT}.") and len(there.name) == atomic.LONGEST_KEPT + 10
    with there.open("rb") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    made.drop()
    assert not there.exists()
