# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision of an audit: what stops comes first, what is missing is never well, and the sentence counts right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry, SeenFinding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import no_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.summary import DECISIONS, decide
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding

KINDS = ("critical", "warning", "ok", "unreachable", "refused", "shared_kernel")


def host(kind: str, number: int = 1) -> Entry:
    """A host with a verdict, or with the reason why it has none."""
    entry = Entry(f"{kind}{number}", "production", "default", ())
    if kind in ("critical", "warning", "ok"):
        return replace(entry, verdict=kind)
    return replace(entry, no_data=no_data(kind, entry.name))


def hosts(**numbers: int) -> list[Entry]:
    """So many of each kind."""
    return [host(kind, number) for kind, most in numbers.items() for number in range(most, 0, -1)]


@pytest.mark.parametrize(
    ("fleet", "decision", "sentence"),
    [
        (hosts(ok=1), "pass", "The only host is within its limits"),
        (hosts(ok=1200), "pass", "All 1,200 hosts are within their limits"),
        (hosts(ok=1, shared_kernel=1), "pass", "The only kernel is within its limits"),
        (hosts(ok=3, shared_kernel=1), "pass", "All 3 kernels are within their limits"),
        (hosts(ok=3, warning=1), "hold", "1 of 4 hosts has a warning"),
        (hosts(ok=3, warning=2), "hold", "2 of 5 hosts have a warning"),
        (hosts(ok=3, unreachable=1, warning=2), "inconclusive", "1 of 6 hosts gave no data"),
        (hosts(ok=3, unreachable=1, warning=2, critical=1), "fail", "1 of 7 hosts is critical"),
        (hosts(critical=2), "fail", "2 of 2 hosts are critical"),
    ],
)
def test_the_worst_decides_and_is_counted(fleet: list[Entry], decision: str, sentence: str) -> None:
    """Critical stops, no data is no yes, a warning waits."""
    found = decide(fleet)
    assert (found.decision, found.sentence) == (decision, sentence)


def test_reasons_name_whom_to_look_at() -> None:
    """Five in the order of names; warnings only where they decide; causes with the most first."""
    found = decide(hosts(critical=6, warning=1, unreachable=1, refused=2, shared_kernel=2))
    assert found.reasons == (
        "6 hosts are critical: critical1, critical2, critical3, critical4, critical5 and 1 more.",
        "3 hosts gave no data (connection refused 2, unreachable 1).",
        "1 host has a warning.",
        "2 hosts share their kernels with other names and are judged there.",
    )
    assert decide(hosts(warning=2, shared_kernel=1)).reasons == (
        "2 hosts have a warning: warning1, warning2.",
        "1 host shares its kernel with another name and is judged there.",
    )
    assert decide(hosts(critical=1)).reasons == ("1 host is critical: critical1.",)
    assert decide(hosts(ok=2)).reasons == ()


def test_what_is_old_is_said_and_decides_nothing() -> None:
    """A limit exceeded for long without harm has a count of its own."""
    finding = Finding("percpu", "limit", "warning", "long_standing", 2.0, 1.0, "bytes", "1 KiB", "Much.", "Look.", "ls")
    seen = SeenFinding.of(finding, "ok1", "2026-11-24T12:00:00Z")
    old = [replace(one, findings=(seen,)) for one in hosts(ok=2)]
    assert decide(old[1:]).reasons == ("1 long-standing: ok1 has been above a limit for long.",)
    assert decide(old).reasons == ("2 long-standing: ok1, ok2 have been above a limit for long.",)
    assert decide(old).decision == "pass"


@given(st.lists(st.sampled_from(KINDS), min_size=1))
def test_one_more_host_never_makes_a_fleet_better_unless_it_is_well(kinds: list[str]) -> None:
    """A host that is critical, or silent, must not be outvoted."""
    order = ("fail", "inconclusive", "hold", "pass")
    found = decide(host(kind, number) for number, kind in enumerate(kinds))
    assert found.decision in DECISIONS
    for kind in KINDS:
        more = decide([*(host(one, number) for number, one in enumerate(kinds)), host(kind, 999)])
        assert order.index(more.decision) <= order.index(found.decision)
        assert kind not in ("ok", "shared_kernel") or more.decision == found.decision
