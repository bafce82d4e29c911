# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects become plain data at any depth, or are refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import Plain, plain


@dataclass(frozen=True, slots=True)
class Leaf(Plain):
    """A class of ours."""

    number: int | None


@dataclass(frozen=True, slots=True)
class Tree(Plain):
    """One that holds others."""

    leaves: tuple[Leaf, ...]
    by_name: Mapping[str, Leaf]


def test_plain_data_are_json_at_any_depth() -> None:
    """Tuples are lists, and classes are mappings of their fields."""
    tree = Tree((Leaf(1), Leaf(None)), {"a": Leaf(2)})
    assert (
        plain(tree) == tree.as_plain() == {"leaves": [{"number": 1}, {"number": None}], "by_name": {"a": {"number": 2}}}
    )
    assert plain([tree, ("x", True, 1.5)]) == [tree.as_plain(), ["x", True, 1.5]]
    assert plain({7: None}) == {"7": None}


@pytest.mark.parametrize("odd", [{1, 2}, b"x", object(), [object()], {"a": {1}}])
def test_what_json_can_not_say_is_refused(odd: object) -> None:
    """Better here than in the middle of writing a report."""
    with pytest.raises(TypeError, match="is no plain data"):
        plain(odd)
