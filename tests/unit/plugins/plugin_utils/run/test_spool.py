# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spool: whole lines from many writers, and nothing believed that is not a record of this run."""

from __future__ import annotations

import json
import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import (
    FANOUT,
    SpoolFile,
    TooLongError,
    asked_otherwise,
    is_spool,
    read,
    record,
)


def entry(host: str, run_id: str = "r1", **more: Any) -> dict[str, Any]:
    """A record."""
    made = record(
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


def write(path: Path, *entries: dict[str, Any]) -> str:
    """A spool with these lines; its path."""
    for made in entries:
        SpoolFile(str(path)).append(made)
    return str(path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Round trip, the last record of a host winning."""
    path = write(tmp_path / "spool", entry("a"), entry("b"), entry("a", message="again"))
    spool = read([path], "r1")
    assert spool.records == {"a": entry("a", message="again"), "b": entry("b")}
    assert spool.notes == []


def test_of_two_records_the_later_counts_wherever_it_stands(tmp_path: Path) -> None:
    """A host that was asked again has one record, the same whether a report or a merge reads the spools."""
    later = entry("a", written_at="2026-11-24T12:05:00Z", message="later")
    one, two = write(tmp_path / "1", later), write(tmp_path / "2", entry("a"))
    assert read([one, two], "r1").records["a"]["message"] == "later"
    assert read([two, one], "r1").records["a"]["message"] == "later"


def test_a_host_that_has_answered_is_not_lost_by_a_later_look_that_failed(tmp_path: Path) -> None:
    """A second reading that can't be had leaves the first; one that answers takes its place, and is told."""
    first, again = entry("a", message="first"), entry("a", written_at="2026-11-24T12:05:00Z", message="again")
    lost = entry("a", written_at="2026-11-24T12:09:00Z", outcome="unreachable", facts=None, message="lost")
    for number, lines in enumerate(((first, lost), (lost, first))):
        spool = read([write(tmp_path / str(number), *lines)], "r1")
        assert spool.records["a"]["message"] == "first" and spool.how() == []
    spool = read([write(tmp_path / "3", first, again, lost)], "r1")
    assert spool.records["a"]["message"] == "again"
    assert spool.how() == ["1 host with a finding was read a second time, for who holds the memory."]


def test_the_same_answer_in_two_files_is_no_second_look(tmp_path: Path) -> None:
    """Slices may overlap."""
    paths = [write(tmp_path / name, entry("a")) for name in "12"]
    assert read(paths, "r1").how() == []


def test_lines_of_version_0_1_0_are_read(tmp_path: Path) -> None:
    """A spool that an older version left holds data of hosts; its lines have no check value."""
    old = {
        "format": 1,
        "run_id": "r1",
        "phase": "audit",
        "host": "a",
        "written_at": "2026-11-24T12:00:00Z",
        "outcome": "facts",
        "message": None,
        "groups": [],
        "environment": None,
        "facts": {"a": 1},
    }
    (tmp_path / "spool").write_text("\n" + json.dumps(old, separators=(",", ":")) + "\n")
    spool = read([str(tmp_path / "spool")], "r1")
    assert spool.records == {"a": old} and spool.notes == []


@pytest.mark.parametrize("at", [0.2, 0.5, 0.9, 0.99])
def test_a_line_with_a_changed_byte_is_left_out(tmp_path: Path, at: float) -> None:
    """A number that a disk has changed would be judged as if a host had said it."""
    path = tmp_path / "spool"
    write(path, entry("a", facts={"a": 111111111111111111}), entry("b"))
    content = bytearray(path.read_bytes())
    first = content.index(b"\n", 1)
    content[int(first * at)] ^= 1
    path.write_bytes(bytes(content))
    spool = read([str(path)], "r1")
    assert list(spool.records) == ["b"]
    assert spool.notes == ["1 spool lines could not be read and were left out."]


def test_a_line_of_this_format_needs_its_check_value(tmp_path: Path) -> None:
    """Without one, half a line that happens to be JSON would pass."""
    (tmp_path / "spool").write_text(json.dumps(entry("a")) + "\n")
    assert read([str(tmp_path / "spool")], "r1").records == {}


def test_spool_is_private(tmp_path: Path) -> None:
    """It holds machine ids and what else hosts say."""
    write(tmp_path / "spool", entry("a"))
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_is_not_followed(tmp_path: Path, there: bool) -> None:
    """In a folder that others can write, a link would lead the records into a file of theirs, or of ours."""
    (tmp_path / "spool").symlink_to(tmp_path / "target")
    if there:
        write(tmp_path / "target", entry("a"))
    with pytest.raises(ValueError, match="it is a symbolic link, which is not followed"):
        write(tmp_path / "spool", entry("b"))
    with pytest.raises(ValueError, match="it is a symbolic link, which is not followed"):
        read([str(tmp_path / "spool")], "r1")
    assert (tmp_path / "target").exists() is there


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    """A pipe at its place would make every worker wait for a reader."""
    os.mkfifo(tmp_path / "spool")
    with pytest.raises(ValueError, match="The spool .* can't be written|is no regular file"):
        write(tmp_path / "spool", entry("a"))


def test_a_record_cut_short_does_not_spoil_the_next(tmp_path: Path) -> None:
    """A full disk may cut a line; the next begins on a line of its own."""
    path = tmp_path / "spool"
    write(path, entry("a"))
    path.write_bytes(path.read_bytes()[:-20])
    write(path, entry("b"))
    spool = read([str(path)], "r1")
    assert list(spool.records) == ["b"]
    assert spool.notes == ["1 spool lines could not be read and were left out."]


def test_records_of_other_runs_are_refused_and_counted(tmp_path: Path) -> None:
    """Yesterday's numbers must not stand in today's report."""
    path = write(tmp_path / "spool", entry("a", run_id="yesterday"))
    spool = read([path], "r1")
    assert spool.records == {} and spool.notes == ["1 spool records of other runs were left out."]


def test_missing_spool_is_empty(tmp_path: Path) -> None:
    """Where no host came as far as to write a line, there is no file."""
    assert read([str(tmp_path / "none")], "r1").records == {}


def test_unwritable_spool_is_one_sentence(tmp_path: Path) -> None:
    """Bad input gets what is wrong and where."""
    with pytest.raises(ValueError, match="The spool .* can't be written"):
        write(tmp_path, entry("a"))


def test_oversized_record_is_refused(tmp_path: Path) -> None:
    """A host can't fill the controller's disk; it is told from a disk that takes no more."""
    with pytest.raises(TooLongError, match="262144 at most"):
        write(tmp_path / "spool", entry("a", facts={"x": "y" * 300_000}))
    assert not (tmp_path / "spool").exists()


@pytest.mark.parametrize("wrong", [{"outcome": "fine"}, {"cause": "bad luck"}, {"way": "by post"}])
def test_unknown_words_are_refused(wrong: dict[str, str]) -> None:
    """Outcomes and causes are closed lists, since the report has a sentence for each."""
    known: dict[str, Any] = {"outcome": "failed", "cause": None, "way": FANOUT}
    others = {"run_id": "r", "host": "h", "written_at": "t", "message": None, "groups": (), "environment": None}
    with pytest.raises(ValueError, match="must be one of"):
        record(**others, facts=None, **{**known, **wrong})


def test_the_ways_of_asking_are_counted_with_the_reasons(tmp_path: Path) -> None:
    """The operator sees how many hosts cost a worker each, and why; where all had a task each there is nothing to
    say.
    """
    hosts = [entry(f"h{number}", way=FANOUT) for number in range(3)]
    notes = [asked_otherwise("r1", name, "2026-11-24T12:00:00Z", "the connection is not ssh") for name in ("x", "y")]
    path = write(tmp_path / "spool", *hosts, *notes, entry("x"))
    spool = read([path], "r1")
    assert list(spool.records) == ["h0", "h1", "h2", "x"]
    assert spool.how() == ["3 hosts were asked by one process, 2 by a task each (2: the connection is not ssh)."]
    assert read([write(tmp_path / "other", entry("x"))], "r1").how() == []


def test_a_spool_is_told_from_other_files(tmp_path: Path) -> None:
    """A merge is given both, by wildcards."""
    assert is_spool(write(tmp_path / "spool", entry("a")))
    (tmp_path / "audit.json").write_text('{"schema": "x", "run_id": "r1"}')
    assert not is_spool(str(tmp_path / "audit.json"))
    assert not is_spool(str(tmp_path))
    assert not is_spool(str(tmp_path / "none"))


def _write(path: str, worker: int) -> None:
    for number in range(50):
        SpoolFile(path).append(entry(f"{worker}-{number}", message="m" * 6000))


def test_many_writers_leave_whole_lines(tmp_path: Path) -> None:
    """Processes append at the same time."""
    path = str(tmp_path / "spool")
    workers = [multiprocessing.get_context("spawn").Process(target=_write, args=(path, worker)) for worker in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    spool = read([path], "r1")
    assert len(spool.records) == 400 and spool.notes == []


@given(st.lists(st.one_of(st.binary(), st.from_type(dict).map(lambda made: json.dumps(made, default=str).encode()))))
def test_hostile_lines_are_left_out(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    """Whatever stands in the file, reading it does not raise and believes nothing without host and run."""
    path = tmp_path_factory.mktemp("spool") / "spool"
    path.write_bytes(b"\n".join(lines))
    assert read([str(path)], "r1").records == {}


@given(st.text(), st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_whatever_a_host_says_comes_back(tmp_path_factory: pytest.TempPathFactory, host: str, value: object) -> None:
    """Text from strangers, lone surrogates and line ends included, is a line like any other."""
    path = tmp_path_factory.mktemp("spool") / "spool"
    made = entry(host, facts={"value": value})
    assert read([write(path, made)], "r1").records == {host: made}
