# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections of an environment beyond its limits: growth, level, history, similar hosts, severities."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.defaults import (
    BUILT_IN,
    default_environment_settings,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.gate_settings import (
    GATE_KEYS,
    default_gate_settings,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import PolicyError, resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.schema import (
    AMOUNT_KEYS,
    HISTORY_KEYS,
    LEVEL_KEYS,
    SIMILAR_HOSTS_KEYS,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.sections import settings_problems

MIB, GIB = 1024**2, 1024**3


def settings(environment="production", **sections):
    return resolve_policy({"environments": {"production": sections}})["environments"][environment]


def problems(**sections):
    with pytest.raises(PolicyError) as caught:
        settings(**sections)
    return [problem.removeprefix("environments.production.") for problem in caught.value.problems]


@pytest.mark.parametrize("environment", BUILT_IN)
def test_without_a_word_the_built_in_settings_hold_and_fit_together(environment):
    found = settings(environment)
    assert found == default_environment_settings(environment)
    assert found["gate"] == default_gate_settings(environment)
    assert set(found["gate"]) == set(GATE_KEYS)
    assert found["severities"] == {}
    assert list(settings_problems(found, found)) == []


def test_the_built_in_settings_have_exactly_the_keys_that_can_be_set():
    """A key of the defaults that nobody can set, or one that can be set and has no default, would be a gap between
    two files.
    """
    found = settings()
    for section in ("growth", "level"):
        assert list(found[section]) == list(LIMITED)
        for levels in found[section].values():
            assert tuple(levels) == LEVEL_KEYS[section][0]
            assert all(level is None or set(level) == set(AMOUNT_KEYS) for level in levels.values())
    assert set(found["history"]) == set(HISTORY_KEYS)
    assert set(found["similar_hosts"]) == set(SIMILAR_HOSTS_KEYS)


def test_only_what_is_written_changes():
    found = settings(
        growth={"vmalloc": {"critical": {"percent_of_ram": "3", "at_most": "16 GiB"}}}, history={"minimum_samples": 10}
    )
    usual = default_environment_settings("production")
    assert found["growth"]["vmalloc"]["critical"] == {
        **usual["growth"]["vmalloc"]["critical"],
        "percent_of_ram": 3,
        "at_most": 16 * GIB,
    }
    assert found["growth"]["vmalloc"]["warning"] == usual["growth"]["vmalloc"]["warning"]
    assert found["growth"]["percpu"] == usual["growth"]["percpu"]
    assert found["history"] == {**usual["history"], "minimum_samples": 10}
    assert (
        settings("staging", history={"minimum_samples": 10})["history"]
        == default_environment_settings("staging")["history"]
    )


@pytest.mark.parametrize("section", ["growth", "level"])
def test_none_switches_off_a_section_a_dimension_a_level_or_a_key(section):
    off = settings(**{section: "none"})[section]
    assert all(level is None for levels in off.values() for level in levels.values())
    found = settings(
        **{
            section: {
                "vmalloc": None,
                "percpu": {"warning": "none"},
                "unaccounted": {LEVEL_KEYS[section][0][-1]: {"at_most": None}},
            }
        }
    )[section]
    assert set(found["vmalloc"].values()) == {None}
    assert found["percpu"]["warning"] is None
    assert found["unaccounted"][LEVEL_KEYS[section][0][-1]]["at_most"] is None
    assert found["slab_unreclaimable"]["warning"] is not None


@pytest.mark.parametrize("section", ["limits", "growth", "level", "history", "severities"])
def test_a_section_that_is_empty_changes_nothing(section):
    """`growth:` with every line below it commented out is null."""
    assert settings(**{section: None}) == settings()


@pytest.mark.parametrize("off", [None, "none"])
def test_similar_hosts_can_be_switched_off_and_on_again(off):
    data = {
        "environments": {
            "production": {"similar_hosts": off},
            "lab": {"based_on": "production", "similar_hosts": {"minimum": 20}},
        }
    }
    environments = resolve_policy(data)["environments"]
    assert environments["production"]["similar_hosts"] is None
    assert environments["lab"]["similar_hosts"] == {
        **default_environment_settings("production")["similar_hosts"],
        "minimum": 20,
    }


def test_an_environment_takes_every_section_of_the_one_it_is_based_on():
    data = {
        "environments": {
            "production": {
                "growth": {"vmalloc": "none"},
                "level": {"percpu": {"warning": {"percent_of_ram": 3}}},
                "history": {"windows_days": [7, 21, 60]},
                "similar_hosts": {"minimum": 12},
                "severities": {"page_tables.spike": "info", "*.drop": "info"},
            },
            "lab": {"based_on": "production", "severities": {"*.drop": "none"}},
        }
    }
    environments = resolve_policy(data)["environments"]
    for section in ("growth", "level", "history", "similar_hosts"):
        assert environments["lab"][section] == environments["production"][section]
    assert environments["lab"]["severities"] == {"page_tables.spike": "info", "*.drop": None}


@pytest.mark.parametrize("section", ["growth", "level"])
def test_reclaimable_slab_comes_and_goes_and_is_judged_by_its_limit_alone(section):
    (problem,) = problems(**{section: {"slab_reclaimable": {"warning": {"percent_of_ram": 3}}}})
    assert problem.startswith(f"{section}.slab_reclaimable.warning: can't be set;")
    assert settings(**{section: {"slab_reclaimable": "none"}}) == settings()


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ({"groth": {}}, "groth: is not a key that can stand here; did you mean growth?"),
        (
            {"growth": {"slab": {}}},
            "growth.slab: is not a key that can stand here; did you mean slab_unreclaimable or slab_reclaimable?",
        ),
        (
            {"growth": {"vmalloc": {"watchs": {}}}},
            "growth.vmalloc.watchs: is not a key that can stand here; did you mean watch?",
        ),
        ({"growth": {"vmalloc": {"watch": 3}}}, "growth.vmalloc.watch: must be a mapping of keys to settings."),
        (
            {"growth": {"vmalloc": {"watch": {"percent_of_ram": 0}}}},
            "growth.vmalloc.watch.percent_of_ram: must be a percentage above 0 and up to 100.",
        ),
        (
            {"growth": {"vmalloc": {"watch": {"percent_of_level": 1001}}}},
            "growth.vmalloc.watch.percent_of_level: must be a percentage above 0 and up to 1000.",
        ),
        (
            {"growth": {"vmalloc": {"watch": {"percent_of_level": "9%"}}}},
            "growth.vmalloc.watch.percent_of_level: must be a number without a percent sign.",
        ),
        (
            {"growth": {"vmalloc": {"watch": {"at_least": "1 GB"}}}},
            "growth.vmalloc.watch.at_least: has the unit GB, but only binary units are taken; did you mean GiB?",
        ),
        (
            {"level": {"vmalloc": {"critical": {}}}},
            "level.vmalloc.critical: is not a key that can stand here; use one of warning.",
        ),
        ({"level": 3}, "level: must be a mapping of keys to settings."),
        ({"history": "none"}, "history: must be a mapping of keys to settings."),
        (
            {"history": {"minimum_samples": None}},
            "history.minimum_samples: can't be switched off; leave it out for its default.",
        ),
        ({"history": {"minimum_samples": 2}}, "history.minimum_samples: must be a whole number from 3 to 1,000."),
        ({"history": {"minimum_samples": 7.5}}, "history.minimum_samples: must be a whole number from 3 to 1,000."),
        ({"history": {"minimum_samples": "many"}}, "history.minimum_samples: must be a whole number from 3 to 1,000."),
        ({"history": {"warm_up_hours": -1}}, "history.warm_up_hours: must be a whole number from 0 to 8,760."),
        (
            {"history": {"windows_days": 14}},
            "history.windows_days: must be a list of 1 to 5 numbers of days from 2 to 730, the shortest first.",
        ),
        (
            {"history": {"windows_days": [30, 14]}},
            "history.windows_days: must be a list of 1 to 5 numbers of days from 2 to 730, the shortest first.",
        ),
        (
            {"history": {"windows_days": [[1]]}},
            "history.windows_days: must be a list of 1 to 5 numbers of days from 2 to 730, the shortest first.",
        ),
        ({"history": {"baseline_samples": 5}}, "history.baseline_samples: is below minimum_samples, which is 7."),
        (
            {"history": {"windows_days": [3]}},
            "history.windows_days: ends before minimum_days, which is 5, so growth is never seen.",
        ),
        ({"similar_hosts": {"minimum": 2}}, "similar_hosts.minimum: must be a whole number from 3 to 10,000."),
        ({"similar_hosts": {"z": 0}}, "similar_hosts.z: must be a number above 0 and up to 100."),
        (
            {"similar_hosts": {"times_median": None}},
            "similar_hosts.times_median: can't be switched off; leave it out for its default.",
        ),
        (
            {"severities": {"vmalloc": "info"}},
            "severities.vmalloc: must be DIMENSION.KIND, such as vmalloc.growth; either may be *.",
        ),
        (
            {"severities": {"vmaloc.growth": "info"}},
            'severities."vmaloc.growth": names no dimension or check; did you mean vmalloc?',
        ),
        (
            {"severities": {"vmalloc.grow": "info"}},
            'severities."vmalloc.grow": names no kind of finding; did you mean growth?',
        ),
        (
            {"severities": {"vmalloc.growth": "warn"}},
            'severities."vmalloc.growth": must be info, warning or critical; did you mean warning?',
        ),
        (
            {"severities": {3: "warn"}},
            'severities."3": must be DIMENSION.KIND, such as vmalloc.growth; either may be *.',
        ),
    ],
)
def test_a_mistake_is_named_where_it_stands(sections, expected):
    assert problems(**sections) == [expected]


