# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door: whatever Ansible hands over becomes plain data."""

from __future__ import annotations

import json
from collections import OrderedDict, UserDict
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._plain import to_plain


class Text(str):
    """As ansible-core's own text classes."""

    def __str__(self) -> str:
        return "trap"


def test_subclasses_become_the_base() -> None:
    """PyYAML and json treat subclasses of str, int or dict in ways of their own."""
    plain = to_plain(
        UserDict({Text("a"): (Text("b"), True, 1.5, None), "c": OrderedDict(d=MappingProxyType({"e": b"f"}))})
    )
    assert plain == {"a": ["b", True, 1.5, None], "c": {"d": {"e": "f"}}}
    assert plain["c"]["d"].__class__ is dict
    assert next(iter(plain.values()))[0].__class__ is str


def test_text_subclass_keeps_its_text() -> None:
    """What was written is what is read, whatever __str__ says."""
    assert to_plain(Text("b")) == "b"
    assert to_plain({Text("b"): 1}) == {"b": 1}


def test_too_deep_is_refused() -> None:
    """A bomb of brackets ends in a sentence."""
    nested: list = []
    for _level in range(40):
        nested = [nested]
    with pytest.raises(ValueError, match="deeper than 32"):
        to_plain(nested)


def test_foreign_objects_are_refused() -> None:
    """Nothing is guessed from an object's text."""
    with pytest.raises(ValueError, match="type object"):
        to_plain({"a": object()})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_plain_data_is_unchanged(value: object) -> None:
    """Plain in, equal out, and JSON-able."""
    assert to_plain(value) == value
    json.dumps(to_plain(value))
