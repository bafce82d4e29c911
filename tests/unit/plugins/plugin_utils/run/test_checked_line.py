# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines whose facts were checked where they arrived: the report makes of them what it makes of any other."""

from __future__ import annotations

import copy
import json
import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.stream import Streamed
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.unnamed_file import Scrap
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import ENCODER
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.ready_json import READY
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run import checked_line
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import KeptFacts, SpoolFile, read
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic

HOSTILE = 'a\tb","attribution":{\t"pressure":\u2028\x00}}'
NAMES = tuple(f"web{number}" for number in range(6))


def records() -> dict[str, dict[str, Any]]:
    """Hosts that are well, one that is ill, one with hostile words, one whose facts are of a wrong type."""
    made = {name: synthetic.record(name, format=2, way="task", cause=None) for name in NAMES}
    made["web1"]["facts"] = synthetic.facts("web1", slab_share=0.4)
    odd = made["web2"]["facts"]
    odd["host"]["kernel_release"] = odd["unavailable"][HOSTILE] = HOSTILE
    odd["attribution"]["slab_caches"]["caches"][0]["name"] = HOSTILE
    odd["attribution"][HOSTILE] = {"complete": True}
    odd["attribution"]["objects"] = {"complete": "yes"}
    made["web3"]["facts"]["host"]["uptime_seconds"] = "long"
    made["web4"]["facts"]["attribution"] = {}
    made["web5"]["facts"]["attribution"] = None
    return made


def written(folder: Path) -> Path:
    """A spool of them, as the gathering writes it."""
    path = folder / "spool"
    for record in records().values():
        SpoolFile(str(path)).append(record)
    return path


def audit_of(path: Path) -> str:
    """audit.json of what a spool holds, made as the report makes it."""
    scrap = Scrap(str(path.parent))
    spool = read([str(path)], "run-1", in_short=True)
    run = synthetic.run(NAMES)
    said = "".join(audit_json.pieces(Streamed(run, spool.records, policy_of(None), scrap).audit()))
    scrap.close()
    return said


def with_check_value(text: str) -> bytes:
    """A line with a check value that is right."""
    return f'\n{text},"crc":"{zlib.crc32(text.encode()):08x}"}}\n'.encode()


def as_written_before(path: Path) -> None:
    """Write the spool anew as the release before wrote it: what the hosts said, in format 2."""
    lines = [json.dumps({**one, "format": 2}, separators=(",", ":"))[:-1] for one in records().values()]
    path.write_bytes(b"".join(map(with_check_value, lines)))


def formats(path: Path) -> list[int]:
    """The formats of its lines."""
    return [json.loads(line)["format"] for line in path.read_bytes().split(b"\n") if line]


def test_the_report_is_the_same_of_lines_of_both_formats(tmp_path: Path) -> None:
    """To the byte, though of one nothing was checked before, and of the other nothing is encoded again."""
    path = written(tmp_path)
    assert formats(path) == [3, 3, 3, 2, 3, 3]
    now = audit_of(path)
    as_written_before(path)
    assert formats(path) == [2] * 6
    assert audit_of(path) == now
    assert {host["name"]: host["verdict"] for host in json.loads(now)["hosts"]}["web1"] == "critical"


def test_a_line_is_json_that_anybody_can_read(tmp_path: Path) -> None:
    """Tools of others, and a report of a run whose records go to a history, read whole lines."""
    (line, *_rest) = [one for one in written(tmp_path).read_bytes().split(b"\n") if one]
    facts = json.loads(line)["facts"]
    assert facts == checked_facts(records()["web0"]["facts"]).as_plain()
    assert read([str(tmp_path / "spool")], "run-1").records["web0"]["facts"] == facts
    kept = read([str(tmp_path / "spool")], "run-1", in_short=True).records["web0"]["facts"]
    assert isinstance(kept, KeptFacts) and kept.read() == facts


def test_what_is_ready_is_what_would_be_made(tmp_path: Path) -> None:
    """Of every member, on every host with a line of this format."""
    for name, record in read([str(written(tmp_path))], "run-1", in_short=True).records.items():
        told = record["facts"].told()
        if name == "web3":
            assert told.ready is None
            continue
        plain = checked_facts(told.facts).as_plain()
        assert dict(told.ready.members) == {one: ENCODER.encode(plain[one]) for one in READY}
        assert {one: json.loads(text) for one, text in told.ready.parts.items()} == plain["attribution"]


def test_lines_of_another_version_are_checked_and_encoded_anew(tmp_path: Path) -> None:
    """What another version found right may be wrong for this one."""
    path = written(tmp_path)
    now = audit_of(path)
    lines = [line.rpartition(b',"crc":')[0].decode() for line in path.read_bytes().split(b"\n") if line]
    path.write_bytes(b"".join(with_check_value(line.replace('"version":"', '"version":"9.', 1)) for line in lines))
    kept = read([str(path)], "run-1", in_short=True).records
    assert [record["facts"].told().ready for record in kept.values()] == [None] * 6
    assert audit_of(path) == now


def test_a_spool_of_somebody_else_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its facts are checked as any; what it has ready is not taken. A stand-in for another user's file: this process
    believes that it runs as another user.
    """
    path = written(tmp_path)
    now = audit_of(path)
    kept = read([str(path)], "run-1", in_short=True).records["web0"]["facts"]
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert kept.told().ready is None
    assert audit_of(path) == now


@pytest.mark.parametrize("what", [b"slab_caches", b'"kind"', b"reserved_bytes", b"collected_at"])
def test_a_line_that_was_edited_by_hand_is_left_out(tmp_path: Path, what: bytes) -> None:
    """Wherever: the check value no longer fits."""
    path = written(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content.replace(what, what[:-1] + b"_", 1))
    spool = read([str(path)], "run-1", in_short=True)
    assert "web0" not in spool.records and len(spool.records) == 5
    assert spool.notes == ["1 spool lines could not be read and were left out."]


def test_a_byte_that_is_damaged_after_the_index_was_made_is_no_answer(tmp_path: Path) -> None:
    """The report reads a line twice; a disk may change it in between."""
    path = written(tmp_path)
    kept = read([str(path)], "run-1", in_short=True).records["web0"]["facts"]
    content = bytearray(path.read_bytes())
    content[kept.offset + kept.length // 2] ^= 1
    path.write_bytes(bytes(content))
    assert kept.told().facts is None
    path.unlink()
    assert kept.told().facts is None


@given(cut=st.lists(st.integers(0, 40), max_size=4), odd=st.sampled_from(["", "{", "\t", '"x":', "}}", "1"]))
def test_a_line_in_other_pieces_is_read_as_a_whole_or_not_at_all(cut: list[int], odd: str) -> None:
    """Even where its check value is right: no other error than the report's sentence on a host."""
    text = checked_line.encoded(copy.deepcopy(records()["web0"]))
    assert text is not None
    pieces = text.split("\t")
    for place in cut:
        pieces[1 + place % (len(pieces) - 1)] = odd
    told = checked_line.told("\t".join(pieces))
    if told is not None:
        try:
            checked_facts(told.facts).as_plain()
        except ValueError as exc:
            assert str(exc)


def test_facts_that_are_wrong_are_left_for_the_report_to_say() -> None:
    """A host with facts of a wrong type has a line of the old format, and its sentence in the report."""
    assert checked_line.encoded(records()["web3"]) is None
    assert checked_line.encoded({**records()["web0"], "facts": None}) is None
