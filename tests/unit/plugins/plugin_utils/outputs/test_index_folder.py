# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The index of a folder lists the reports in it, and never takes the place of somebody else's page."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.file_modes import Modes
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.index_folder import runs_of, write_index
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.write import write_outputs
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.spoiling import ODD, changed, places

FIRST, SECOND = "2026-11-23T120000Z", "2026-11-24T120000Z"


def report(folder: Path, name: str, hosts: int = 12) -> str:
    """Write a report and return its folder."""
    write_outputs(read(audits.audit(hosts)), str(folder / name), ["audit.json", "report.html"])
    return str(folder / name)


def test_it_has_every_report_of_the_folder(tmp_path: Path) -> None:
    """With the counts of its audit."""
    report(tmp_path, FIRST)
    path = write_index(report(tmp_path, SECOND, 20), "report.html")
    assert path == str(tmp_path / "index.html")
    assert [run.total for run in runs_of(str(tmp_path), "report.html")] == [12, 20]
    counts = audits.audit(20)["counts"]["all"]
    last = runs_of(str(tmp_path), "report.html")[-1]
    assert (last.critical, last.warning, last.unknown, last.ok) == tuple(
        counts[name] for name in ("critical", "warning", "unknown", "ok")
    )
    text = (tmp_path / "index.html").read_text()
    assert f"{FIRST}/report.html" in text and f"{SECOND}/report.html" in text


def test_a_report_that_was_removed_is_gone_from_it(tmp_path: Path) -> None:
    """It is made anew each time."""
    report(tmp_path, FIRST)
    write_index(report(tmp_path, SECOND), "report.html")
    (tmp_path / FIRST / "audit.json").unlink()
    write_index(str(tmp_path / SECOND), "report.html")
    assert FIRST not in (tmp_path / "index.html").read_text()


ENDLESS = """{
"counts": {"all": {"critical": Infinity, "warning": 0, "unknown": 0, "ok": 0, "total": 0}},
"decision": {"sentence": "All is well."},
"generated_at": "2026-11-23T12:00:00Z",
"hosts": [
"""


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{\n"counts": 3,\n"decision": 4,\n"generated_at": "x",\n"hosts": [\n', ENDLESS]
)
def test_what_is_no_report_is_left_out(tmp_path: Path, text: str) -> None:
    """A half-written or foreign audit.json is no reason to fail."""
    report(tmp_path, SECOND)
    (tmp_path / FIRST).mkdir()
    (tmp_path / FIRST / "audit.json").write_text(text)
    assert [run.folder for run in runs_of(str(tmp_path), "report.html")] == [SECOND]


def test_a_pipe_is_no_report(tmp_path: Path) -> None:
    """Nobody writes to it: a run that reads it never ends."""
    (tmp_path / FIRST).mkdir()
    os.mkfifo(tmp_path / FIRST / "audit.json")
    assert runs_of(str(tmp_path), "report.html") == []


@pytest.mark.parametrize("mode", ["0600", "0640", "0644"])
def test_who_may_read_the_reports_may_read_it(tmp_path: Path, mode: str) -> None:
    """No more and no fewer: the index names what the reports say."""
    write_index(report(tmp_path, SECOND), "report.html", modes=Modes.of(mode))
    assert (tmp_path / "index.html").stat().st_mode & 0o777 == int(mode, 8)


def test_a_page_of_somebody_else_stays(tmp_path: Path) -> None:
    """A web folder may have a page already; a link may lead anywhere."""
    made = report(tmp_path, SECOND)
    (tmp_path / "index.html").write_text("<h1>Mine</h1>")
    assert write_index(made, "report.html") is None and (tmp_path / "index.html").read_text() == "<h1>Mine</h1>"
    (tmp_path / "index.html").unlink()
    (tmp_path / "index.html").symlink_to(tmp_path / "elsewhere")
    assert write_index(made, "report.html") is None


def test_a_report_of_another_name_makes_none(tmp_path: Path) -> None:
    """What stands beside it is not ours: the report's place was chosen by hand."""
    assert write_index(report(tmp_path, "kernel-memory"), "report.html") is None
    assert not (tmp_path / "index.html").exists()


HEAD = {name: audits.audit(2)[name] for name in ("counts", "decision", "generated_at")}


@given(st.sampled_from(places(HEAD)[1:]), ODD, st.booleans())
def test_a_report_that_somebody_has_spoiled_costs_its_own_row_alone(
    tmp_path_factory: pytest.TempPathFactory, path: Any, value: Any, remove: bool
) -> None:
    """However wrong the head of its audit.json is, the others are listed, and the page is one."""
    folder = tmp_path_factory.mktemp("reports")
    for name, head in ((FIRST, changed(HEAD, path, value, remove)), (SECOND, HEAD)):
        (folder / name).mkdir()
        lines = [f'"{key}": {json.dumps(one)},\n' for key, one in head.items()]
        (folder / name / "audit.json").write_text("{\n" + "".join(lines) + '"hosts": [\n')
    write_index(str(folder / SECOND), "report.html")
    text = (folder / "index.html").read_text()
    assert text.count(f"{SECOND}/audit.json") >= 1 and text.endswith("</html>\n")
