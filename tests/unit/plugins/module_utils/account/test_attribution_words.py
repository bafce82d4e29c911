# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why there is no part of an attribution, or not all of one: each reason says what to do, or what was seen."""

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.attribution_words import (
    share_text,
    why_absent,
    why_cut,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import NAMES

GIB = 1 << 30
ABOUT = {"sizes": {"Slab": GIB, "PageTables": GIB // 2, "MemTotal": 100 * GIB}, "threads": 700}
OF_A_FILE = sorted(set(NAMES) - {"objects", "pressure"})


@pytest.mark.parametrize("subset", OF_A_FILE)
@pytest.mark.parametrize("error", ["EACCES", "EPERM", "ENOENT", "ENOTDIR", "ENODEV", "EOPNOTSUPP"])
def test_every_part_has_words_for_being_refused_and_for_being_absent(subset, error):
    """The two are told apart: only for the first is become a help."""
    said = why_absent(subset, subset, None, error, ABOUT)
    assert error in said and said.endswith(".")
    refused = error in ("EACCES", "EPERM")
    assert ("become" in said) == (refused and subset != "numa")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, None),
        ("deadline", "The collector's deadline came before it; give it more time with the option deadline."),
        ("too_large", "It is too large to be read."),
        ("EIO", "It could not be read (EIO)."),
        ("\x1b[31mEIO" + "x" * 99, "It could not be read ([31mEIO" + "x" * 25 + ")."),
        (7, "It could not be read (no reason given)."),
    ],
)
def test_other_errors(error, said):
    """What a hostile host says of itself is cleaned and cut; where there is no error nothing is said."""
    assert why_absent("slab_caches", "slab", None, error, ABOUT) == said


@pytest.mark.parametrize(
    ("name", "about", "said"),
    [
        ("slab_caches", ABOUT, "Not gathered, since slab is small (1.0 % of RAM)."),
        (
            "page_table_processes",
            ABOUT,
            "Not gathered, since page tables are small (0.5 % of RAM) and there are only 700 threads.",
        ),
        (
            "page_table_processes",
            dict(ABOUT, threads=None),
            "Not gathered, since page tables are small (0.5 % of RAM).",
        ),
        ("slab_caches", {"sizes": {}, "threads": 1}, "Not gathered, since there is little to attribute."),
    ],
)
def test_what_was_not_needed_says_so_in_numbers(name, about, said):
    """Whoever doubts it can check the share by hand."""
    assert why_absent(name, "slab", "not_needed", "EACCES", about) == said


@pytest.mark.parametrize(
    ("cut", "duration", "said"),
    [
        ("limit", 900, "Cut at the collector's limit; the list is not of all caches."),
        ("deadline", 2000, "Cut after 2 s; the list is of the caches seen until then."),
        ("deadline", 2340, "Cut after 2.3 s; the list is of the caches seen until then."),
        ("deadline", None, "Cut by the deadline; the list is of the caches seen until then."),
    ],
)
def test_what_was_cut_says_when(cut, duration, said):
    """A list that was cut is no list of all."""
    assert why_cut("slab", cut, duration) == said


@pytest.mark.parametrize("subset", sorted(set(NAMES) - {"objects"}))
def test_whatever_can_be_cut_has_a_word_for_what_was_seen(subset):
    """A part without one would end the account of its host."""
    assert "the list is not of all" in why_cut(subset, "limit", None)


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (None, 100, None),
        (1, None, None),
        (1, 0, None),
        (0, 100, "less than 0.1 %"),
        (49, 100000, "less than 0.1 %"),
        (50, 100000, "0.1 %"),
        (1, 3, "33.3 %"),
        (100, 100, "100.0 %"),
    ],
)
def test_a_share_in_words(part, whole, said):
    """Little is not nothing."""
    assert share_text(part, whole) == said
