# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks of an audit.json: what passes, and one sentence that names the field for what does not."""

from __future__ import annotations

import math

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit import checks
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.checks import one_of


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (checks.text, ["", "x", "\ud800"], [None, 7, b"x", "x" * (checks.LONGEST_TEXT + 1)]),
        (checks.text_or_none, [None, "x"], [7, []]),
        (checks.moment, ["2026-11-24T12:00:00Z"], [None, "soon", "2026-11-24", 7]),
        (checks.count, [0, 2**63 - 1], [-1, 2**63, 1.0, True, None, "1"]),
        (checks.finite, [-1.5, 0, 2**62], [math.nan, math.inf, -math.inf, 10**400, True, None, "1"]),
        (one_of(("a", "b")), ["a"], ["c", None, 1, ["a"]]),
        (checks.optional(checks.count), [None, 1], [-1, "1"]),
        (checks.many(checks.count), [[], [1, 2], None], [{}, "12", [1, -1]]),
        (checks.by_name(checks.count), [{}, {"a": 1}, None], [[], {"a": -1}, {1: 1}]),
        (checks.anything, [None, True, "x", 1, [1, {"a": [2.5]}]], [math.nan, {"a": math.inf}, {1: 2}, object()]),
    ],
)
def test_what_is_right_passes_and_what_is_wrong_is_named(check, right, wrong):
    for value in right:
        check(value, "field")
    for value in wrong:
        with pytest.raises(ValueError, match=r"^(a name in )?field.*[.]$"):
            check(value, "field")


def test_what_is_nested_too_deeply_is_refused():
    """Whatever walks it later would end in its own depth."""
    value = []
    for _unused in range(checks.DEEPEST + 1):
        value = [value]
    with pytest.raises(ValueError, match="nested too deeply"):
        checks.anything(value, "field")


def test_a_list_and_a_mapping_name_the_entry():
    with pytest.raises(ValueError, match=r"^field\[1\] "):
        checks.many(checks.count)([1, None], "field")
    with pytest.raises(ValueError, match=r"^field\.b "):
        checks.by_name(checks.count)({"a": 1, "b": None}, "field")
