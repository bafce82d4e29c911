# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents with one place spoiled, for the doors that read what others may have written."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

ODD: st.SearchStrategy[object] = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 2**53, 10**400, float("nan"), float("inf"), 1e308, "", "x", [], {}]),
    st.text(max_size=5),
    st.integers(),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
"""What nobody expects in a place."""


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all values of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, part in inner for one in places(part, (*path, key)))]


def changed(given: Any, path: tuple[Any, ...], value: Any, remove: bool) -> Any:
    """The document with another value in a place, or without it."""
    document = copy.deepcopy(given)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if remove:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return document
