# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many hosts could not be judged by their past, as the outputs say it."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_asked import (
    MATTER_AT_ONCE,
    not_asked_text,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page.verdict import verdict
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read


def audit_of(*questions: str) -> dict[str, Any]:
    """Return an audit with a past, of whose first hosts one question each could not be asked."""
    given = audits.audit_with_history(40)
    judged = [host for host in given["hosts"] if host["coverage"] is not None]
    for host in judged:
        host["coverage"]["history"] = {"ready": 7, "of": 7, "not_judged": {}, "not_asked": {}}
    for host, question in zip(judged, questions, strict=False):
        host["coverage"]["history"]["not_asked"] = {question: "needs 6 samples, has 3"}
    return given


def test_hosts_are_counted_by_question_in_a_fixed_order() -> None:
    """Growth comes first, since most depends on it."""
    hosts = read(audit_of("owners", "growth", "growth")).hosts
    judged = sum(host.coverage is not None for host in hosts)
    expected = f"Not judged, for want of a past: growth on 2, who grew on 1 of {judged} hosts"
    assert not_asked_text(hosts) == expected
    assert not_asked_text(hosts, MATTER_AT_ONCE) == expected.replace(", who grew on 1", "")


def test_where_all_could_be_asked_nothing_is_said() -> None:
    """An audit of 0.1.0 has no questions, and says nothing either."""
    given = audit_of()
    assert not_asked_text(read(given).hosts) == ""
    for host in given["hosts"]:
        if host["coverage"] is not None:
            del host["coverage"]["history"]["not_asked"]
    assert not_asked_text(read(given).hosts) == ""


def test_the_terminal_says_what_matters_at_once_and_the_page_all() -> None:
    """A fleet whose slab caches can't be read is not told so every night."""
    audit = read(audit_of("owners", "growth"))
    said = content_of(audit, {}).history
    assert said.startswith("Not judged, for want of a past: growth on 1 of ") and said.endswith("the report says why.")
    assert "who grew on 1" in verdict(audit, (), "")
    assert content_of(read(audit_of("owners")), {}).history == ""
