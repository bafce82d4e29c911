# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policies: merging, switching off, environments, and errors that say where and what."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import (
    PolicyError,
    environment_of,
    resolve_policy,
)

MIB, GIB = 1024**2, 1024**3


def limits(policy, environment="production"):
    return policy["environments"][environment]["limits"]


def problems(data):
    with pytest.raises(PolicyError) as caught:
        resolve_policy(data)
    return caught.value.problems


def production(**dimensions):
    return {"environments": {"production": {"limits": dimensions}}}


def test_without_a_policy_the_built_in_limits_hold():
    policy = resolve_policy(None)
    assert policy["name"] == "built-in limits"
    assert list(policy["environments"]) == ["production", "staging", "development"]
    assert limits(policy)["slab_unreclaimable"]["warning"] == {
        "percent_of_ram": 8,
        "at_least": 512 * MIB,
        "at_most": 32 * GIB,
        "only_if_available_below_percent": None,
    }


@pytest.mark.parametrize(("environment", "factor"), [("staging", 1.5), ("development", 2)])
def test_shares_caps_and_factors_grow_with_the_tolerance_of_an_environment(environment, factor):
    """Floors, thread limits and conditions are about the kernel and stay."""
    policy = resolve_policy(None)
    for dimension, levels in limits(policy).items():
        for level, settings in levels.items():
            for key, value in (settings or {}).items():
                grows = value is not None and key in ("percent_of_ram", "at_most", "times_expected")
                scaled = limits(policy, environment)[dimension][level][key]
                assert scaled == (value * factor if grows else value)


def test_only_development_gets_a_warning_at_most():
    severities = {name: env["highest_severity"] for name, env in resolve_policy({})["environments"].items()}
    assert severities == {"production": "critical", "staging": "critical", "development": "warning"}


def test_whatever_is_left_out_keeps_its_default():
    policy = resolve_policy(production(slab_unreclaimable={"warning": {"percent_of_ram": 10}}))
    assert limits(policy)["slab_unreclaimable"]["warning"]["percent_of_ram"] == 10
    assert limits(policy)["slab_unreclaimable"]["warning"]["at_least"] == 512 * MIB
    assert limits(policy)["slab_unreclaimable"]["critical"]["percent_of_ram"] == 16
    assert limits(policy)["percpu"] == limits(resolve_policy(None))["percpu"]
    assert limits(policy, "staging") == limits(resolve_policy(None), "staging")


@pytest.mark.parametrize("off", [None, "none", "None"])
def test_none_switches_off_a_key_a_level_or_a_dimension(off):
    policy = resolve_policy(
        production(page_tables={"critical": off}, vmalloc=off, percpu={"critical": {"at_most": off}})
    )
    assert limits(policy)["page_tables"]["critical"] is None
    assert limits(policy)["page_tables"]["warning"] is not None
    assert limits(policy)["vmalloc"] == {"warning": None, "critical": None}
    assert limits(policy)["percpu"]["critical"]["at_most"] is None


def test_numbers_and_sizes_may_be_text():
    """On ansible-core 2.16 a templated number arrives as text."""
    level = {"percent_of_ram": "9.5", "at_least": "0.75 GiB", "at_most": 40 * GIB}
    warning = limits(resolve_policy(production(slab_unreclaimable={"warning": level})))["slab_unreclaimable"]["warning"]
    assert (warning["percent_of_ram"], warning["at_least"], warning["at_most"]) == (9.5, 768 * MIB, 40 * GIB)


def test_a_new_environment_takes_the_limits_it_is_based_on():
    data = {
        "environments": {
            "lab": {"based_on": "live", "limits": {"vmalloc": {"warning": {"percent_of_ram": 7}}}},
            "live": {"based_on": "development", "groups": "live", "limits": {"percpu": "none"}},
        }
    }
    policy = resolve_policy(data)
    assert limits(policy, "lab")["percpu"] == {"warning": None, "critical": None}
    assert limits(policy, "lab")["vmalloc"]["warning"]["percent_of_ram"] == 7
    assert limits(policy, "lab")["vmalloc"]["critical"]["percent_of_ram"] == 16
    assert policy["environments"]["lab"]["highest_severity"] == "warning"
    assert policy["environments"]["lab"]["groups"] == ["lab"]


def test_a_level_that_was_off_starts_from_the_built_in_one_of_production():
    data = production(page_tables={"critical": None})
    data["environments"]["db"] = {
        "based_on": "production",
        "limits": {"page_tables": {"critical": {"percent_of_ram": 15}}},
    }
    critical = limits(resolve_policy(data), "db")["page_tables"]["critical"]
    assert (critical["percent_of_ram"], critical["at_least"]) == (15, 768 * MIB)


def test_resolving_twice_changes_nothing():
    once = resolve_policy(production(page_tables={"critical": None}, percpu={"critical": {"at_most": None}}))
    assert resolve_policy(once) == once


def test_the_environment_listed_first_wins():
    policy = resolve_policy(
        {"environments": {"staging": {"groups": ["stage", "web_stage"]}, "production": {"groups": ["prod"]}}}
    )
    assert environment_of(policy, ["web", "prod", "web_stage"], None) == ("staging", "group web_stage")
    assert environment_of(policy, ["prod"], None) == ("production", "group prod")
    assert environment_of(policy, ["development"], None) == ("development", "group development")


