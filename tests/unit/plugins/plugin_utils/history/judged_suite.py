# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must do with what runs found: since when, and which run was the one before."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    HistoryStore,
    NewFinding,
    PastFinding,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    finding,
    lines,
    sample,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.suite import Suite


def since(store: HistoryStore, host: str = "web1", **options: Any) -> dict[tuple[str, str], int]:
    """Since when the findings of a host are there, in days after MIDNIGHT."""
    return {
        (each.dimension, each.kind): (each.first_seen_at - MIDNIGHT) // DAY
        for each in store.last_findings([host], **options)[host]
    }


class JudgedSuite(Suite):
    """Whoever takes it in has a fixture ``where`` that gives the address of a store that is not there yet."""

    def test_a_finding_that_stays_keeps_its_first_day(self, opened: SqlStore) -> None:
        """ "For 12 days" in the report must be true; one that went and came back is new."""
        growth, limit = ("slab_unreclaimable", "growth"), ("percpu", "limit")
        steps: list[tuple[list[NewFinding], dict[tuple[str, str], int]]] = [
            ([finding()], {growth: 0}),
            ([finding(severity="critical"), finding(*limit)], {growth: 0, limit: 1}),
            ([finding(*limit)], {limit: 1}),
            ([finding(), finding(*limit), finding(*limit, value=7.0)], {growth: 3, limit: 1}),
            ([], {}),
            ([finding()], {growth: 5}),
        ]
        for day, (findings, wanted) in enumerate(steps):
            add(opened, f"r{day}", MIDNIGHT + day * DAY, findings={"web1": findings})
            assert since(opened) == wanted

    def test_the_run_before_is_the_one_before_in_time(self, opened: SqlStore) -> None:
        """Slices and imports come in any order."""
        for day in (1, 5, 3, 7):
            add(opened, f"r{day}", MIDNIGHT + day * DAY, findings={"web1": [finding()] if day != 5 else []})
        assert since(opened) == {("slab_unreclaimable", "growth"): 7}
        add(opened, "r2", MIDNIGHT + 2 * DAY, findings={"web1": [finding()]})
        add(opened, "r8", MIDNIGHT + 8 * DAY, findings={"web1": [finding()]})
        kept = {
            record["run"]: record["findings"][0]["first_seen_at"]
            for record in lines(opened, "judged")
            if record["findings"]
        }
        assert {run: (moment - MIDNIGHT) // DAY for run, moment in kept.items()} == {
            "r1": 1,
            "r2": 1,
            "r3": 1,
            "r7": 7,
            "r8": 7,
        }

    def test_no_finding_and_not_judged_are_two_things(self, opened: SqlStore) -> None:
        """ "Resolved" may be said only of a host that was judged."""
        add(opened, "r1", MIDNIGHT, [sample("web1"), sample("imported")], {"web1": [finding()], "unreachable": []})
        assert {host: len(found) for host, found in opened.last_findings().items()} == {"web1": 1, "unreachable": 0}
        assert opened.last_findings()["web1"] == [
            PastFinding("web1", "slab_unreclaimable", "growth", "warning", "confirmed", 3.5e9, 1e9, MIDNIGHT, MIDNIGHT)
        ]

    def test_a_retry_compares_with_the_run_before(self, opened: SqlStore) -> None:
        """Otherwise a second try of the report would say that nothing is new."""
        add(opened, "r1", MIDNIGHT, findings={"web1": [finding()]})
        add(opened, "r2", MIDNIGHT + DAY, findings={"web1": [], "web2": [finding()]})
        assert since(opened) == {}
        assert set(opened.last_findings(without_run="r2")) == {"web1"}
        assert since(opened, without_run="r2") == {("slab_unreclaimable", "growth"): 0}
