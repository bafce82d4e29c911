# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plain settings as objects: the same values, and nothing where something is switched off."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import plain
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.defaults import BUILT_IN
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.settings import settings_of


def settings(environment="production", **sections):
    """The plain settings of an environment, and the same as an object."""
    written = resolve_policy({"environments": {environment: sections}})["environments"][environment]
    return written, settings_of(written)


@pytest.mark.parametrize("environment", BUILT_IN)
def test_every_value_of_a_policy_is_kept(environment):
    """A key that the classes don't know would be dropped unseen; one that a policy lacks would be made up."""
    written, found = settings(environment)

    def given(value):
        """What is set: the classes name every condition of a limit, a policy only those that a dimension has."""
        return {key: given(one) for key, one in value.items() if one is not None} if isinstance(value, dict) else value

    assert given(plain(asdict(found))) == given(written)


def test_what_is_switched_off_is_nothing():
    """A level, the comparison with similar hosts, a severity: each can be none."""
    _written, found = settings(
        limits={"vmalloc": {"critical": "none"}},
        growth={"percpu": "none"},
        similar_hosts="none",
        severities={"vmalloc.limit": "warning", "percpu.limit": "none"},
    )
    assert found.limits["vmalloc"].critical is None and found.limits["vmalloc"].warning is not None
    assert set(found.growth["percpu"].values()) == {None}
    assert found.similar_hosts is None
    assert found.severities == {"vmalloc.limit": "warning"}


def test_windows_can_not_be_changed_afterwards():
    """Settings are shared by all hosts of an environment."""
    written, found = settings(history={"windows_days": [3, 9]})
    assert written["history"]["windows_days"] == [3, 9] and found.history.windows_days == (3, 9)
    assert plain(found.history.windows_days) == [3, 9]
