# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the gate's folder: names of hosts as names of files, damage, and a full disk."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.folder import GateFolder
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.json_files import file_name
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.rollout_record import RolloutRecord

ROLLOUT = RolloutRecord("kernel-1", "2026-11-24T12:00:00Z", ("../web1",))


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_names_of_hosts_are_safe_and_different_file_names(one: str, other: str) -> None:
    """An inventory name may hold anything, also ../ and upper and lower case."""
    try:
        first, second = file_name(one), file_name(other)
    except UnicodeEncodeError:
        return
    assert "/" not in first and not first.startswith(".") and len(first) <= 160 and first.isascii()
    assert (first == second) == (one == other)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 99}', '"text"'])
def test_a_broken_file_is_an_error_and_never_an_empty_state(tmp_path: Path, content: str) -> None:
    """A gate without memory would let everything through."""
    folder = GateFolder(str(tmp_path), "rollout")
    os.makedirs(folder.path)
    (Path(folder.path) / "rollout.json").write_text(content)
    with pytest.raises(ValueError, match="rollout of another name"):
        folder.read_rollout()


def test_a_full_or_foreign_disk_stops(tmp_path: Path) -> None:
    """The sentence says why."""
    (tmp_path / "file").write_text("")
    folder = GateFolder(str(tmp_path / "file"), "rollout")
    with pytest.raises(ValueError, match="has no memory, so it stops"):
        folder.write_rollout(ROLLOUT)
    with pytest.raises(ValueError, match="trail.jsonl can't be written"):
        folder.add_to_trail({})