@pytest.mark.parametrize(
    ("levels", "path", "text"),
    [
        ({"warning": {"percent_of_ram": 3}}, "critical.percent_of_ram", "critical must not come before warning"),
        ({"watch": {"percent_of_ram": 1}}, "warning.percent_of_ram", "warning must not come before watch"),
        (
            {"warning": None, "watch": {"percent_of_ram": 3}},
            "critical.percent_of_ram",
            "critical must not come before watch",
        ),
        ({"warning": {"percent_of_level": 60}}, "critical.percent_of_level", "is 50, but the warning level has 60"),
        ({"critical": {"at_least": "16 MiB"}}, "critical.at_least", "is 16 MiB, but the warning level has 64 MiB"),
        ({"watch": {"percent_of_ram": None}}, "watch.percent_of_ram", "can't be switched off"),
        ({"watch": {"percent_of_level": "none"}}, "watch.percent_of_level", "can't be switched off"),
        ({"watch": {"at_least": "3 GiB", "at_most": "2 GiB"}}, "watch.at_least", "which is more than at_most"),
    ],
)
def test_a_worse_level_is_never_reached_before_a_milder_one(levels, path, text):
    usual = {
        "watch": {"percent_of_ram": 0.25, "percent_of_level": 10, "at_least": "64 MiB", "at_most": "2 GiB"},
        "warning": {"percent_of_ram": 0.5, "percent_of_level": 25, "at_least": "64 MiB", "at_most": "4 GiB"},
        "critical": {"percent_of_ram": 1, "percent_of_level": 50, "at_least": "64 MiB", "at_most": "8 GiB"},
    }
    changed = {level: amount and {**usual[level], **amount} for level, amount in levels.items()}
    found = problems(growth={"vmalloc": {**usual, **changed}})
    assert any(problem.startswith(f"growth.vmalloc.{path}: ") and text in problem for problem in found), found


