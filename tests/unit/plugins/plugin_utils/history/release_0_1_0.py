# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A history that release 0.1.0 kept, and what it answered of it: see tests/samples/history/0.1.0."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Series

FOLDER = Path(__file__).resolve().parents[4] / "samples" / "history" / "0.1.0"
LAST_AUDIT = 1_796_101_200
"""When its latest run began: 2026-12-01T05:00:00Z."""


def sample_file(name: str) -> bytes:
    """A file of the samples."""
    return gzip.decompress((FOLDER / f"{name}.gz").read_bytes())


@lru_cache(maxsize=1)
def answers() -> dict[str, Any]:
    """What release 0.1.0 answered."""
    found: dict[str, Any] = json.loads(sample_file("answers.json"))
    return found


def exported_lines() -> list[dict[str, Any]]:
    """The records that release 0.1.0 exported."""
    return [json.loads(line) for line in sample_file("export.jsonl").splitlines()]


def of_the_time(question: str, series: Iterable[Series]) -> dict[str, dict[str, list[int]]]:
    """Series by host, with the columns that release 0.1.0 had, and the samples that it kept: today's keep more."""
    kept = answers()[question]
    columns = next(iter(kept.values()))
    found: dict[str, dict[str, list[int]]] = {}
    for one in series:
        moments = set(kept.get(one.host, {}).get("collected_at", ()))
        places = [place for place, moment in enumerate(one.columns["collected_at"]) if moment in moments]
        found[one.host] = {name: [one.columns[name][place] for place in places] for name in columns}
    return found


def asked(store: HistoryStore) -> dict[str, Any]:
    """The same questions to a store of today."""
    findings = store.last_findings()
    return {
        "info": {
            name: getattr(store.info, name) for name in ("runs", "hosts", "samples", "first_run_at", "last_run_at")
        },
        "kernels": {str(key): label for key, label in store.kernels().items()},
        "series": of_the_time("series", store.series()),
        "without_hour_29": of_the_time("without_hour_29", store.series(without_run="hour-29")),
        "samples": of_the_time("samples", store.samples()),
        "last_findings": {
            host: [
                [
                    one.dimension,
                    one.kind,
                    one.severity,
                    one.status,
                    *(None if number != number else number for number in (one.value, one.limit)),
                    one.first_seen_at,
                    one.seen_at,
                ]
                for one in found
            ]
            for host, found in findings.items()
        },
        "records": sorted(
            (json.loads(record.document) for record in store.slices.of_run("awx-7")),
            key=lambda record: str(record["host"]),
        ),
        "verify": store.upkeep.verify(),
    }


def expected_answers() -> dict[str, Any]:
    """What a store of today has to answer."""
    wanted = dict(answers())
    wanted["info"] = {name: value for name, value in wanted["info"].items() if name != "schema_version"}
    return wanted
