# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of setting takes and refuses: text counts as Ansible takes it, and nothing else slips through."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.kinds import (
    Batches,
    Kind,
    Mappings,
    Number,
    OneOf,
    Pairs,
    PathOrMapping,
    SomeOf,
    Switch,
    Text,
    Texts,
    Whole,
    words_of,
)

SOUND = [
    (Whole(of="seconds"), [1, "1", 60, "60", 60.0]),
    (Whole(0, 5), [0, "0", 5]),
    (Number("days"), [0.5, "0.5", 30]),
    (Number("seconds", 0.5, 5), [0.5, "5", 2]),
    (Switch(), [True, False, "yes", "No", "on", 1, 0, "false", "True"]),
    (OneOf(("auto", "lean")), ["auto", "lean"]),
    (
        SomeOf(("critical", "unknown")),
        [[], ["critical"], "critical", "critical,unknown", '["unknown"]', "critical, unknown"],
    ),
    (Text(), ["x", 7]),
    (Text("a path", r"/.*"), ["/proc"]),
    (Texts("files"), ["a.json", ["a.json", "b.json"], "a,b"]),
    (Pairs("names"), [{"a": "b"}, '{"a": "b"}', "a=b", "a=b,c=d"]),
    (Mappings("templates"), [[], [{"name": "x"}]]),
    (PathOrMapping(), ["policy.yml", {"name": "ours"}]),
    (Batches(), [1, "1", "25%", "25 %", [1, 5, "50%"], ["1", "100%"], 0]),
]
WRONG = [
    (Whole(of="seconds"), ["soon", 0, -1, 1.5, True, None, [], "1e400", "nan", "", {}]),
    (Whole(0, 5), [6, -1]),
    (Number("days"), [0, -2, "often", True]),
    (Number("seconds", 0.5, 5), [0.4, 5.1, 0, "nan", "long"]),
    (Switch(), ["perhaps", "", 2, []]),
    (OneOf(("auto", "lean")), ["", "AUTO", "leen", None, 1, []]),
    (SomeOf(("critical", "unknown")), ["criticl", ["critical", "warn"], 7, {"critical": 1}, "[critical"]),
    (Text(), [None, True, [], {}, 1.5]),
    (Text("a path", r"/.*"), ["proc", ""]),
    (Texts("files"), ["", [], 7, [{"a": 1}]]),
    (Pairs("names"), ["a", "", '{"a"', ["a=b"], 7]),
    (Mappings("templates"), [{"name": "x"}, ["x"], "x"]),
    (PathOrMapping(), [7, ["policy.yml"], True]),
    (Batches(), ["lots", "25.5.5%", -1, [], [1, "few"], 1.5, True]),
]


@pytest.mark.parametrize(("kind", "values"), SOUND, ids=lambda one: type(one).__name__)
def test_what_is_right_passes(kind: Kind, values: list[object]) -> None:
    """A value that Ansible would take must not be refused, in whatever form it comes."""
    assert [value for value in values if kind.problem(value) is not None] == []


@pytest.mark.parametrize(("kind", "values"), WRONG, ids=lambda one: type(one).__name__)
def test_what_is_wrong_is_told_as_the_rest_of_a_sentence(kind: Kind, values: list[object]) -> None:
    """What slips through here fails on every host, or is silently another value."""
    for value in values:
        problem = kind.problem(value)
        assert problem is not None and problem.startswith("must be "), repr(value)


def test_the_nearest_choice_is_named() -> None:
    """Who mistypes a word finds the right one in the message."""
    assert (OneOf(("auto", "lean")).problem("leen") or "").endswith("did you mean lean?")
    assert (SomeOf(("critical", "unknown")).problem("criticl") or "").endswith("did you mean critical?")


def test_bounds_are_said() -> None:
    """A number out of range is told its range."""
    assert Whole(1, 300, "seconds").problem(0) == "must be a whole number of seconds, from 1 to 300"
    assert Whole(of="hosts").problem(0) == "must be a whole number of hosts, 1 or more"


def test_lists_are_read_in_each_form() -> None:
    """-e name=a,b and a list in YAML mean the same."""
    assert words_of("a, b") == words_of(["a", "b"]) == words_of('["a", "b"]') == ["a", "b"]
    assert words_of(7) is None
