# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a value of a policy may be: everything at its borders, text as ansible-core 2.16 gives it, and nothing else."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy import schema

CHECKS = {
    "percent": schema.percent,
    "times": schema.times,
    "share": schema.share_of_level,
    "whole": schema.whole(3, 1000),
    "size": schema.size,
    "deviations": schema.SIMILAR_HOSTS_KEYS["z"],
    "windows": schema.HISTORY_KEYS["windows_days"],
}


@pytest.mark.parametrize(
    ("check", "given_value", "plain"),
    [
        ("percent", 0.001, 0.001),
        ("percent", 100, 100),
        ("percent", 5.0, 5),
        ("percent", " 2.5 ", 2.5),
        ("times", 1, 1),
        ("times", 1000, 1000),
        ("times", "1.5", 1.5),
        ("share", 1000, 1000),
        ("share", 0.5, 0.5),
        ("whole", 3, 3),
        ("whole", 1000, 1000),
        ("whole", "7", 7),
        ("whole", 7.0, 7),
        ("size", "1 KiB", 1024),
        ("size", 1, 1),
        ("deviations", 100, 100),
        ("windows", [2], [2]),
        ("windows", (2, 7, 30, 365, 730), [2, 7, 30, 365, 730]),
        ("windows", ["7", 14.0], [7, 14]),
    ],
)
def test_what_may_stand_there(check: str, given_value: Any, plain: Any) -> None:
    """In its plain form: a whole number is no float, so that two ways to write it are one policy."""
    found = CHECKS[check](given_value)
    assert found == plain and type(found) is type(plain)


PERCENTAGE, FACTOR, SIGN = (
    "must be a percentage above 0 and up to 100.",
    "must be a factor from 1 to 1000.",
    "percent sign",
)
WHOLE, WINDOWS = "must be a whole number from 3 to 1,000.", "must be a list of 1 to 5 numbers of days from 2 to 730"


@pytest.mark.parametrize(
    ("check", "given_value", "said"),
    [
        ("percent", 0, PERCENTAGE),
        ("percent", -1, PERCENTAGE),
        ("percent", 100.001, PERCENTAGE),
        ("percent", "5 %", SIGN),
        ("share", "50%", SIGN),
        ("percent", True, "must be a number."),
        ("percent", None, "must be a number."),
        ("percent", "many", "must be a number."),
        ("percent", "1e3", "must be a number."),
        ("percent", math.nan, "must be a finite number."),
        ("times", math.inf, "must be a finite number."),
        ("times", 0.999, FACTOR),
        ("times", 1000.5, FACTOR),
        ("share", 0, "must be a percentage above 0 and up to 1000."),
        ("share", 1001, "must be a percentage above 0 and up to 1000."),
        ("whole", 2, WHOLE),
        ("whole", 1001, WHOLE),
        ("whole", 3.5, WHOLE),
        ("whole", "x", WHOLE),
        ("whole", math.inf, WHOLE),
        ("size", 0, "must be above 0; write none to leave it out."),
        ("deviations", 0, "must be a number above 0 and up to 100."),
        ("deviations", 101, "must be a number above 0 and up to 100."),
        ("windows", [], WINDOWS),
        ("windows", [2, 3, 4, 5, 6, 7], WINDOWS),
        ("windows", [7, 2], WINDOWS),
        ("windows", [7, 7], WINDOWS),
        ("windows", [1, 7], WINDOWS),
        ("windows", [7, 731], WINDOWS),
        ("windows", 7, WINDOWS),
        ("windows", "27", WINDOWS),
    ],
)
def test_what_may_not(check: str, given_value: Any, said: str) -> None:
    """The rest of a sentence that begins with the key: what it must be."""
    with pytest.raises(ValueError, match="must be") as error:
        CHECKS[check](given_value)
    assert said in str(error.value)


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers() | st.text())


@given(st.sampled_from(sorted(CHECKS)), ANYTHING)
def test_anything_is_taken_or_refused_in_a_sentence(check: str, value: Any) -> None:
    """And what was taken is taken again, as itself: a resolved policy can be resolved."""
    try:
        plain = CHECKS[check](value)
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert CHECKS[check](plain) == plain


@pytest.mark.parametrize(
    ("value", "off"), [(None, True), ("none", True), (" None ", True), ("", False), (0, False), (False, False)]
)
def test_what_says_that_there_is_no_limit(value: Any, off: bool) -> None:
    """An empty text or a zero says nothing of the kind; it is a mistake."""
    assert schema.is_off(value) == off


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ("production", True),
        ("web_1.a-b", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("-a", False),
        ("", False),
        (7, False),
    ]
    + [("a b", False), ("größer", False), ("a\n", False)],
)
def test_names_of_environments(value: Any, good: bool) -> None:
    """They become parts of file names and of metrics."""
    assert schema.is_name(value) == good


def test_a_line_is_one_printable_line() -> None:
    """Reasons of waivers stand in terminals and pages."""
    assert schema.is_line("a" * 20, 20) and not schema.is_line("a" * 21, 20)
    assert not any(schema.is_line(text, 99) for text in ("", "  ", "a\nb", "a\x1b[31m", 7, None))


def test_a_path_quotes_what_is_no_plain_word() -> None:
    """So that a key which is a sentence, or is none at all, can be found in the file."""
    assert schema.join_path("limits", "slab-x", "a_1") == "limits.slab-x.a_1"
    assert schema.join_path("limits", "a b", 7, "ü" * 50) == 'limits."a b"."7"."' + "\\u00fc" * 40 + '"'


@pytest.mark.parametrize("dimension", schema.LIMITED)
def test_a_limit_has_the_keys_that_its_defaults_use(dimension: str) -> None:
    """A default that nobody could write would be a policy that can't be exported and read again."""
    for level in schema.LEVELS:
        for key, value in (schema.RULES[dimension].defaults.limit(level) or {}).items():
            assert schema.LIMIT_KEYS[dimension][key](value) == value
