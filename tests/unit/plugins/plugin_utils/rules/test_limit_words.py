# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of findings: every cell has them, and text from hosts can't break them."""

from __future__ import annotations

import subprocess

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.dimensions import JUDGED, LIMITED, TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules import limit_words as _explain
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.safe import one_line
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words import labels as _words


@pytest.mark.parametrize("dimension", LIMITED)
def test_every_dimension_has_words_for_its_limit(dimension):
    assert _explain.words(dimension, "limit", "bytes").subject


@pytest.mark.parametrize("cell", _explain.WORDS)
def test_the_words_of_a_cell_are_whole_sentences_and_one_command(cell):
    words = _explain.WORDS[cell]
    assert words.next_step.endswith(".")
    assert words.next_step[0].isupper() and words.subject[0].isupper()
    assert "\n" not in words.command
    assert not words.subject.endswith(".")


@pytest.mark.parametrize("cell", _explain.WORDS)
def test_commands_are_valid_shell(cell):
    subprocess.run(["sh", "-n", "-c", _explain.WORDS[cell].command], check=True)


def test_every_dimension_has_a_label_in_the_outputs():
    assert set(JUDGED) <= set(_words.DIMENSION_WORDS)
    assert TOTAL in _words.DERIVED_LABELS


def test_text_from_hosts_becomes_one_short_line():
    assert one_line("a\nb\x1b[31m\u202ec  d") == "a b [31m c d"
    assert one_line("x" * 500) == "x" * 199 + "…"


def test_holders_are_named_up_to_three():
    assert _explain.holders_remark(["a", "b\n"]) == "a, b may hold it and can't be measured"
    assert _explain.holders_remark(list("abcde")) == "a, b, c and 2 more may hold it and can't be measured"


def test_the_largest_part_is_named():
    assert _explain.largest_part_remark({"vmalloc": 1024, "percpu": 2048}) == "its largest part is percpu with 2 KiB"
