# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a judged host to its entry in an audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.host import judged_entry
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import TOTAL
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import PastFinding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.judge import judge_alone
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.judging.verdict import Judged
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import subject

NOW = "2026-11-24T12:00:00Z"
ENTRY = Entry("web1", "production", "default", ())


def judged() -> Judged:
    """A host that was judged by its limits."""
    return judge_alone(subject("web1"), (), date(2026, 11, 24))


def test_a_host_that_a_rule_stumbled_over_has_no_data_and_says_why() -> None:
    """Not a verdict that nobody gave."""
    broken = judged()
    broken.problem = "judging it failed with KeyError: x"
    entry = judged_entry(ENTRY, broken, None, NOW)
    assert entry.verdict == "unknown" and entry.no_data is not None and entry.no_data.reason == "unreadable"
    assert "KeyError" in entry.no_data.message and entry.dimensions is None


def test_a_judged_host_has_its_account() -> None:
    """Numbers, coverage and details are those of the facts."""
    one = judged()
    entry, facts = judged_entry(ENTRY, one, None, NOW), one.subject.facts
    assert facts is not None and entry.dimensions == facts.dimensions()
    assert entry.kernel_unreclaimable_bytes == facts.amounts[TOTAL]
    assert entry.details.accounting == facts.account and entry.bound == facts.account.bound
    assert entry.coverage is not None and entry.no_data is None


def test_a_finding_that_was_there_before_keeps_its_first_day() -> None:
    """And a new one was first seen now."""
    one = judged()
    sick = replace(one.subject.sample, amounts={**one.subject.sample.amounts, "percpu": 2**36})
    again = judge_alone(replace(one.subject, sample=sick), (), date(2026, 11, 24))
    (first, *_rest) = judged_entry(ENTRY, again, None, NOW).findings
    assert first.first_seen_at == NOW
    past = PastFinding("web1", *first.key, "warning", "current", 1.0, 1.0, 1_794_700_800, 1_795_435_200)
    assert judged_entry(ENTRY, again, [past], NOW).findings[0].first_seen_at == "2026-11-15T00:00:00Z"
