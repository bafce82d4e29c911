# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data from outside: each value is what it has to be, or is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import plain_values

GOOD: list[tuple[Callable[[object], object], object, object]] = [
    (plain_values.text, "a\0", "a\\x00"),
    (plain_values.text_or_none, None, None),
    (plain_values.whole, -(2**63), -(2**63)),
    (plain_values.whole_or_none, None, None),
    (plain_values.real_or_none, 3, 3.0),
    (plain_values.real_or_none, None, None),
    (plain_values.mapping, {"a": 1}, {"a": 1}),
    (plain_values.listed, (1, 2), (1, 2)),
]
BAD: list[tuple[Callable[[object], object], object]] = [
    (plain_values.text, 7),
    (plain_values.text, None),
    (plain_values.text_or_none, 7),
    (plain_values.whole, 2**63),
    (plain_values.whole, True),
    (plain_values.whole, 1.0),
    (plain_values.whole_or_none, "1"),
    (plain_values.real_or_none, float("nan")),
    (plain_values.real_or_none, float("inf")),
    (plain_values.real_or_none, 10**400),
    (plain_values.real_or_none, "1"),
    (plain_values.real_or_none, True),
    (plain_values.mapping, [1]),
    (plain_values.listed, "text"),
    (plain_values.listed, {}),
]


@pytest.mark.parametrize(("check", "given", "wanted"), GOOD)
def test_what_is_right_is_returned(check: Callable[[object], object], given: object, wanted: object) -> None:
    assert check(given) == wanted


@pytest.mark.parametrize(("check", "given"), BAD)
def test_what_is_wrong_says_what_it_should_be(check: Callable[[object], object], given: object) -> None:
    """Files of lines get edited, and NaN is a number only to Python."""
    with pytest.raises(TypeError, match="^it should be "):
        check(given)
