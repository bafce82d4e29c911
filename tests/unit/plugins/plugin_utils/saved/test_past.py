# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Older copies are kept at the times at which they were made, once however often they are audited."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Origin
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.saved.copies import copies_below, hosts_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.saved.past import keep_older_copies
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.module_utils.readings import CASES

AT, DAY = 1_700_000_000, 86400


def saved(top: Path, days: int) -> None:
    """Copies of one host, a day apart."""
    for day in range(days):
        folder = top / str(day) / "web1"
        shutil.copytree(Path(CASES) / "page-size-of-x86", folder)
        os.utime(folder / "proc/meminfo", (AT + day * DAY, AT + day * DAY))


def test_older_copies_are_the_past_and_the_newest_is_not(tmp_path: Path) -> None:
    """With who holds the memory; nothing is compared with a copy as with the last run."""
    saved(tmp_path, 4)
    (tmp_path / "1/web1/proc/meminfo").write_text("MemTotal: nonsense\n")
    os.utime(tmp_path / "1/web1/proc/meminfo", (AT + DAY, AT + DAY))
    hosts = hosts_of(copies_below(tmp_path), tmp_path)
    with closing(open_store(str(tmp_path / "history.db"))) as store:
        for _again in range(2):
            keep_older_copies(store, hosts, 5, AT + 30 * DAY)
            (series,) = store.samples()
            times = list(series.columns["collected_at"])
            assert times[0] == AT and times[-1] == AT + 2 * DAY and len(times) <= 3
            assert set(series.columns["origin"]) == {int(Origin.SAVED)}
        assert store.info_without("now").last_run_at is not None
        assert store.last_findings() == {}
        assert store.upkeep.verify() == []


def test_a_copy_that_tells_nothing_is_named(tmp_path: Path) -> None:
    """It leaves a gap in the past, and no more."""
    saved(tmp_path, 2)
    hosts = hosts_of(copies_below(tmp_path), tmp_path)
    (tmp_path / "0/web1/proc/meminfo").unlink()
    with closing(open_store(str(tmp_path / "history.db"))) as store:
        (problem,) = keep_older_copies(store, hosts, 5, AT)
        assert "0/web1 of web1 tells nothing of its past" in problem
        assert list(store.samples()) == []
