# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A broken export gets one sentence: which line, how it begins, what it should be, what to do."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.broken_json import json_of

AGAIN = "save it again, whole, and import that."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "This is empty, and is not an answer; " + AGAIN),
        ('{"a":\n[1, 2', "This ends too early, in line 2, and is not an answer; " + AGAIN),
        ('{"a":\n oops}', "Line 2 of this, which begins with '{\"a\": oops}', is not an answer; " + AGAIN),
        ("[" * 100_000, "This is not an answer: it is nested too deeply; " + AGAIN),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(text: str, sentence: str) -> None:
    """Python's own words ("Expecting value: line 1 column 1") help nobody."""
    with pytest.raises(ValueError) as caught:
        json_of(text, "an answer")
    assert str(caught.value) == sentence


def test_a_place_that_the_caller_knows_is_told_instead() -> None:
    """Of a file with a document a line, the line of the file counts."""
    with pytest.raises(ValueError, match="^all.jsonl, line 7: this, which begins with 'x',"):
        json_of("x", "a record", place="all.jsonl, line 7")


def test_what_is_sound_comes_back() -> None:
    """Whatever it is."""
    assert json_of('{"a": [1]}', "an answer") == {"a": [1]}