def test_levels_of_growth_may_be_the_same():
    """Somebody who wants no watch tier apart may set it to the warning's amounts."""
    same = settings()["growth"]["vmalloc"]["warning"]
    assert settings(growth={"vmalloc": {"watch": same}})["growth"]["vmalloc"]["watch"] == same


def test_what_is_inherited_is_not_complained_about_twice():
    with pytest.raises(PolicyError) as caught:
        resolve_policy(
            {
                "environments": {
                    "production": {"growth": {"vmalloc": {"warning": {"percent_of_ram": 3}}}},
                    "lab": {"based_on": "production"},
                }
            }
        )
    assert len(caught.value.problems) == 1


def test_a_mistake_is_not_followed_by_one_that_it_causes():
    (problem,) = problems(growth={"vmalloc": {"warning": {"at_least": "9 GiB"}}})
    assert problem == "growth.vmalloc.warning.at_least: is 9 GiB, which is more than at_most (4 GiB)."
    found = problems(growth={"vmalloc": {"critical": {"percent_of_ram": "much"}, "warning": {"percent_of_ram": 3}}})
    assert found == ["growth.vmalloc.critical.percent_of_ram: must be a number."]


def test_the_gate_changes_key_by_key_and_is_inherited():
    gate = {"maximum_bad_percent": "5", "noise": {"at_least": "128 MiB"}, "worse": "none"}
    data = {
        "environments": {
            "production": {"gate": gate},
            "lab": {"based_on": "production", "gate": {"worse": {"ratio": 2}}},
        }
    }
    environments = resolve_policy(data)["environments"]
    usual = default_gate_settings("production")
    changed = {"maximum_bad_percent": 5, "noise": {**usual["noise"], "at_least": 128 * MIB}}
    assert environments["production"]["gate"] == {**usual, **changed, "worse": None}
    assert environments["lab"]["gate"] == {**usual, **changed, "worse": {**usual["worse"], "ratio": 2}}
    assert resolve_policy(resolve_policy(data)) == resolve_policy(data)


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        (
            {"maximum_bad_host": 3},
            "gate.maximum_bad_host: is not a key that can stand here; did you mean maximum_bad_hosts?",
        ),
        ({"no good": 3}, 'gate."no good": is not a key that can stand here.'),
        ({"maximum_bad_hosts": "few"}, "gate.maximum_bad_hosts: must be a whole number from 0 to 1,000,000."),
        ({"noise": {"at_leas": 3}}, "gate.noise.at_leas: is not a key that can stand here; did you mean at_least?"),
        ({"noise": 3}, "gate.noise: must be a mapping of keys to settings."),
        ({"canary_hosts": None}, "gate.canary_hosts: can't be switched off; leave it out for its default."),
        (3, "gate: must be a mapping of keys to settings."),
    ],
)
def test_a_mistake_in_the_gate_is_named_where_it_stands(gate, expected):
    assert problems(gate=gate) == [expected]
