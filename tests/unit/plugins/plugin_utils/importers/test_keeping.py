# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes in is written as it comes, and twice is once."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers import keeping
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.keeping import Keeper
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.importers.points import Point
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.times import DAY

NOW = 1795521600


def points(host: str, days: int) -> list[Point]:
    """A point a day."""
    return [Point(host, NOW - number * DAY, {"percpu": 5 * 1024}) for number in range(days)]


def test_importing_twice_changes_nothing(tmp_path: Path) -> None:
    """Whoever is not sure whether it worked does it again."""
    store = open_store(str(tmp_path / "history.sqlite3"))
    keepers = [Keeper(store, "prometheus") for _time in range(2)]
    for keeper in keepers:
        keeper.add_points(points("web1", 3))
        keeper.flush()
    first, second = (keeper.imported for keeper in keepers)
    assert (len(first.days), first.hosts, first.inserted, first.duplicates) == (3, {"web1"}, 3, 0)
    assert (second.inserted, second.duplicates) == (0, 3)
    (series,) = store.series()
    assert list(series.columns["collected_at"]) == [NOW - number * DAY for number in (2, 1, 0)]
    store.close()


def test_an_import_that_was_ended_in_the_middle_is_begun_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written stays; what was not is added; the store is as if nothing had happened."""
    monkeypatch.setattr(keeping, "MOST_WAITING", 4)
    store = open_store(str(tmp_path / "history.sqlite3"))
    ended = Keeper(store, "prometheus")
    ended.add_points(points("web1", 5))
    ended.add_points(points("web2", 2))  # waits, and is lost
    assert store.info.samples == 5
    again = Keeper(store, "prometheus")
    for host, days in (("web1", 5), ("web2", 2), ("web3", 5)):
        again.add_points(points(host, days))
    again.flush()
    assert (again.imported.inserted, again.imported.duplicates, store.info.samples) == (7, 5, 12)
    assert store.upkeep.verify() == []
    store.close()


def test_without_a_store_it_counts() -> None:
    """Check mode says what would come."""
    keeper = Keeper(None, "prometheus")
    keeper.add_points(points("web1", 3))
    keeper.flush()
    assert (len(keeper.imported.days), keeper.imported.dimensions, keeper.imported.inserted) == (3, {"percpu"}, 0)
