# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole store as plain records, and back: for a file of JSON lines, a backup, or a move to another engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..model.sample import COLUMNS
from . import rows as kept
from .engine import CHUNK, Engine, Row, chunks
from .schema import clean_text, column_names
from .store import SCHEMA_VERSION, AppendResult, HistoryError, RunRecord

RECORDS = ("store", "kernel", "run", "host", "sample", "rollup", "judged")
_ROLLUP = column_names("rollup")[1:]
_FINDING = column_names("finding")[3:]
_TEXTS = ("dimension", "kind", "severity", "status")
_LARGEST = 2**63


def export(engine: Engine) -> Iterator[dict[str, Any]]:
    """Yield everything as records: of the store, kernels and runs, then of each host. Series are left out, since
    samples make them.
    """
    yield {"record": "store", "schema_version": SCHEMA_VERSION}
    for key, label in engine.rows("SELECT kernel_key, label FROM kernel ORDER BY kernel_key"):
        yield {"record": "kernel", "kernel_key": key, "label": label}
    slices: dict[int, dict[str, int]] = {}
    for run_id, part, started_at in engine.rows(
        "SELECT run_id, slice, started_at FROM run_slice ORDER BY run_id, slice"
    ):
        slices.setdefault(run_id, {})[part] = started_at
    runs = {}
    for run_id, name, started_at, source, version in engine.rows(
        "SELECT run_id, name, started_at, source, tool_version FROM run ORDER BY started_at, name"
    ):
        runs[run_id] = name
        yield {
            "record": "run",
            "run": name,
            "started_at": started_at,
            "source": source,
            "tool_version": version,
            "slices": slices.get(run_id, {}),
        }
    for chunk in chunks(kept.all_host_ids(engine), kept.HOSTS_AT_ONCE):
        yield from _of_hosts(engine, (chunk[0], chunk[-1]), runs)


def load(engine: Engine, entries: Iterable[Mapping[str, Any]]) -> AppendResult:
    """Put the records of an export into a store. What is there already stays as it is."""
    loader = _Loader(engine)
    with engine.writing():
        for number, entry in enumerate(entries, 1):
            problem = loader.take(entry)
            if problem:
                raise HistoryError(
                    f"Record {number} of the export can't be taken: {problem}. Nothing of it was kept; make the "
                    "export anew."
                )
        return loader.finish()


