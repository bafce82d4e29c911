# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy as it is asked: the settings of a host, with the profiles that are for it."""

from __future__ import annotations

import sys

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.settings import settings_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts

FACTS = checked_facts(healthy_facts())


def policy(*profiles, **environments):
    return policy_of({"profiles": list(profiles), "environments": environments})


def profile(match="`true`", name="p", **sections):
    return {"name": name, "match": match, **sections}


def settings_for(found, name="web1", groups=()):
    """The settings of a host of production, and the names of its profiles."""
    return found.settings_for("production", FACTS, name, list(groups))


def applies(match, name="web1", groups=("all", "web")):
    return bool(settings_for(policy(profile(match)), name, groups)[1])


def test_without_profiles_the_environment_holds_and_jmespath_is_not_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "jmespath", None)
    found = policy_of(None)
    settings, names = found.settings_for("staging", FACTS, "web1", [])
    assert settings is found.environments["staging"]
    assert names == ()


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("host.memory_total_bytes >= `68719476736`", True),
        ("host.memory_total_bytes > `68719476736`", False),
        ("host.memory_low_total_bytes > `1`", False),
        ("platform.kind == 'physical'", True),
        ("platform.kubernetes_node", False),
        ("!(platform.kubernetes_node)", True),
        ("contains(groups, 'web')", True),
        ("contains(groups, 'db') || starts_with(name, 'web')", True),
        ("groups[?@ == 'db']", False),
        ("groups[?@ == 'web']", True),
        ("dimensions.page_tables_bytes > `1`", True),
        ("accounting.bound == 'exact'", True),
        ("accounting.holders[?kind == 'zfs'].name | [0]", False),
        ("`null`", False),
    ],
)
def test_a_profile_is_for_the_hosts_that_its_expression_says_yes_to(match, expected):
    assert applies(match) is expected


def test_a_profile_is_laid_over_the_environment_key_by_key():
    changed = profile(
        limits={"vmalloc": {"warning": {"percent_of_ram": 6}}, "percpu": "none"},
        growth={"page_tables": {"critical": None}},
        history={"minimum_samples": 9},
        severities={"*.drop": "info"},
        highest_severity="warning",
        similar_hosts="none",
    )
    found = policy(changed, production={"history": {"minimum_days": 6}})
    in_force, names = settings_for(found)
    settings, environment = found.plain_settings("production", names), found.plain["environments"]["production"]
    assert names == ("p",)
    assert in_force == settings_of(settings) != found.environments["production"]
    assert settings["limits"]["vmalloc"]["warning"] == {
        **environment["limits"]["vmalloc"]["warning"],
        "percent_of_ram": 6,
    }
    assert settings["limits"]["percpu"] == {"warning": None, "critical": None}
    assert settings["limits"]["page_tables"] == environment["limits"]["page_tables"]
    assert settings["growth"]["page_tables"]["critical"] is None
    assert settings["history"] == {**environment["history"], "minimum_samples": 9}
    assert settings["history"]["minimum_days"] == 6
    assert (settings["severities"], settings["highest_severity"], settings["similar_hosts"]) == (
        {"*.drop": "info"},
        "warning",
        None,
    )
    assert settings["groups"] == environment["groups"]
    assert environment["limits"]["percpu"]["warning"] is not None


def test_the_last_profile_that_sets_a_value_wins():
    first = profile(
        name="first",
        level={"vmalloc": {"warning": {"percent_of_ram": 3, "percent_of_level": 70}}},
        similar_hosts="none",
    )
    second = profile(name="second", level={"vmalloc": {"warning": {"percent_of_ram": 4}}}, similar_hosts={"minimum": 9})
    no = profile(name="no", match="`false`", level="none")
    settings, names = settings_for(policy(first, second, no))
    warning = settings.level["vmalloc"]["warning"]
    assert names == ("first", "second")
    assert (warning.percent_of_ram, warning.percent_of_level) == (4, 70)
    assert settings.similar_hosts.minimum == 9


def test_expressions_are_read_once_and_not_for_each_host(monkeypatch):
    found = policy(profile("contains(groups, 'once')"))
    settings_for(found)
    monkeypatch.setattr("jmespath.parser.Parser.parse", None)
    first, names = settings_for(found, "web2", ["once"])
    second, _names = settings_for(found, "web3", ["once"])
    assert names == ("p",)
    assert first is second


def test_two_policies_are_not_mixed_up():
    one, other = policy(profile(name="one")), policy(profile(name="other"))
    for _round in range(2):
        assert settings_for(one)[1] == ("one",)
        assert settings_for(other)[1] == ("other",)


def test_profiles_that_do_not_fit_together_are_named_with_the_host():
    one = profile(name="one", growth={"vmalloc": {"warning": {"percent_of_ram": 0.9}}})
    two = profile(name="two", growth={"vmalloc": {"critical": {"percent_of_ram": 0.8}}})
    usual = {"watch": None, "warning": {"percent_of_ram": 0.5}, "critical": {"percent_of_ram": 1}}
    found = policy(
        one, two, production={"growth": {"vmalloc": usual}}, staging={"growth": "none"}, development={"growth": "none"}
    )
    with pytest.raises(
        ValueError,
        match=r"^On web1 \(production\) the profiles one and two can't be used together: "
        r"growth.vmalloc.critical.percent_of_ram is",
    ):
        settings_for(found)


@pytest.mark.parametrize(
    ("match", "text"),
    [
        ("length(host.machine_id) > `3`", "length"),
        ("host.cpus_possible", "It gives a number, which is neither yes nor no"),
        ("sum(values(host)) > `3`", "sum"),
    ],
)
def test_an_expression_that_fails_on_a_host_is_one_sentence(match, text):
    with pytest.raises(ValueError, match=r"^The profile p can't be tried on web1: ") as caught:
        settings_for(policy(profile(match)))
    assert text in str(caught.value)
    assert str(caught.value).count("\n") == 0
