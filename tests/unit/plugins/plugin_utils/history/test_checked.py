# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data from outside: each value is what it has to be, or is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import checked

GOOD: list[tuple[Callable[[object], object], object, object]] = [
    (checked.text, "a\0", "a\\x00"),
    (checked.text_or_none, None, None),
    (checked.whole, -(2**63), -(2**63)),
    (checked.whole_or_none, None, None),
    (checked.real_or_none, 3, 3.0),
    (checked.real_or_none, None, None),
    (checked.mapping, {"a": 1}, {"a": 1}),
    (checked.listed, (1, 2), (1, 2)),
]
BAD: list[tuple[Callable[[object], object], object]] = [
    (checked.text, 7),
    (checked.text, None),
    (checked.text_or_none, 7),
    (checked.whole, 2**63),
    (checked.whole, True),
    (checked.whole, 1.0),
    (checked.whole_or_none, "1"),
    (checked.real_or_none, float("nan")),
    (checked.real_or_none, float("inf")),
    (checked.real_or_none, 10**400),
    (checked.real_or_none, "1"),
    (checked.real_or_none, True),
    (checked.mapping, [1]),
    (checked.listed, "text"),
    (checked.listed, {}),
]


@pytest.mark.parametrize(("check", "given", "wanted"), GOOD)
def test_what_is_right_is_returned(check: Callable[[object], object], given: object, wanted: object) -> None:
    assert check(given) == wanted


@pytest.mark.parametrize(("check", "given"), BAD)
def test_what_is_wrong_says_what_it_should_be(check: Callable[[object], object], given: object) -> None:
    """Files of lines get edited, and NaN is a number only to Python."""
    with pytest.raises(TypeError, match="^it should be "):
        check(given)
