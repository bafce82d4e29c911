# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress is read from the spool while others write it."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import Origin, failure
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import SpoolFile
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.spool_tail import Answer, SpoolTail
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic


def line(host: str, run_id: str = "run-1") -> dict[str, object]:
    """A line of a host that gave facts."""
    return {**synthetic.record(host), "run_id": run_id}


def test_it_sees_each_answer_also_the_last(tmp_path: Path) -> None:
    """A line ends with the begin of the next, and the last host of all must not be missing for the whole report."""
    spool, tail = SpoolFile(str(tmp_path / "spool")), SpoolTail(str(tmp_path / "spool"), "run-1")
    assert list(tail.new()) == []
    spool.append(line("a"))
    assert {answer.host for answer in tail.new()} == {"a"}
    spool.append(line("b"))
    spool.append(line("other", "run-2"))
    spool.append(dict(Origin("run-1", "c", (), None).record(failure("unreachable", "Connection refused"))))
    found = {answer.host: answer for answer in tail.new()}
    assert set(found) >= {"b", "c"} and "other" not in found
    assert found["b"].reason is None
    assert found["c"] == Answer("c", found["c"].reason, found["c"].message) and found["c"].reason


def test_half_a_line_and_nonsense_are_none(tmp_path: Path) -> None:
    """A writer may be in the middle of it; a screen is no reason to fail."""
    path = tmp_path / "spool"
    tail = SpoolTail(str(path), "run-1")
    path.write_bytes(b'\n[1]\n{"host": "x", "run_id": "run-1", "outcome": "lies"}\n\xff\xfe\n{"run_id": "run-1", "ho')
    assert list(tail.new()) == []
    with path.open("ab") as handle:
        handle.write(b'st": "late", "outcome": "facts","facts":{"a": 1}}\n')
    assert [answer.host for answer in tail.new()] == ["late"]


def test_it_follows_no_link_and_waits_for_no_pipe(tmp_path: Path) -> None:
    """The folder may be anybody's."""
    os.symlink("/etc/passwd", tmp_path / "link")
    os.mkfifo(tmp_path / "pipe")
    assert list(SpoolTail(str(tmp_path / "link"), "r").new()) == []
    assert list(SpoolTail(str(tmp_path / "pipe"), "r").new()) == []
