# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet over its last runs: which runs are shown, and what is said of each."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.consolidated import Counts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.fleet_runs import MOST_RUNS, fleet_runs
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.of_a_run import Past
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.fleet import FleetSums, Measure, RunSums
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import (
    DAY,
    HOUR,
    seconds_of,
    utc_text,
)

NOW = "2026-11-24T12:00:00Z"
COUNTS = Counts(ok=8, warning=1, critical=1, unknown=0, total=10)


class Known(Past):
    """A past whose earlier runs are these."""

    runs: tuple[RunSums, ...] = ()

    def sums_since(self, since: int) -> list[RunSums]:
        return [one for one in self.runs if one.started_at >= since]


def run(ago: int, hosts: int = 10, slab: int = 5) -> RunSums:
    """A run so many seconds ago."""
    measure = Measure("slab_unreclaimable", hosts, slab, (0.1,) * 7)
    return RunSums(str(ago), seconds_of(NOW) - ago, FleetSums({"ok": hosts - 2, "critical": 2}, (measure,)))


def shown(*runs: RunSums) -> list[str]:
    past = Known()
    past.runs = runs
    return [one.started_at for one in fleet_runs(past, (), COUNTS, NOW)]


def test_without_an_earlier_run_there_is_no_trend() -> None:
    """One point is no line."""
    assert shown() == []


def test_this_run_is_the_last_and_parts_of_the_fleet_are_left_out() -> None:
    """A run of two hosts among runs of ten would draw a hole into every line."""
    assert shown(run(2 * DAY), run(DAY, hosts=2)) == [utc_text(seconds_of(NOW) - 2 * DAY), NOW]


def test_of_many_runs_as_many_are_shown_as_a_picture_can_hold() -> None:
    """Runs of every hour for two months are sixty of them, evenly far apart."""
    found = shown(*[run(ago * HOUR) for ago in range(24 * 50, 0, -1)])
    assert 45 <= len(found) <= MOST_RUNS and found[-1] == NOW and found == sorted(found)


def test_a_run_has_its_verdicts_its_sums_and_its_spread() -> None:
    """What no host knew is null and never 0."""
    past = Known()
    past.runs = (run(DAY, slab=7),)
    before, now = fleet_runs(past, (), COUNTS, NOW)
    assert (before.hosts, before.critical, before.sums["slab_unreclaimable"], before.sums["percpu"]) == (10, 2, 7, None)
    assert (now.hosts, now.critical, now.warning, now.ok) == (10, 1, 1, 8)
    assert now.sums["slab_unreclaimable"] is None
