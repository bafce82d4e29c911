# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the expression of a profile can ask for."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.profile_match import FIELDS, match_data
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts

FACTS = checked_facts(healthy_facts())


def test_what_an_expression_can_ask_for_is_what_facts_have():
    asked = match_data(FACTS, "web1", ["web"])
    assert set(asked) == set(FIELDS)
    for part, names in FIELDS.items():
        if names is not None:
            assert set(asked[part]) == set(names)
