# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Leases: two runs can't change the same host, and a run that was killed holds nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.gate.leases import (
    SECONDS,
    FolderLeases,
    Holder,
    give_up,
    holder_of,
    take,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.spoiling import ODD, changed, places


def leases(folder: Path, now: int = 1000) -> FolderLeases:
    """Leases in a folder at a time."""
    return FolderLeases(str(folder), lambda: now)


def run(number: str, node: str = "here") -> Holder:
    """A run on another machine or on this one, as this process."""
    return holder_of(node, os.getpid(), number)


def test_two_runs_over_the_same_hosts(tmp_path: Path) -> None:
    """The second is told who has them and until when; other hosts are free."""
    take(leases(tmp_path), "a", ["web1", "web2"], run("run-1"))
    with pytest.raises(ValueError, match=r"host web2 is held by process \d+ on here since 1970-01-01T00:16:40Z, until"):
        take(leases(tmp_path), "b", ["web2", "web3"], run("run-2"))
    take(leases(tmp_path), "b", ["web3"], run("run-2"))
    take(leases(tmp_path), "a", ["web1", "web2"], run("run-1"))
    with pytest.raises(ValueError, match="rollout a"):
        take(leases(tmp_path), "a", [], run("run-2"))


def test_what_is_given_up_or_run_out_is_free(tmp_path: Path) -> None:
    """Only the holder can give up."""
    take(leases(tmp_path), "a", ["web1"], run("run-1"))
    give_up(leases(tmp_path), "a", ["web1"], run("run-2"))
    with pytest.raises(ValueError, match="host web1"):
        take(leases(tmp_path), "b", ["web1"], run("run-2"))
    take(leases(tmp_path, 1000 + SECONDS), "b", ["web1"], run("run-2"))
    give_up(leases(tmp_path, 1000 + SECONDS), "b", ["web1"], run("run-2"))
    take(leases(tmp_path, 1000 + SECONDS), "a", ["web1"], run("run-3"))


def test_a_killed_run_of_this_machine_holds_nothing(tmp_path: Path) -> None:
    """The same command is run again at once. A run on another machine can't be asked."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        dead = holder_of("here", process.pid, "run-1")
        take(leases(tmp_path), "a", ["web1"], dead)
        with pytest.raises(ValueError, match="host web1"):
            take(leases(tmp_path), "b", ["web1"], run("run-2"))
        process.kill()
    with pytest.raises(ValueError, match="host web1"):
        take(leases(tmp_path), "b", ["web1"], run("run-2", "elsewhere"))
    take(leases(tmp_path), "b", ["web1"], run("run-2"))


def test_of_many_at_once_one_gets_it(tmp_path: Path) -> None:
    """All or nothing, whoever comes first."""

    def attempt(number: int) -> bool:
        try:
            take(leases(tmp_path), f"rollout-{number}", ["web1", "web2"], run(f"run-{number}"))
        except ValueError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(40))) == 1


def test_a_file_that_can_not_be_read_stops(tmp_path: Path) -> None:
    """Who holds what is not known then, so nobody may go on."""
    (tmp_path / "leases.json").write_text('[{"resource": "host:web1", "holder": "x:1:2:run"')
    with pytest.raises(ValueError, match="can't be read .*remove that file"):
        take(leases(tmp_path), "a", ["web1"], run("run-1"))


KEPT = [{"resource": "host web1", "holder": "here:7:1:run-1", "since": 900, "until": 2000}]


@example((0, "until"), float("inf"), False)
@given(st.sampled_from(places(KEPT)), ODD, st.booleans())
def test_leases_that_somebody_has_spoiled_are_read_or_refused_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, path: tuple[Any, ...], value: Any, remove: bool
) -> None:
    """A gate that fell over them would leave hosts out of service; the sentence says what to do."""
    folder = tmp_path_factory.mktemp("leases")
    document = changed(KEPT, path, value, remove) if path else value
    (folder / "leases.json").write_text(json.dumps(document))
    try:
        take(leases(folder), "a", ["web2"], run("run-2"))
    except ValueError as exc:
        assert "can't be read" in str(exc) or "is held by" in str(exc)
