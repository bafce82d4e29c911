# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/troubleshooting.md has every sentence with which the code refuses something, and no other."""

from __future__ import annotations

import re
import sys

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import REASONS
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from sentences import PAGE, rewritten, sentences


def test_enough_is_found_in_the_code() -> None:
    """A change of how sentences are written must not empty the comparison."""
    found = sentences()
    assert len(found) > 60 and len({text for texts in found.values() for text in texts}) > 250
    assert "There is no file …." in found["plugins/plugin_utils/audit/merge_inputs.py"]


def test_the_page_has_the_sentences_of_the_code() -> None:
    """Whoever meets one at 3 a.m. finds it by its words. ``tools/sentences.py`` puts them in; a file that is new to it
    needs a row: what its sentences mean, and what to do.
    """
    page = PAGE.read_text(encoding="utf-8")
    expected, files_without_row = rewritten(page, sentences())
    assert files_without_row == []
    assert set(expected.splitlines()) - set(page.splitlines()) == set()


def test_a_sentence_that_is_gone_or_new_is_seen() -> None:
    """The comparison can fail, in both directions."""
    page = "| `old one.`<br>`both, … are.` | it means | what to do <!-- plugins/a.py --> |\n"
    text, left = rewritten(page, {"plugins/a.py": {"both, … are.", "a | new `one`."}, "cli/b.py": {"no row for it."}})
    assert text == "| `` a \\| new `one`. ``<br>`both, … are.` | it means | what to do <!-- plugins/a.py --> |\n"
    assert left == ["cli/b.py"]


def test_every_row_of_sentences_names_files_that_are_there() -> None:
    """One that was moved or removed takes its sentences along."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `") and "<br>" in line]
    assert [row for row in rows if "<!-- " not in row] == []
    found = sentences()
    for row in rows:
        for name in row.partition("<!-- ")[2].partition(" -->")[0].split():
            assert found.get(name), name


def test_every_reason_of_a_host_without_data_is_explained() -> None:
    """In the order in which the code has them."""
    rows = re.findall(r"^\| ([a-z_]+) \| ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [row for row in rows if row != "reason"] == list(REASONS)
