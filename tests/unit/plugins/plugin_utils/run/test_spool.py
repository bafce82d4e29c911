# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spool: whole lines from many writers, and nothing believed that is not a record of this run."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run import spool as _spool


def entry(host: str, run_id: str = "r1", **more: object) -> dict:
    """A record."""
    made = _spool.record(
        run_id=run_id,
        host=host,
        written_at="2026-11-24T12:00:00Z",
        outcome="facts",
        message=None,
        groups=["web"],
        environment=None,
        facts={"a": 1},
    )
    return {**made, **more}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Round trip, the last record of a host winning."""
    path = str(tmp_path / "spool")
    for made in (entry("a"), entry("b"), entry("a", message="again")):
        _spool.append(path, made)
    spool = _spool.read([path], "r1")
    assert spool.records == {"a": entry("a", message="again"), "b": entry("b")}
    assert spool.notes == []


def test_spool_is_private(tmp_path: Path) -> None:
    """It holds machine ids and what else hosts say."""
    _spool.append(str(tmp_path / "spool"), entry("a"))
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o600


def test_a_record_cut_short_does_not_spoil_the_next(tmp_path: Path) -> None:
    """A full disk may cut a line; the next begins on a line of its own."""
    path = tmp_path / "spool"
    _spool.append(str(path), entry("a"))
    path.write_bytes(path.read_bytes()[:-20])
    _spool.append(str(path), entry("b"))
    spool = _spool.read([str(path)], "r1")
    assert list(spool.records) == ["b"]
    assert spool.notes == ["1 spool lines could not be read and were left out."]


def test_records_of_other_runs_are_refused_and_counted(tmp_path: Path) -> None:
    """Yesterday's numbers must not stand in today's report."""
    path = str(tmp_path / "spool")
    _spool.append(path, entry("a", run_id="yesterday"))
    spool = _spool.read([path], "r1")
    assert spool.records == {} and spool.notes == ["1 spool records of other runs were left out."]


def test_missing_spool_is_empty(tmp_path: Path) -> None:
    """Where no host came as far as to write a line, there is no file."""
    assert _spool.read([str(tmp_path / "none")], "r1").records == {}


def test_unwritable_spool_is_one_sentence(tmp_path: Path) -> None:
    """Bad input gets what is wrong and where."""
    with pytest.raises(ValueError, match="The spool .* can't be written"):
        _spool.append(str(tmp_path), entry("a"))


def test_oversized_record_is_refused(tmp_path: Path) -> None:
    """A host can't fill the controller's disk."""
    with pytest.raises(ValueError, match="262144 at most"):
        _spool.append(str(tmp_path / "spool"), entry("a", facts={"x": "y" * 300_000}))
    assert not (tmp_path / "spool").exists()


def test_unknown_outcome_is_refused() -> None:
    """Outcomes are a closed list, since the report has a sentence for each."""
    with pytest.raises(ValueError, match="must be one of"):
        _spool.record(
            run_id="r", host="h", written_at="t", outcome="fine", message=None, groups=(), environment=None, facts=None
        )


def _write(path: str, worker: int) -> None:
    for number in range(50):
        _spool.append(path, entry(f"{worker}-{number}", message="m" * 6000))


def test_many_writers_leave_whole_lines(tmp_path: Path) -> None:
    """Processes append at the same time."""
    path = str(tmp_path / "spool")
    workers = [multiprocessing.get_context("spawn").Process(target=_write, args=(path, worker)) for worker in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spool = _spool.read([path], "r1")
    assert len(spool.records) == 400 and spool.notes == []


@given(st.lists(st.one_of(st.binary(), st.from_type(dict).map(lambda made: json.dumps(made, default=str).encode()))))
def test_hostile_lines_are_left_out(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    """Whatever stands in the file, reading it does not raise and believes nothing without host and run."""
    path = tmp_path_factory.mktemp("spool") / "spool"
    path.write_bytes(b"\n".join(lines))
    assert _spool.read([str(path)], "r1").records == {}
