# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed, and what the fleet shows as a whole, in words."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.changes import Change, Changes
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.groups import Group, InCommon
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.phrases import (
    change_counts,
    changed_alike,
    changes_in_order,
    fleet_entries,
    set_aside,
    short_sentence,
    whole_sentence,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.uptime import UptimeGrowth

SHARED = InCommon("boot_parameter", "nokmem", 6, 9, 66.67, 1.2, "6 of 9 hosts have it.")
LEAK = UptimeGrowth("percpu", "warning", "6.1", 9, 1024**2, 1, 2, "It grows.", "Plan.", "")


def group(regression: bool, shared: InCommon | None = None) -> Group:
    """A finding of some hosts."""
    return Group("percpu", "growth", "warning", ("a", "b"), ("x",), "Per-CPU grows.", "Look.", "", shared, regression)


def change(name: str, severity: str) -> Change:
    """A change of a host."""
    return Change(name, "percpu", "limit", severity, None, None, "")


def test_regressions_come_first_then_leaks_then_the_rest() -> None:
    """A defect of a kernel explains most."""
    plain, bad = group(False), group(True)
    assert fleet_entries([LEAK], [plain, bad]) == [(2, bad), (9, LEAK), (2, plain)]


def test_sentences() -> None:
    """Whole for a page, short for a line."""
    assert whole_sentence(LEAK) == "It grows." and whole_sentence(group(False)) == "Per-CPU grows."
    assert whole_sentence(group(False, SHARED)) == "Per-CPU grows. 6 of 9 hosts have it."
    assert short_sentence(LEAK) == "Per-CPU grows by 1 MiB a day of uptime on kernel 6.1"
    assert short_sentence(group(False)) == "Per-CPU grows."
    assert short_sentence(group(False, SHARED)).endswith(
        ": 66.7 % of hosts with boot parameter nokmem, 1.2 % of others"
    )


def test_changes_of_one_cause_stand_together() -> None:
    """Ten hosts that rose with one deployment are one line, and bad news comes first."""
    rose = tuple(Change(f"web{one}", "vmalloc", "spike", "warning", "warning", None, "") for one in range(9))
    found = Changes(
        None, new=(change("b", "warning"), change("a", "critical")), resolved=(*rose, change("c", "warning"))
    )
    alike = changed_alike(found)
    assert [(one.what, one.phrase, one.hosts) for one in alike] == [
        ("new", "Per-CPU, limit", ("a", "b")),
        ("resolved", "Vmalloc, sudden rise", tuple(f"web{one}" for one in range(9))),
        ("resolved", "Per-CPU, limit", ("c",)),
    ]


def test_hosts_that_are_silent_or_back_are_counted_beside() -> None:
    """Only where there are some."""
    assert change_counts(Changes(None, silent=("a",), back=("b", "c"))).endswith(
        "0 as before, 1 host stopped answering, 2 hosts answer again"
    )


def test_what_does_not_count_is_said() -> None:
    """A waiver that has expired is somebody's promise that was not kept."""
    assert set_aside(0, 0, ()) == ""
    assert set_aside(2, 1, ("db*, 2026-11-01",)) == (
        "2 long-standing; 1 finding is waived; 1 waiver has expired (db*, 2026-11-01)."
    )


def test_changes_are_counted_and_bad_news_comes_first() -> None:
    """The most severe of each kind before the others."""
    found = Changes(None, new=(change("b", "warning"), change("a", "critical")), resolved=(change("c", "warning"),))
    assert change_counts(found) == "2 new, 0 worse, 0 better, 1 resolved, 0 as before"
    shown = [(what, one.name) for what, one in changes_in_order(found)]
    assert shown == [("new", "a"), ("new", "b"), ("resolved", "c")]
