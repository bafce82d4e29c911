# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Outputs are written whole or not at all, where the user said, readable by those whom the umask allows."""

from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import write
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.file_modes import Modes
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

RUN, RECORDS = synthetic.fleet(30)
AUDIT = built(RUN, RECORDS, policy_of(None))
ALL = ["audit.json", "hosts.csv", "report.html"]


def test_the_wanted_files_are_there_and_no_others(tmp_path):
    paths = write.write_outputs(read(AUDIT), str(tmp_path / "new" / "folder"), ["hosts.csv", "audit.json"]).paths
    assert paths == {name: str(tmp_path / "new" / "folder" / name) for name in ("hosts.csv", "audit.json")}
    assert sorted(os.listdir(tmp_path / "new" / "folder")) == ["audit.json", "hosts.csv"]


def test_the_same_audit_gives_the_same_bytes(tmp_path):
    first = write.write_outputs(read(AUDIT), str(tmp_path / "1"), ALL).paths
    second = write.write_outputs(read(built(RUN, RECORDS, policy_of(None))), str(tmp_path / "2"), ALL).paths
    for name in ALL:
        with open(first[name], "rb") as one, open(second[name], "rb") as other:
            assert one.read() == other.read(), name


@pytest.mark.parametrize(
    ("mask", "given", "file", "folder"),
    [
        (0o022, None, 0o640, 0o750),
        (0o077, None, 0o600, 0o700),
        (0o000, None, 0o640, 0o750),
        (0o077, "0644", 0o644, 0o755),
        (0o022, "0600", 0o600, 0o700),
    ],
)
def test_a_report_is_not_for_everybody_unless_somebody_says_so(tmp_path, mask, given, file, folder):
    before = os.umask(mask)
    try:
        where = tmp_path / "reports" / "mine"
        path = write.write_outputs(read(AUDIT), str(where), ["hosts.csv"], modes=Modes.of(given)).paths["hosts.csv"]
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(path).st_mode) == file
    assert {stat.S_IMODE(os.stat(one).st_mode) for one in (where, where.parent)} == {folder}


def test_the_mode_of_a_folder_that_is_there_stays(tmp_path):
    os.chmod(tmp_path, 0o711)
    write.write_outputs(read(AUDIT), str(tmp_path), ["hosts.csv"])
    assert stat.S_IMODE(os.stat(tmp_path).st_mode) == 0o711


def test_an_unknown_output_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ValueError, match=r"'report.pdf'.*audit.json, hosts.csv, report.html"):
        write.write_outputs(read(AUDIT), str(tmp_path / "x"), ["audit.json", "report.pdf"])
    assert not (tmp_path / "x").exists()


def test_a_folder_that_can_not_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"The folder .*file/x for the report can't be made: Not a directory"):
        write.write_outputs(read(AUDIT), str(tmp_path / "file" / "x"), ALL)


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    (tmp_path / "audit.json").write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    written = write.write_outputs(read(AUDIT), str(tmp_path), ["audit.json"])
    assert written.paths == {}
    assert written.problems == [f"The output {tmp_path}/audit.json can't be written: No space left on device."]
    assert os.listdir(tmp_path) == ["audit.json"] and (tmp_path / "audit.json").read_text() == "old"


@pytest.mark.parametrize("fault", [ValueError("a number that JSON has no word for"), KeyError("x")])
def test_an_output_that_fails_costs_itself_alone(tmp_path, monkeypatch, fault):
    (tmp_path / "hosts.csv").write_text("old")

    def half(_audit):
        yield "first"
        raise fault

    monkeypatch.setitem(write.RENDERERS, "hosts.csv", half)
    written = write.write_outputs(read(AUDIT), str(tmp_path), ["hosts.csv", "findings.csv", "audit.json"])
    assert list(written.paths) == ["audit.json", "findings.csv"]
    (problem,) = written.problems
    assert problem.endswith(".") and str(fault).strip("'") in problem
    assert (tmp_path / "hosts.csv").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["audit.json", "findings.csv", "hosts.csv"]


def test_the_audit_comes_first_then_the_page(tmp_path):
    """From the audit anything else can be made again, and the page is what people read."""
    wanted = ["metrics.prom", "report.html", "hosts.csv", "audit.json"]
    written = write.write_outputs(read(AUDIT), str(tmp_path), wanted)
    assert list(written.paths) == ["audit.json", "report.html", "metrics.prom", "hosts.csv"]


def test_an_output_can_have_another_name(tmp_path):
    paths = write.write_outputs(
        read(AUDIT), str(tmp_path), ["audit.json", "junit.xml"], {"junit.xml": "TEST-kernel.xml"}
    ).paths
    assert paths == {"audit.json": str(tmp_path / "audit.json"), "junit.xml": str(tmp_path / "TEST-kernel.xml")}
    assert sorted(os.listdir(tmp_path)) == ["TEST-kernel.xml", "audit.json"]


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "../x", "a\\b", "a\nb", "a\0", "x" * 300, 7, None])
def test_a_name_that_leads_elsewhere_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=r"of hosts.csv can't be used"):
        write.write_outputs(read(AUDIT), str(tmp_path), ["hosts.csv"], {"hosts.csv": name})
    assert os.listdir(tmp_path) == []


def test_two_outputs_of_one_name_are_refused():
    with pytest.raises(ValueError, match=r"audit.json and hosts.csv would both be written to audit.json"):
        write.check_outputs(["audit.json", "hosts.csv"], {"hosts.csv": "audit.json"})
    with pytest.raises(ValueError, match=r"'audit.jsn' are not known"):
        write.check_outputs(["audit.json"], {"audit.jsn": "x.json"})
    # Of two that are swapped, each has its own name.
    write.check_outputs(["audit.json", "hosts.csv"], {"hosts.csv": "audit.json", "audit.json": "hosts.csv"})


def test_text_and_pieces_are_both_taken(tmp_path):
    assert write.write_files({str(tmp_path / "a"): "ä", str(tmp_path / "b"): iter(["b", "c"])}) == [
        str(tmp_path / "a"),
        str(tmp_path / "b"),
    ]
    assert (tmp_path / "a").read_text(encoding="utf-8") == "ä" and (tmp_path / "b").read_text() == "bc"
