# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be merged or compared is read whole, or refused in one sentence that names the file."""

from __future__ import annotations

import json

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit import merge_inputs as _merge_inputs
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import write
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.spool import SpoolFile
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read as read_audit
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.audit.test_merge import (
    POLICY,
    audit_of,
    names,
)


def judging(**settings):
    return _merge_inputs.Judging(POLICY, "9.9", **settings)


def spool(path, *records):
    for record in records:
        SpoolFile(str(path)).append(record)
    return str(path)


def test_audits_and_spools_are_told_apart(tmp_path):
    write.write_outputs(read_audit(audit_of("a")), str(tmp_path), ["audit.json"])
    one = spool(tmp_path / "1.jsonl", synthetic.record("b"), synthetic.record("c", "unreachable"))
    two = spool(tmp_path / "2.jsonl", synthetic.record("d"), synthetic.record("e", run_id="run-2"))
    read = _merge_inputs.read_inputs([str(tmp_path / "audit.json"), one, two, str(tmp_path / "gone.json")], judging())
    assert [names(entry.audit.as_plain()) for entry in read.read] == [["a"], ["b", "c", "d"], ["e"]]
    assert read.read[1].source == f"{one}, {two}" and read.missing == [str(tmp_path / "gone.json")]
    assert [
        names(entry.audit.as_plain()) for entry in _merge_inputs.read_inputs([one, two], judging(run_id="run-2")).read
    ] == [["e"]]
    with pytest.raises(ValueError, match="no record of the run run-9, but of run-1, run-2"):
        _merge_inputs.read_inputs([one, two], judging(run_id="run-9"))


def test_of_a_host_that_was_tried_again_the_later_record_counts_and_broken_lines_are_counted(tmp_path):
    later = synthetic.record("b", written_at="2026-11-24T12:05:00Z")
    path = spool(tmp_path / "s.jsonl", later, synthetic.record("b", "unreachable"))
    with open(path, "a") as handle:
        handle.write('{"format": 1, "host": "x\n\n{"format":1,"host":"y","run_id":"run-1","written_at":"soon"}\n')
    (entry,) = _merge_inputs.read_inputs([path], judging()).read
    assert names(entry.audit.as_plain(), "ok") == ["b"]
    assert entry.audit.notes == ("2 spool lines could not be read and were left out.",)


def test_the_audit_on_one_line_is_read_as_well(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps(audit_of("a")))
    assert names(_merge_inputs.read_inputs([str(tmp_path / "a.json")], judging()).read[0].audit.as_plain()) == ["a"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is neither an audit.json nor a spool of this collection."),
        ("hello", "is neither an audit.json nor a spool"),
        ("[1]", "is neither an audit.json nor a spool"),
        ("{}", "is not an audit that this version reads: it has no schema"),
        (
            '{"schema": "fleetaudit.kernel_memory.audit/2"}',
            "its schema is 'fleetaudit.kernel_memory.audit/2', and fleetaudit.kernel_memory.audit/1 is needed",
        ),
        (
            '{"schema": "fleetaudit.kernel_memory.host/1"}\n{"schema": "fleetaudit.kernel_memory.host/1"}\n',
            "it is hosts.jsonl, so give the audit.json",
        ),
        ('{"schema": "fleetaudit.kernel_memory.audit/1"}', "is not a sound audit: run_id is no text"),
    ],
)
def test_a_file_of_another_kind_is_named_in_one_sentence(tmp_path, content, sentence):
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(ValueError) as told:
        _merge_inputs.read_inputs([str(path)], judging())
    assert str(told.value).startswith(f"{path} ") and sentence in str(told.value) and "\n" not in str(told.value)


def test_paths_are_found_by_name_and_by_wildcard(tmp_path):
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "audit.json").write_text("")
    found = _merge_inputs.found_paths(["*/audit.json", "1/audit.json", "3/audit.json"], str(tmp_path))
    assert found == [str(tmp_path / name / "audit.json") for name in ("1", "2", "3")]


def test_a_folder_stands_for_its_report_and_home_for_itself(tmp_path, monkeypatch):
    """Whoever compares names two folders, as the audit printed them."""
    write.write_outputs(read_audit(audit_of("a")), str(tmp_path / "monday"), ["audit.json"])
    monkeypatch.setenv("HOME", str(tmp_path))
    for path in ("monday", "monday/audit.json", "~/monday"):
        assert names(_merge_inputs.read_report(path, str(tmp_path)).as_plain()) == ["a"]
    with pytest.raises(ValueError, match=f"^There is no file {tmp_path}/tuesday.$"):
        _merge_inputs.read_report("tuesday", str(tmp_path))


def test_what_can_not_be_read_is_named_with_the_reason(tmp_path):
    """A folder among the slices is a mistake, and nothing that is missing."""
    (tmp_path / "x.json").mkdir()
    with pytest.raises(ValueError, match="x.json can't be read: Is a directory."):
        _merge_inputs.read_inputs([str(tmp_path / "x.json")], judging())


def test_a_name_with_a_star_in_it_is_the_file_of_that_name(tmp_path):
    """A wildcard counts only where there is no such file."""
    (tmp_path / "a[1].json").write_text("")
    (tmp_path / "a1.json").write_text("")
    assert _merge_inputs.found_paths(["a[1].json"], str(tmp_path)) == [str(tmp_path / "a[1].json")]
    assert _merge_inputs.found_paths(["b*.json"], str(tmp_path)) == []
