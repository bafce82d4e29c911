# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain data become classes: the check of a field follows from its type, and each names the path that it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts import checks as _checks
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import Plain


@dataclass(frozen=True, slots=True)
class Thing(Plain):
    """A class like those of facts."""

    name: str | None
    size: int | None
    kind: str
    parts: tuple[str, ...]
    extra: int | None = 7


FORM = _checks.Form.of(Thing, kind=_checks.one_of(("a", "b")))


def test_a_form_reads_a_class_by_the_types_of_its_fields():
    """What is missing is null or its default, what is unknown is left out."""
    given = {"name": "x", "kind": "a", "surprise": 1}
    assert FORM.read(given, "thing") == Thing("x", None, "a", (), 7)
    assert FORM.names == ("name", "size", "kind", "parts", "extra")


@pytest.mark.parametrize(
    ("given", "path"),
    [
        (None, "thing"),
        ([], "thing"),
        ({"kind": "a", "name": 7}, "thing.name"),
        ({"kind": "a", "size": True}, "thing.size"),
        ({"kind": "c"}, "thing.kind"),
        ({}, "thing.kind"),
        ({"kind": "a", "parts": [1]}, "thing.parts"),
    ],
)
def test_a_form_names_what_it_refuses(given: Any, path: str):
    """With a sentence that begins with the path."""
    with pytest.raises(ValueError, match=rf"^{path.replace('.', '[.]')} .*\.$"):
        FORM.read(given, "thing")


def test_a_field_of_an_unknown_type_can_not_be_forgotten():
    """A class with a field that has no check would take anything; so it is refused when the code is loaded."""

    @dataclass(frozen=True, slots=True)
    class Odd(Plain):
        """A class with a field that no check knows."""

        odd: complex

    with pytest.raises(KeyError):
        _checks.Form.of(Odd)
    assert _checks.Form.of(Odd, odd=_checks.size).read({"odd": 1}, "x") == Odd(1)


@pytest.mark.parametrize(
    ("check", "taken", "refused"),
    [
        (_checks.text, [None, "", "x"], [1, b"x", ["x"]]),
        (_checks.truth, [None, True, False], [0, 1, "yes"]),
        (_checks.decided, [True, False], [None, 0, "no"]),
        (_checks.number, [None, 0, 1.5, 2**63 - 1], [-1, -0.5, 2**63, True, "1", float("nan"), float("inf")]),
        (_checks.size, [None, 0, 2**63 - 1], [-1, 1.0, 2**63, True, "1", float("nan")]),
        (_checks.difference, [None, -(2**63) + 1, 0, 5], [-(2**63), 2**63, 0.0, False]),
        (_checks.texts, [["x"]], ["x", {"x": 1}, [1], [None], ["x"] * 201]),
        (_checks.texts_by_name, [{"a": "b"}], [[1], {"a": 1}, {1: "a"}, {str(one): "" for one in range(201)}]),
        (_checks.amounts_by_name, [{"a": 1, "b": None, "c": -1}], [[1], {"a": 1.5}, {1: 1}]),
        (_checks.one_of(("a", "b")), ["a", "b"], ["c", None, 1, ["a"]]),
        (_checks.mapping, [{}, {"a": 1}], [None, [], "x"]),
    ],
)
def test_a_check_takes_what_its_type_says(check: Callable[[Any, str], object], taken: list[Any], refused: list[Any]):
    """And nothing near it: a bool is no number, NaN is none either, and no list is endless."""
    for value in taken:
        got = check(value, "here")
        assert got == (tuple(value) if isinstance(value, list) else value)
    for value in refused:
        with pytest.raises(ValueError, match=r"^here.*\.$"):
            check(value, "here")


def test_null_is_an_empty_list_or_mapping():
    """A host that has nothing to say may say null."""
    assert _checks.texts(None, "x") == () and _checks.list_of(FORM.read, 3)(None, "x") == ()
    assert _checks.texts_by_name(None, "x") == {} and _checks.amounts_by_name(None, "x") == {}


def test_a_list_of_things_is_bounded():
    """Each entry is read by its own form."""
    read = _checks.list_of(FORM.read, 2)
    assert read([{"kind": "a"}, {"kind": "b"}], "x") == (Thing(None, None, "a", ()), Thing(None, None, "b", ()))
    for wrong in ([{"kind": "a"}] * 3, {"kind": "a"}, [7]):
        with pytest.raises(ValueError, match=r"^x"):
            read(wrong, "x")


def test_long_texts_are_cut():
    """Outputs show a line; nobody needs a megabyte of it."""
    assert _checks.text("n" * 5000, "x") == "n" * 997 + "..."
    assert _checks.texts(["n" * 5000], "x") == ("n" * 997 + "...",)
    assert _checks.texts_by_name({"n" * 5000: "v" * 5000}, "x") == {"n" * 997 + "...": "v" * 997 + "..."}
