# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must do with an export: write all of it, take it back whole, refuse one that is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    AppendResult,
    HistoryError,
    HistoryStore,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    all_series,
    exported,
    finding,
    lines,
    sample,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.suite import Suite


class ExportSuite(Suite):
    """Whoever takes it in has the fixtures ``where`` and ``another``."""

    def test_export_is_plain_and_comes_back_the_same(
        self, where: str, store: HistoryStore, another: Callable[[], str]
    ) -> None:
        """A history can be backed up as text, moved to another engine and merged; taking it twice changes nothing."""
        for number in range(4):
            add(
                store,
                f"r{number}",
                MIDNIGHT + number * DAY,
                [sample("web1", MIDNIGHT + number * DAY), sample("web2", MIDNIGHT + number * DAY, threads=None)],
                {
                    "web1": [finding(), finding("percpu", "limit", "critical")],
                    "web2": [],
                    "no sample": [finding("fragmentation")],
                },
                run_slice=f"{number}/4",
            )
        written = [json.dumps(record, allow_nan=False) for record in store.upkeep.export()]
        other = open_store(another())
        for inserted, duplicates in ((8, 0), (0, 8)):
            assert other.upkeep.load(map(json.loads, written)) == AppendResult(inserted, duplicates)
            assert (exported(other), all_series(other), other.last_findings()) == (
                exported(store),
                all_series(store),
                store.last_findings(),
            )
            assert other.upkeep.verify() == []
        add(other, "r9", MIDNIGHT + 9 * DAY, [sample("web1", MIDNIGHT + 9 * DAY)])
        assert store.upkeep.load(other.upkeep.export()) == AppendResult(1, 8)
        assert (exported(store), all_series(store)) == (exported(other), all_series(other))
        other.close()

    def test_a_broken_export_is_refused_whole(self, store: HistoryStore, another: Callable[[], str]) -> None:
        """Files get cut and edited: a history must not take in a part of one."""
        add(store, "r1", MIDNIGHT, findings={"web1": [finding()]})
        records = lines(store)
        other = open_store(another())
        broken: list[list[Any]] = [
            records[1:],
            [*records, {"record": "song"}],
            [*records, {}],
            [*records, 7],
            *([{**records[0], "schema_version": version}] for version in (3, 0, True, None, "2")),
        ]
        numbers = records[-2]["numbers"]
        broken += [
            [*records[:-2], {**records[-2], "numbers": {**numbers, "collected_at": value}}]
            for value in ("now", None, 2**64, True, 1.5)
        ]
        no_numbers: tuple[Any, ...] = ({}, 7, None)
        broken += [[*records[:-2], {**records[-2], "numbers": value}] for value in no_numbers]
        broken += [
            [*records[:-2], {**records[-2], "host": "never heard of"}],
            [*records[:-1], {**records[-1], "findings": [{}]}],
        ]
        broken += [[*records[:-1], {**records[-1], "findings": value}] for value in (7, [7], "x")]
        for entries in broken:
            with pytest.raises(HistoryError, match=r"^Record \d+ of the export can't be taken: .*\.$"):
                other.upkeep.load(entries)
            assert other.info.runs == other.info.hosts == 0
        other.close()