def test_other_hosts_have_the_default_environment_and_a_variable_wins():
    policy = resolve_policy({"default_environment": "staging"})
    assert environment_of(policy, ["web"], None) == ("staging", "default")
    assert environment_of(policy, ["production"], "development") == ("development", "variable")
    assert environment_of(policy, ["production"], "") == ("production", "group production")
    with pytest.raises(ValueError, match="did you mean development"):
        environment_of(policy, [], "developement")
    with pytest.raises(ValueError, match="must be a list of names"):
        environment_of(policy, "production", None)
    with pytest.raises(ValueError, match="must be a name"):
        environment_of(policy, [], ["production"])


def test_every_problem_is_told_at_once_with_its_key_path():
    data = {
        "nam": "x",
        "default_environment": "stage",
        "environments": {
            "prodution": {},
            "production": {
                "groups": 3,
                "highest_severity": "bad",
                "limits": {
                    "slab": {},
                    "percpu": {"warning": {"percent_of_rams": 1, "at_least": "1 MB"}, "critcal": {}},
                    "vmalloc": {"warning": 5},
                },
            },
            "no good": {},
        },
    }
    inside = "environments.production"
    assert problems(data) == [
        "nam: is not a key that can stand here; did you mean name?",
        "environments.\"no good\": must be named with up to 64 letters, digits, '_', '.' and '-'.",
        "environments.prodution.based_on: is missing; a new environment says whose limits it takes. "
        "Or did you mean production?",
        f"{inside}.limits.slab: is not a key that can stand here; did you mean slab_unreclaimable or slab_reclaimable?",
        f"{inside}.limits.vmalloc.warning: must be a mapping of keys to settings.",
        f"{inside}.limits.percpu.critcal: is not a key that can stand here; did you mean critical?",
        f"{inside}.limits.percpu.warning.percent_of_rams: is not a key that can stand here; "
        "did you mean percent_of_ram?",
        f"{inside}.limits.percpu.warning.at_least: has the unit MB, but only binary units are taken; did you mean MiB?",
        f"{inside}.highest_severity: must be warning or critical; use one of warning, critical.",
        f"{inside}.groups: must be a list of names of inventory groups.",
        "default_environment: is not an environment of this policy; did you mean staging?",
    ]


@pytest.mark.parametrize(
    ("level", "key", "text"),
    [
        ({"percent_of_ram": True}, "percent_of_ram", "must be a number."),
        ({"percent_of_ram": float("nan")}, "percent_of_ram", "must be a finite number."),
        ({"percent_of_ram": float("inf")}, "percent_of_ram", "must be a finite number."),
        ({"percent_of_ram": 0}, "percent_of_ram", "above 0 and up to 100"),
        ({"percent_of_ram": 100.1}, "percent_of_ram", "above 0 and up to 100"),
        ({"percent_of_ram": "8 %"}, "percent_of_ram", "without a percent sign"),
        ({"percent_of_ram": []}, "percent_of_ram", "must be a number."),
        ({"at_least": 0}, "at_least", "write none to leave it out"),
        ({"at_least": "2 GiB", "at_most": "1 GiB"}, "at_least", "which is more than at_most"),
        ({"percent_of_ram": None}, "at_least", "means nothing without percent_of_ram"),
        ({"times_expected": 3}, "times_expected", "is not a key that can stand here"),
    ],
)
def test_a_wrong_number_is_refused_where_it_stands(level, key, text):
    found = problems(production(slab_unreclaimable={"warning": level}))
    path = f"environments.production.limits.slab_unreclaimable.warning.{key}: "
    assert any(problem.startswith(path) and text in problem for problem in found)


@pytest.mark.parametrize(
    ("dimension", "levels", "key"),
    [
        ("vmalloc", {"warning": {"percent_of_ram": 9}}, ".percent_of_ram"),
        ("vmalloc", {"critical": {"at_least": "256 MiB"}}, ".at_least"),
        ("vmalloc", {"warning": {"at_most": "none"}}, ".at_most"),
        ("percpu", {"critical": {"times_expected": 2}}, ".times_expected"),
        ("kernel_stack", {"warning": {"percent_of_thread_limit": 90}}, ".percent_of_thread_limit"),
        ("page_tables", {"warning": {"only_if_available_below_percent": 10}}, ".only_if_available_below_percent"),
        ("vmalloc", {"critical": {"percent_of_ram": 4, "at_least": "512 MiB", "at_most": "32 GiB"}}, ""),
    ],
)
def test_critical_must_come_after_warning(dimension, levels, key):
    (problem,) = problems(production(**{dimension: levels}))
    assert problem.startswith(f"environments.production.limits.{dimension}.critical{key}: ")


def test_reclaimable_slab_can_never_be_critical():
    (problem,) = problems(production(slab_reclaimable={"critical": {"percent_of_ram": 40}}))
    assert "never fails a host by itself" in problem


@pytest.mark.parametrize("environments", [{"a": {"based_on": "a"}}, {"a": {"based_on": "b"}, "b": {"based_on": "a"}}])
def test_environments_can_not_be_based_on_each_other(environments):
    (problem,) = problems({"environments": environments})
    assert ".based_on: " in problem


@pytest.mark.parametrize("data", [[], "production", 3, True])
def test_a_policy_is_a_mapping(data):
    assert problems(data) == ["policy: must be a mapping of keys to settings."]


def test_the_error_text_counts_the_problems():
    assert str(PolicyError(["a: b."], "p.yml")) == "The policy p.yml has a problem: a: b."
    assert str(PolicyError(["a: b.", "c: d."])) == "The policy has 2 problems: a: b. | c: d."
