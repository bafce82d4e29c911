# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The amounts that ship."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.defaults import (
    default_environment_settings,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.schema import ENVIRONMENT_KEYS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.text.units import GIB, MIB


def test_every_dimension_has_an_entry() -> None:
    """A policy is complete after resolving; null is switched off."""
    settings = default_environment_settings("production")
    assert set(settings) == set(ENVIRONMENT_KEYS)
    for dimension in LIMITED:
        assert set(settings["growth"][dimension]) == {"watch", "warning", "critical"}
        assert set(settings["level"][dimension]) == {"warning"}
    assert settings["growth"]["slab_reclaimable"] == {"watch": None, "warning": None, "critical": None}
    assert settings["level"]["slab_reclaimable"] == {"warning": None}


def test_tiers_rise() -> None:
    """The higher tiers ask for all that the lower ones ask for; the rule relies on that."""
    for dimension, tiers in default_environment_settings("production")["growth"].items():
        if dimension != "slab_reclaimable":
            for key in ("percent_of_ram", "percent_of_level", "at_least", "at_most"):
                assert tiers["watch"][key] <= tiers["warning"][key] <= tiers["critical"][key]


def test_the_amounts_of_a_warning() -> None:
    """1 % of RAM and a quarter of the level, between 64 MiB and 4 GiB; twice that for the noisy remainder."""
    growth = default_environment_settings("production")["growth"]
    assert growth["slab_unreclaimable"]["warning"] == {
        "percent_of_ram": 1,
        "percent_of_level": 25,
        "at_least": 64 * MIB,
        "at_most": 4 * GIB,
    }
    assert growth["slab_unreclaimable"]["critical"] == {
        "percent_of_ram": 2,
        "percent_of_level": 50,
        "at_least": 64 * MIB,
        "at_most": 8 * GIB,
    }
    assert growth["unaccounted"]["warning"]["percent_of_ram"] == 2
    assert growth["percpu"]["warning"]["percent_of_ram"] < 0.5


@pytest.mark.parametrize(("environment", "factor"), [("staging", 1.5), ("development", 2)])
def test_other_environments_tolerate_more(environment: str, factor: float) -> None:
    """Percentages and the most; not the least, nor how history is kept."""
    settings, production = default_environment_settings(environment), default_environment_settings("production")
    ours, theirs = settings["growth"]["percpu"]["warning"], production["growth"]["percpu"]["warning"]
    assert ours["percent_of_ram"] == pytest.approx(theirs["percent_of_ram"] * factor)
    assert ours["percent_of_level"] == pytest.approx(theirs["percent_of_level"] * factor)
    assert ours["at_most"] == theirs["at_most"] * factor
    assert ours["at_least"] == theirs["at_least"]
    assert settings["history"] == production["history"]
    assert settings["similar_hosts"] == production["similar_hosts"]


def test_copies_are_fresh() -> None:
    """Changing one changes no other."""
    default_environment_settings("production")["history"]["windows_days"].append(60)
    assert default_environment_settings("production")["history"]["windows_days"] == [14, 30]
