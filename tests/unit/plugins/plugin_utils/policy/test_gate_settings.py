# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate section of a policy: complete defaults, and a clear word on every mistake."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.gate_settings import (
    GATE_KEYS,
    check_gate,
    default_gate_settings,
    plain_gate_settings,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import PolicyError, resolve_policy

REGRESSION = default_gate_settings("production")["regression"]


@pytest.mark.parametrize("environment", ["production", "staging", "development", "lab"])
def test_defaults_are_complete_right_and_fresh(environment: str) -> None:
    """Every environment starts from settings that the checks let through, and that nobody else can change."""
    settings = default_gate_settings(environment)
    assert set(settings) == set(GATE_KEYS)
    assert check_gate(settings, "gate") == []
    assert plain_gate_settings(settings) == settings
    settings["states"]["unknown"] = "accept"
    settings["batch_percent"].append(100)
    assert default_gate_settings(environment) != settings


def test_no_data_is_not_healthy_in_production() -> None:
    """What is not known, not reached or old counts as bad by default."""
    states = default_gate_settings("production")["states"]
    assert {name for name, treatment in states.items() if treatment == "bad"} == {"unreachable", "unknown", "stale"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"soak_day": 3}, "gate.soak_day: is not a key that can stand here; did you mean soak_days?"),
        ({"blocking_severity": "info"}, "gate.blocking_severity: must be one of warning, critical"),
        ({"blocking_severity": None}, "gate.blocking_severity: can't be switched off"),
        ({"maximum_bad_percent": 101}, "gate.maximum_bad_percent: must be a percentage"),
        ({"maximum_bad_percent": True}, "gate.maximum_bad_percent: must be a number"),
        ({"maximum_bad_hosts": -1}, "gate.maximum_bad_hosts: must be a whole number from 0"),
        ({"batch_percent": [25, 10]}, "gate.batch_percent: must be a list of 1 to 10 percentages"),
        ({"batch_percent": []}, "gate.batch_percent: must be a list"),
        ({"allow_override": "maybe"}, "gate.allow_override: must be true or false."),
        ({"states": {"unreachable": "bad"}}, "gate.states.unknown: is missing."),
        ({"states": "bad"}, "gate.states: must be a mapping"),
        ({"noise": {"at_least": "64 MB", "percent_of_ram": 1}}, "gate.noise.at_least: has the unit MB"),
        (
            {"regression": {**REGRESSION, "minimum_hosts": 2}},
            "gate.regression.minimum_hosts: must be a whole number from 5",
        ),
        ({"regression": {**REGRESSION, "significance": 0.5}}, "gate.regression.significance: must be a number above 0"),
        (
            {"settle": {"minimum_uptime_seconds": 1, "at_most_seconds": 5, "interval_seconds": 9, "quiet_percent": 5}},
            "gate.settle.interval_seconds: is longer",
        ),
    ],
)
def test_each_mistake_is_named_with_its_place(change: dict[str, Any], problem: str) -> None:
    """One sentence that begins with the key path."""
    problems = check_gate({**default_gate_settings("production"), **change}, "gate")
    assert any(one.startswith(problem) for one in problems), problems
    with pytest.raises(ValueError, match="gate"):
        plain_gate_settings({**default_gate_settings("production"), **change})


def test_a_missing_key_is_named() -> None:
    """A section that is not complete is refused rather than guessed."""
    settings = default_gate_settings("production")
    del settings["soak_days"]
    assert check_gate(settings, "gate") == ["gate.soak_days: is missing."]
    assert check_gate([], "gate") == ["gate: must be a mapping of keys to settings."]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "key", ["worse", "regression", "cohort", "soak_days", "maximum_bad_hosts", "maximum_bad_percent_in_all"]
)
def test_rules_can_be_switched_off(key: str) -> None:
    """``none`` is the same as null."""
    for off in (None, "none"):
        assert plain_gate_settings({**default_gate_settings("production"), key: off})[key] is None


def test_text_numbers_become_numbers() -> None:
    """On ansible-core 2.16 a templated number arrives as text."""
    settings = plain_gate_settings(
        {**default_gate_settings("production"), "maximum_bad_percent": "0", "soak_days": "3", "allow_override": "no"}
    )
    assert (settings["maximum_bad_percent"], settings["soak_days"], settings["allow_override"]) == (0, 3, False)


def test_a_policy_carries_the_section() -> None:
    """What a policy leaves out keeps its default; what is wrong is told with the path in the policy."""
    policy = resolve_policy(
        {
            "environments": {
                "production": {"gate": {"states": {"learning": "inconclusive"}, "noise": {"at_least": "1 GiB"}}}
            }
        }
    )
    gate = plain_gate_settings(policy["environments"]["production"]["gate"])
    assert gate["states"] == {"unreachable": "bad", "unknown": "bad", "stale": "bad", "learning": "inconclusive"}
    assert gate["noise"] == {"at_least": 1024**3, "percent_of_ram": 0.25}
    with pytest.raises(PolicyError, match=r"environments\.staging\.gate\.states\.unknown: must be one of bad"):
        resolve_policy({"environments": {"staging": {"gate": {"states": {"unknown": "fine"}}}}})
