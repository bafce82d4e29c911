# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Around a report: index, link and old reports, each alone, whether an audit or a merge made the report."""

from __future__ import annotations

import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import write
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.file_modes import Modes
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.tidy import Tidying
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

AUDIT = built(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, policy_of(None))
OLD, NEW = "2026-11-01T120000Z", "2026-11-02T120000Z"


@pytest.fixture
def reports(tmp_path):
    """Two reports, whose audit and page have names of the user's."""
    for name in (OLD, NEW):
        write.write_outputs(read(AUDIT), str(tmp_path / name), ["audit.json", "report.html"], NAMES)
    return tmp_path


NAMES = {"audit.json": "kernel.json", "report.html": "page.html"}


def test_a_report_has_its_row_in_the_index_and_nothing_else_happens_unasked(reports):
    """By default old reports stay and no link is made; files that are called otherwise are found."""
    assert Tidying(names=NAMES).around(str(reports / NEW)) == []
    assert sorted(os.listdir(reports)) == [OLD, NEW, "index.html"]
    index = (reports / "index.html").read_text()
    assert f'href="{OLD}/page.html"' in index and f'href="{NEW}/page.html"' in index


def test_what_is_asked_for_is_done_before_the_index_is_made(reports):
    """The index must not list a report that has just been removed, and is for the readers of the reports."""
    tidying = Tidying(latest=True, keep=1, names=NAMES, modes=Modes.of("0604"))
    assert tidying.around(str(reports / NEW)) == []
    assert sorted(os.listdir(reports)) == [NEW, "index.html", "latest"]
    assert OLD not in (reports / "index.html").read_text()
    assert (reports / "index.html").stat().st_mode & 0o777 == 0o604


def test_what_can_not_be_done_is_a_sentence_and_costs_the_rest_nothing(reports):
    """A folder in the link's place and a note of the user's in an old report are two sentences beside an index."""
    (reports / "latest").mkdir()
    (reports / OLD / "notes.txt").write_text("mine")
    problems = Tidying(latest=True, keep=1, names=NAMES).around(str(reports / NEW))
    assert len(problems) == 2 and "is not a link" in problems[0] and "notes.txt" in problems[1]
    assert (reports / "index.html").exists() and (reports / OLD / "notes.txt").exists()


def test_keeping_no_report_is_refused_before_anything_is_done():
    """The number is said to be wrong when it is given, not after hours of gathering."""
    with pytest.raises(ValueError, match="must be 1 at least"):
        Tidying(keep=0)
