# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles: which hosts they are for, how they are laid over an environment, and what is said when they can't be."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy import profile_match as _profile_match
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.profile_match import compile_match
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.profiles import settings_for
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import PolicyError, resolve_policy
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts

FACTS = checked_facts(healthy_facts())


def policy(*profiles, **environments):
    return resolve_policy({"profiles": list(profiles), "environments": environments})


def problems(*profiles, **environments):
    with pytest.raises(PolicyError) as caught:
        policy(*profiles, **environments)
    return caught.value.problems


def profile(match="`true`", name="p", **sections):
    return {"name": name, "match": match, **sections}


def applies(match, facts=None, name="web1", groups=("all", "web")):
    return bool(settings_for(policy(profile(match)), "production", facts or FACTS, name, list(groups))[1])


def test_without_profiles_the_environment_holds_and_jmespath_is_not_needed(monkeypatch):
    monkeypatch.setitem(sys.modules, "jmespath", None)
    plain = resolve_policy(None)
    settings, names = settings_for(plain, "staging", FACTS, "web1", [])
    assert settings is plain["environments"]["staging"]
    assert names == ()


def test_without_jmespath_profiles_are_refused_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "jmespath", None)
    found = problems(profile(), profile(name="q"))
    assert found == [
        "profiles: need the Python library jmespath on the controller; install it there with: pip install jmespath"
    ]


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


def test_what_an_expression_can_ask_for_is_what_facts_have():
    for part, names in _profile_match.FIELDS.items():
        if names is not None:
            assert set(FACTS[part]) == set(names)


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
    settings, names = settings_for(found, "production", FACTS, "web1", [])
    environment = found["environments"]["production"]
    assert names == ("p",)
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
    settings, names = settings_for(policy(first, second, no), "production", FACTS, "web1", [])
    assert names == ("first", "second")
    assert settings["level"]["vmalloc"]["warning"]["percent_of_ram"] == 4
    assert settings["level"]["vmalloc"]["warning"]["percent_of_level"] == 70
    assert settings["similar_hosts"]["minimum"] == 9


def test_expressions_are_read_once_and_not_for_each_host(monkeypatch):
    found = policy(profile("contains(groups, 'once')"))
    settings_for(found, "production", FACTS, "web1", [])
    monkeypatch.setattr("jmespath.parser.Parser.parse", None)
    first, names = settings_for(found, "production", FACTS, "web2", ["once"])
    second, _names = settings_for(found, "production", FACTS, "web3", ["once"])
    assert names == ("p",)
    assert first is second


def test_two_policies_are_not_mixed_up():
    one, other = policy(profile(name="one")), policy(profile(name="other"))
    for _round in range(2):
        assert settings_for(one, "production", FACTS, "web1", [])[1] == ("one",)
        assert settings_for(other, "production", FACTS, "web1", [])[1] == ("other",)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (profile(match="host.cpus_possible >"), "profiles[0].match: is not valid JMESPath at column 21."),
        (
            profile(match="host.cpus_possible > 64"),
            "profiles[0].match: is not valid JMESPath at column 22; a number stands in backticks, as `64`.",
        ),
        (profile(match="a #"), "profiles[0].match: is not valid JMESPath at column 3, near '#'."),
        (
            profile(match=None),
            "profiles[0].match: must be a JMESPath expression of one line with up to 1000 characters.",
        ),
        (
            profile(match=["x"]),
            "profiles[0].match: must be a JMESPath expression of one line with up to 1000 characters.",
        ),
        (
            profile(match="host.cpus_posible > `64`"),
            "profiles[0].match: asks for 'cpus_posible', which host does not have; did you mean cpus_possible?",
        ),
        (
            profile(match="hosts.cpus_possible"),
            "profiles[0].match: asks for 'hosts', which a host does not have; did you mean host?",
        ),
        (
            profile(match="!contains(group, 'x')"),
            "profiles[0].match: asks for 'group', which a host does not have; did you mean groups?",
        ),
        (
            profile(match="!platform.auditable"),
            "profiles[0].match: asks a yes or no for 'auditable'; put what ! refers to in brackets",
        ),
        (profile(match="contain(groups, 'x')"), "profiles[0].match: can't be used: Unknown function: contain()."),
        (profile(match="(" * 990), "profiles[0].match: is n"),
        (profile(name=None), "profiles[0].name: must be given, with up to 64 letters, digits, '_', '.' and '-'."),
        (profile(gate={}), "profiles[0].gate: is not a key that can stand here; "),
        (
            profile(limits={"slab": {}}),
            "profiles[0].limits.slab: is not a key that can stand here; did you mean slab_unreclaimable or "
            "slab_reclaimable?",
        ),
        ("x", "profiles[0]: must be a mapping of keys to settings."),
    ],
)
def test_a_mistake_in_a_profile_is_named_where_it_stands(entry, expected):
    assert any(problem.startswith(expected) for problem in problems(entry)), problems(entry)


def test_a_wrong_number_of_arguments_is_seen_before_any_host():
    (problem,) = problems(profile(match="contains(groups)"))
    assert problem.startswith("profiles[0].match: can't be used: ")


def test_a_mistake_is_not_followed_by_one_that_it_causes():
    """A warning above critical is no news while critical itself can't be read."""
    wrong = profile(limits={"vmalloc": {"warning": {"percent_of_ram": 30}, "critical": {"percent_of_ram": "much"}}})
    assert problems(wrong) == ["profiles[0].limits.vmalloc.critical.percent_of_ram: must be a number."]


def test_profiles_need_names_of_their_own():
    assert problems(profile(), profile()) == [
        "profiles[1].name: is the name of profiles[0], too; give each profile its own."
    ]


@pytest.mark.parametrize("value", [{}, "x", 3, [{}] * 101])
def test_profiles_are_a_list(value):
    with pytest.raises(PolicyError, match="profiles: must be a list of at most 100 profiles."):
        resolve_policy({"profiles": value})


def test_a_profile_that_fits_one_environment_and_not_another_is_refused_with_their_names():
    """20 % is above production's critical 16 %, and below staging's 24 %."""
    assert policy(profile(limits={"slab_unreclaimable": {"warning": {"percent_of_ram": 12}}}))
    (problem,) = problems(profile(limits={"slab_unreclaimable": {"warning": {"percent_of_ram": 20}}}))
    assert problem == (
        "profiles[0].limits.slab_unreclaimable.critical.percent_of_ram: is 16, but the warning level has 20; "
        "critical must not come before warning, so set it, too (over production)."
    )


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
        settings_for(found, "production", FACTS, "web1", [])


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
        settings_for(policy(profile(match)), "production", FACTS, "web1", [])
    assert text in str(caught.value)
    assert str(caught.value).count("\n") == 0


@given(st.text(max_size=30) | st.text("()[]{}|&!<>=.,*@?`'\"\\:-0123456789abghostru ", max_size=40))
def test_any_expression_is_compiled_or_refused_and_never_crashes(expression):
    try:
        match = compile_match(expression)
    except ValueError as exc:
        assert str(exc).endswith((".", "?"))
        return
    data = _profile_match.match_data(FACTS, "web1", ["web"])
    try:
        assert match(data) in (True, False)
    except ValueError as exc:
        assert str(exc).endswith(".")
