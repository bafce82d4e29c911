# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as it is judged: the one place where its facts, its policy and its place in the inventory come together.

An audit, the gate and ``classify`` make their subjects here, so that none of them can give the rules other inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..model.facts import Facts
from ..model.sample import sample_of
from ..model.subject import Subject
from ..policy.policy import Policy


def subject_of(
    name: str, facts: Facts, policy: Policy, environment: str, *, groups: Sequence[str], now: int, remarks: list[str]
) -> Subject:
    """Return a host as it is judged. *environment* is one of the policy's; *now* is the controller's clock in seconds.

    Where profiles can't be told, it is judged by its environment alone, and *remarks* gets a sentence that says so.
    """
    try:
        settings, profiles = policy.settings_for(environment, facts, name, groups)
    except ValueError as exc:
        remarks.append(f"{name} is judged without profiles: {exc}")
        settings, profiles = policy.environments[environment], ()
    return Subject(name, sample_of(name, facts, now), environment, settings, facts, tuple(groups), profiles)
