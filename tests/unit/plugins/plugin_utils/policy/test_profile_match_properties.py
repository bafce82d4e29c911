# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expressions of any form: one is compiled or refused in a sentence, and never crashes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.facts.facts import checked_facts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.profile_match import (
    compile_match,
    match_data,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.healthy_host import healthy_facts

FACTS = checked_facts(healthy_facts())


@given(st.text(max_size=30) | st.text("()[]{}|&!<>=.,*@?`'\"\\:-0123456789abghostru ", max_size=40))
def test_any_expression_is_compiled_or_refused_and_never_crashes(expression):
    try:
        match = compile_match(expression)
    except ValueError as exc:
        assert str(exc).endswith((".", "?"))
        return
    data = match_data(FACTS, "web1", ["web"])
    try:
        assert match(data) in (True, False)
    except ValueError as exc:
        assert str(exc).endswith(".")
