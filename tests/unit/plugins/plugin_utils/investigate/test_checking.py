# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host says is checked once: types, ranges and lengths, each in one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.checking import (
    amount,
    clean,
    flag,
    mapping,
    optional_text,
    optional_whole,
    sequence,
    text,
    texts,
    whole,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (amount, True),
        (amount, -1),
        (amount, 2**63),
        (amount, math.nan),
        (amount, math.inf),
        (amount, "7"),
        (whole, 7.0),
        (whole, False),
        (flag, 0),
        (text, None),
        (text, b"x"),
        (mapping, []),
        (mapping, {7: 1}),
        (sequence, ()),
        (sequence, [0] * 5001),
        (texts, ["x", 7]),
        (optional_whole, "x"),
        (optional_text, 7),
    ],
)
def test_what_is_none_is_refused_with_its_name(check: Callable[[object, str], object], value: object) -> None:
    """One sentence that says what was wrong, and nothing of Python."""
    with pytest.raises(ValueError, match=r"^The host's answer can't be used: .*the thing is no .*\.$"):
        check(value, "the thing")


def test_what_is_right_comes_back() -> None:
    """A long text is cut, since it can do no harm; nothing else is changed."""
    assert (amount(2.5, "x"), whole(7, "x"), flag(True, "x"), texts(["a"], "x")) == (2.5, 7, True, ("a",))
    assert text("x" * 999, "x") == "x" * 300
    assert (optional_text(None, "x"), optional_whole(None, "x")) == (None, None)


@given(JSON)
def test_clean_data_can_be_written_as_json_or_is_refused(value: object) -> None:
    """It is kept in investigation.json: numbers that no other program reads must not get there."""
    try:
        found = clean({"it": value})["it"]
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert found == value


def test_what_is_too_deep_is_refused() -> None:
    """A thousand brackets must not end in a RecursionError."""
    deep: object = 1
    for _level in range(1000):
        deep = [deep]
    with pytest.raises(ValueError, match="at most 12 levels"):
        clean({"it": deep})