def _of_hosts(engine: Engine, ids: tuple[int, int], runs: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    hosts = {}
    for host_id, name, first_seen_at in engine.rows(
        "SELECT host_id, name, first_seen_at FROM host WHERE host_id BETWEEN ? AND ? ORDER BY host_id", ids
    ):
        hosts[host_id] = name
        yield {"record": "host", "host": name, "first_seen_at": first_seen_at}
    known = "run_id IN (SELECT run_id FROM run) AND host_id BETWEEN ? AND ?"
    for run_id, host_id, *numbers in engine.rows(
        f"SELECT run_id, host_id, {', '.join(COLUMNS)} FROM sample WHERE {known} ORDER BY host_id, run_id", ids
    ):
        if run_id in runs and host_id in hosts:
            yield {
                "record": "sample",
                "run": runs[run_id],
                "host": hosts[host_id],
                **dict(zip(COLUMNS, numbers, strict=True)),
            }
    rollups = (
        f"SELECT host_id, {', '.join(_ROLLUP)} FROM rollup WHERE host_id BETWEEN ? AND ? ORDER BY host_id, "
        "day, boot_key"
    )
    for host_id, *numbers in engine.rows(rollups, ids):
        yield {"record": "rollup", "host": hosts[host_id], **dict(zip(_ROLLUP, numbers, strict=True))}
    findings: dict[tuple[int, int], list[dict[str, Any]]] = {
        (host_id, run_id): []
        for host_id, run_id in engine.rows(f"SELECT host_id, run_id FROM judged WHERE {known}", ids)
    }
    for host_id, run_id, *fields in engine.rows(
        f"SELECT host_id, run_id, {', '.join(_FINDING)} FROM finding WHERE {known} ORDER BY place", ids
    ):
        findings.setdefault((host_id, run_id), []).append(dict(zip(_FINDING, fields, strict=True)))
    for (host_id, run_id), found in sorted(findings.items()):
        if run_id in runs and host_id in hosts:
            yield {"record": "judged", "run": runs[run_id], "host": hosts[host_id], "findings": found}


class _Loader:
    """Takes records one by one and puts them into tables many at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._runs: dict[str, int] = {name: run_id for run_id, name in engine.rows("SELECT run_id, name FROM run")}
        self._hosts: dict[str, int] = {}
        self._waiting: dict[str, list[Row]] = {
            table: [] for table in ("kernel", "sample", "rollup", "judged", "finding")
        }
        self._touched: set[int] = set()
        self._inserted = self._samples = 0
        self._begun = False

    def take(self, entry: Mapping[str, Any]) -> str | None:
        """Take a record, and return what is wrong with it."""
        kind = entry.get("record") if isinstance(entry, Mapping) else None
        if kind not in RECORDS:
            return "it is no record of a history"
        if kind == "store":
            self._begun = True
            version = entry.get("schema_version")
            return (
                None
                if version == SCHEMA_VERSION
                else f"its schema is {version} and this release of the collection knows {SCHEMA_VERSION}"
            )
        if not self._begun:
            return "the record that says which schema it has is not before it"
        try:
            getattr(self, f"_take_{kind}")(entry)
        except KeyError as exc:
            return f"it has no {exc.args[0]}, or names a run or a host that is not before it"
        except (TypeError, ValueError, AttributeError) as exc:
            return f"a value in it is of the wrong kind ({exc})"
        if sum(map(len, self._waiting.values())) >= 10 * CHUNK:
            self._flush()
        return None

    def finish(self) -> AppendResult:
        """Put what is still waiting, and make series anew."""
        self._flush()
        kept.rebuild(self._engine, sorted(self._touched))
        kept.count_samples(self._engine)
        return AppendResult(self._inserted, self._samples - self._inserted)

    def _flush(self) -> None:
        for table, rows in self._waiting.items():
            for chunk in chunks(rows):
                new = self._engine.put(table, chunk)
                self._inserted += new if table == "sample" else 0
            rows.clear()

    def _take_kernel(self, entry: Mapping[str, Any]) -> None:
        self._waiting["kernel"].append((_whole(entry["kernel_key"]), _text(entry["label"])))

    def _take_run(self, entry: Mapping[str, Any]) -> None:
        name = _text(entry["run"])
        for part, started_at in (dict(entry["slices"]) or {"": entry["started_at"]}).items():
            run = RunRecord(name, _whole(started_at), _text(entry["source"]), _text(part), _text(entry["tool_version"]))
            self._runs[name] = kept.run_id_of(self._engine, run)

    def _take_host(self, entry: Mapping[str, Any]) -> None:
        name = _text(entry["host"])
        self._hosts.update(kept.host_ids_of(self._engine, [name], _whole(entry["first_seen_at"])))
        self._touched.add(self._hosts[name])

    def _take_sample(self, entry: Mapping[str, Any]) -> None:
        numbers = [_whole(entry[name]) if name == "collected_at" else _whole_or_none(entry[name]) for name in COLUMNS]
        self._waiting["sample"].append((self._runs[_text(entry["run"])], self._hosts[_text(entry["host"])], *numbers))
        self._samples += 1

    def _take_rollup(self, entry: Mapping[str, Any]) -> None:
        key = [_whole(entry[name]) for name in _ROLLUP[:4]]
        self._waiting["rollup"].append(
            (self._hosts[_text(entry["host"])], *key, *(_whole_or_none(entry[name]) for name in _ROLLUP[4:]))
        )

    def _take_judged(self, entry: Mapping[str, Any]) -> None:
        run_id, host_id = self._runs[_text(entry["run"])], self._hosts[_text(entry["host"])]
        self._waiting["judged"].append((run_id, host_id))
        for place, found in enumerate(entry["findings"]):
            self._waiting["finding"].append(
                (
                    run_id,
                    host_id,
                    place,
                    *(_text(found[name]) for name in _TEXTS),
                    _real(found["value"]),
                    _real(found["limit_value"]),
                    _whole(found["first_seen_at"]),
                )
            )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("it should be text")
    return clean_text(value)


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not -_LARGEST <= value < _LARGEST:
        raise TypeError("it should be a whole number")
    return value


def _whole_or_none(value: object) -> int | None:
    return None if value is None else _whole(value)


def _real(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise TypeError("it should be a number")
    return float(value)
