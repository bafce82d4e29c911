# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/troubleshooting.md has every sentence with which the code refuses something, and no other."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import REASONS
from ansible_collections.fleetaudit.kernel_memory.tests.docs.sentences import sentences, sentences_of_a_page
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

PAGE = ROOT / "docs" / "troubleshooting.md"
SEEN = ("No host was touched", "NO DATA", "GATE FAIL", "HOLD")
"""What the first table has: the beginnings of what people see."""


def of_the_page() -> set[str]:
    """The sentences of the tables."""
    return {text for text in sentences_of_a_page(PAGE) if not text.startswith(SEEN)}


def of_the_code() -> set[str]:
    """The sentences of all files."""
    return {text for texts in sentences().values() for text in texts}


def test_enough_is_found_in_the_code() -> None:
    """A change of how sentences are written must not empty the comparison."""
    found = sentences()
    assert len(found) > 60 and len(of_the_code()) > 250
    assert "There is no file …." in found["plugins/plugin_utils/audit/merge_inputs.py"]


def test_every_sentence_stands_on_the_page() -> None:
    """Whoever meets one at 3 a.m. finds it by its words. Add a new one to the row of its file."""
    assert sorted(of_the_code() - of_the_page()) == []


def test_the_page_has_no_sentence_that_nobody_says() -> None:
    """It follows the code."""
    assert sorted(of_the_page() - of_the_code()) == []


def test_every_reason_of_a_host_without_data_is_explained() -> None:
    """In the order in which the code has them."""
    rows = re.findall(r"^\| ([a-z_]+) \| ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [row for row in rows if row != "reason"] == list(REASONS)
