# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles as a policy writes them: what is wrong with one is said where it stands."""

from __future__ import annotations

import sys

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import PolicyError, resolve_policy


def policy(*profiles, **environments):
    return resolve_policy({"profiles": list(profiles), "environments": environments})


def problems(*profiles, **environments):
    with pytest.raises(PolicyError) as caught:
        policy(*profiles, **environments)
    return caught.value.problems


def profile(match="`true`", name="p", **sections):
    return {"name": name, "match": match, **sections}


def test_without_jmespath_profiles_are_refused_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "jmespath", None)
    found = problems(profile(), profile(name="q"))
    assert found == [
        "profiles: need the Python library jmespath on the controller; install it there with: pip install jmespath"
    ]


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
