# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run sees of settings: the command line wins, hosts with one value stand together, templates wait."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.given import (
    Given,
    GivenSettings,
    is_unset,
)


def test_hosts_of_one_value_stand_together() -> None:
    """A mistake in group_vars is one mistake, not four thousand."""
    given = GivenSettings({}, of_hosts={f"h{number}": {"x": "a" if number else "b"} for number in range(5)})
    assert given.values() == [Given("x", "b", ["h0"]), Given("x", "a", ["h1", "h2", "h3", "h4"])]
    assert given.values()[1].place == " on h1, h2, h3 and 1 more"


def test_the_command_line_wins() -> None:
    """What hosts say of a setting that is given by hand counts for nothing."""
    given = GivenSettings({"x": "hand"}, frozenset({"x"}), {"h": {"x": "host"}})
    assert given.values() == [Given("x", "hand")]
    assert given.once("x") == "hand" and given.values()[0].place == ""


def test_a_template_is_seen_as_the_task_sees_it() -> None:
    """Its text is no value; what it comes to for the first host is."""
    given = GivenSettings({"x": "30"}, of_hosts={"h": {"x": "{{ seconds }}"}})
    assert given.values() == [Given("x", "30", ["h"])]
    assert given.once("x") == "30"


def test_values_of_any_form_are_compared() -> None:
    """Lists and mappings can't be keys of a dict."""
    hosts = {"a": {"x": [1, {"k": 2}]}, "b": {"x": [1, {"k": 2}]}, "c": {"x": {"k": {1, 2}}}}
    assert [one.hosts for one in GivenSettings({}, of_hosts=hosts).values()] == [["a", "b"], ["c"]]


def test_names_say_who_gave_them() -> None:
    """A name of the playbook's own is a mistake from the command line alone."""
    given = GivenSettings({"own": 1, "hand": 2}, frozenset({"hand"}), {"h": {"host": 3}})
    assert given.names() == {"hand": True, "host": False, "own": False}


def test_what_is_not_set() -> None:
    """An empty text means nothing, 0 and false are values."""
    assert [is_unset(value) for value in (None, "", "  ", 0, False, [], "x")] == [
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]
    assert GivenSettings({"x": " "}).text("x") is None
    assert GivenSettings({"x": 7}).text("x") == "7"
