# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An export read back into a store. Of a file that somebody has cut or edited nothing is kept, and one sentence says
where it is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from ..model.fleet import SHARES
from ..model.owners import OwnerKey, OwnerKind, OwnersSample
from ..model.sample import Origin
from .compaction import add_days
from .engine import CHUNK, Engine, Row, chunks
from .ids import groups, host_ids_of, run_id_of
from .judged import find_latest
from .migrations import IMPORTED
from .notes import PACKED_UNTIL, SUMMED_UNTIL, forget_note
from .owners import OwnersWriter
from .plain_values import Json, listed, mapping, real_or_none, text, text_or_none, whole, whole_or_none
from .sample_columns import Numbers, from_stored, to_stored
from .samples import kept_samples, store_layout
from .series import rebuild
from .store import SCHEMA_VERSION, AppendResult, HistoryError, RunRecord

_MOST_WAITING = 10 * CHUNK


def load(engine: Engine, entries: Iterable[object]) -> AppendResult:
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


class _Loader:
    """Takes records one by one and puts them into tables many at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._layout = store_layout(engine)
        self._schema = 0
        self._runs: dict[str, int] = {name: run_id for run_id, name in engine.rows("SELECT run_id, name FROM run")}
        self._imported: set[int] = set()
        self._hosts: dict[str, int] = {}
        self._rows: dict[str, list[Row]] = {table: [] for table in ("kernel", "judged", "finding")}
        self._samples: dict[int, list[tuple[int, Numbers]]] = {}
        self._days: dict[int, list[Numbers]] = {}
        self._owners = _OwnersLoader(engine)
        self._waiting = self._given = 0
        self._inserted: Counter[int] = Counter()
        self._takers: dict[str, Callable[[Json], None]] = {
            "kernel": self._take_kernel,
            "run": self._take_run,
            "sums": self._take_sums,
            "rollout": self._take_rollout,
            "host": self._take_host,
            "sample": self._take_sample,
            "rollup": self._take_day,
            "judged": self._take_judged,
            "owners": self._take_owners,
        }

    def take(self, entry: object) -> str | None:
        """Take a record, and return what is wrong with it."""
        kind = entry.get("record") if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(kind, str) or kind not in (*self._takers, "store"):
            return "it is no record of a history"
        if kind == "store":
            return self._begin(entry.get("schema_version"))
        if not self._schema:
            return "the record that says which schema it has is not before it"
        try:
            self._takers[kind](entry)
        except KeyError as exc:
            return f"it has no {exc.args[0]}, or names a run or a host that is not before it"
        except (TypeError, ValueError) as exc:
            return f"a value in it is of the wrong kind ({exc})"
        self._waiting += 1
        if self._waiting >= _MOST_WAITING:
            self._flush()
        return None

    def finish(self) -> AppendResult:
        """Put what is still waiting, and make anew what follows from it."""
        self._flush()
        hosts = sorted(self._hosts.values())
        rebuild(self._engine, hosts)
        find_latest(self._engine, hosts)
        for run_id, number in self._inserted.items():
            self._engine.change("UPDATE run SET samples = samples + ? WHERE run_id = ?", (number, run_id))
        # Much of it is old: it is packed at the next prune, and not when each host has its turn.
        forget_note(self._engine, PACKED_UNTIL)
        forget_note(self._engine, SUMMED_UNTIL)
        inserted = sum(self._inserted.values())
        return AppendResult(inserted, self._given - inserted)

    def _begin(self, version: object) -> str | None:
        if not isinstance(version, int) or isinstance(version, bool) or not 1 <= version <= SCHEMA_VERSION:
            return f"its schema is {version} and this release of the collection knows 1 to {SCHEMA_VERSION}"
        self._schema = version
        return None

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            for chunk in chunks(rows):
                self._engine.put(table, chunk)
            rows.clear()
        self._put_samples()
        for host_id, days in self._days.items():
            add_days(self._engine, self._layout, host_id, days)
        self._owners.flush(self._hosts)
        self._samples, self._days, self._waiting = {}, {}, 0

    def _put_samples(self) -> None:
        columns = ("run_id", "host_id", *self._layout.columns)
        for group in groups(sorted(self._samples)):
            there = {
                host_id: {one.run_id for one in kept}
                for host_id, kept in kept_samples(self._engine, self._layout, group).items()
            }
            new: list[Row] = []
            for host_id in group:
                for run_id, row in self._samples[host_id]:
                    if run_id not in there[host_id]:
                        there[host_id].add(run_id)
                        self._inserted[run_id] += 1
                        new.append((run_id, host_id, *to_stored(row)))
            for chunk in chunks(new):
                self._engine.put("sample", chunk, columns=columns)

    def _take_kernel(self, entry: Json) -> None:
        self._rows["kernel"].append((whole(entry["kernel_key"]), text(entry["label"])))

    def _take_run(self, entry: Json) -> None:
        name, source, begun = text(entry["run"]), text(entry["source"]), whole(entry["started_at"])
        slices = {text(part): whole(at) for part, at in mapping(entry["slices"]).items()}
        for part, started_at in (slices or {"": begun}).items():
            run = RunRecord(name, started_at, source, part, text(entry["tool_version"]))
            self._runs[name], _is_new = run_id_of(self._engine, run)
        if self._schema > 1:
            reported_at, live = whole_or_none(entry["reported_at"]), whole_or_none(entry["judged_live"])
        else:  # which does not say it: an audit kept its run just before its report
            reported_at, live = (begun, 1) if source == "audit" else (None, None)
        self._engine.change(
            "UPDATE run SET reported_at = ?, judged_live = ? WHERE name = ? AND reported_at IS NULL",
            (reported_at, live, name),
        )
        if source.startswith(IMPORTED):
            self._imported.add(self._runs[name])

    def _take_sums(self, entry: Json) -> None:
        run_id = self._runs[text(entry["run"])]
        rows: list[Row] = []
        for one in map(mapping, listed(entry["measures"])):
            shares = [real_or_none(share) for share in listed(one["shares"])]
            if len(shares) != len(SHARES):
                raise ValueError(f"there should be {len(SHARES)} shares")
            rows.append((run_id, text(one["name"]), whole(one["hosts"]), whole(one["sum_bytes"]), *shares))
        verdicts = [(run_id, text(name), whole(hosts)) for name, hosts in mapping(entry["verdicts"]).items()]
        if not self._engine.rows("SELECT 1 FROM fleet_measure WHERE run_id = ? LIMIT 1", (run_id,)):
            self._engine.put("fleet_verdict", verdicts)
            self._engine.put("fleet_measure", rows)

    def _take_rollout(self, entry: Json) -> None:
        texts = [text(entry[name]) for name in ("name", "state", "target", "policy_digest", "document")]
        numbers = [whole(entry[name]) for name in ("revision", "began_at", "changed_at")]
        hosts = [
            (
                *(text(one[name]) for name in ("host", "state", "document")),
                whole(one["revision"]),
                whole(one["changed_at"]),
            )
            for one in map(mapping, listed(entry["hosts"]))
        ]
        trail = [
            (whole(one["at"]), text_or_none(one["host"]), *(text(one[name]) for name in ("who", "what", "detail")))
            for one in map(mapping, listed(entry["trail"]))
        ]
        if self._engine.put("rollout", [(*texts, *numbers)]):
            ((key,),) = self._engine.rows("SELECT rollout_id FROM rollout WHERE name = ?", (texts[0],))
            self._engine.put("rollout_host", [(key, *row) for row in hosts])
            self._engine.put("rollout_event", [(key, *row) for row in trail])

    def _take_host(self, entry: Json) -> None:
        name = text(entry["host"])
        self._hosts.update(host_ids_of(self._engine, [name], whole(entry["first_seen_at"])))

    def _take_sample(self, entry: Json) -> None:
        run_id, host_id = self._runs[text(entry["run"])], self._hosts[text(entry["host"])]
        given = mapping(entry["numbers"]) if self._schema > 1 else entry
        numbers = {name: whole_or_none(given.get(name)) for name in self._layout.columns}
        numbers["collected_at"] = whole(given["collected_at"])
        if run_id in self._imported:
            numbers["origin"] = int(Origin.IMPORTED)
        self._samples.setdefault(host_id, []).append((run_id, from_stored(list(numbers.values()))))
        self._given += 1

    def _take_day(self, entry: Json) -> None:
        given = mapping(entry["numbers"]) if self._schema > 1 else entry
        day = {name: whole_or_none(given.get(name)) for name in self._layout.day_columns}
        day |= {name: whole(given[name]) for name in ("day", "samples")}
        self._days.setdefault(self._hosts[text(entry["host"])], []).append(from_stored(list(day.values())))

    def _take_judged(self, entry: Json) -> None:
        run_id, host_id = self._runs[text(entry["run"])], self._hosts[text(entry["host"])]
        found = [
            (
                *(text(one[name]) for name in ("dimension", "kind", "severity", "status")),
                real_or_none(one["value"]),
                real_or_none(one["limit_value"]),
                whole(one["first_seen_at"]),
            )
            for one in map(mapping, listed(entry["findings"]))
        ]
        self._rows["judged"].append((run_id, host_id))
        self._rows["finding"] += [(run_id, host_id, place, *fields) for place, fields in enumerate(found)]

    def _take_owners(self, entry: Json) -> None:
        name = text(entry["host"])
        if name not in self._hosts:
            raise KeyError("host")
        self._owners.take(entry, name)


class _OwnersLoader:
    """Takes the owners of hosts, of which each record has what differs from the one before."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = OwnersWriter(engine)
        self._waiting: dict[str, list[OwnersSample]] = {}
        self._last = OwnersSample("", 0, {}, frozenset())

    def take(self, entry: Json, host: str) -> None:
        """Take a record of a host."""
        amounts = dict(self._last.amounts) if self._last.host == host else {}
        for kind, name in map(listed, listed(entry["gone"])):
            amounts.pop(_key(kind, name), None)
        for kind, name, amount in map(listed, listed(entry["set"])):
            amounts[_key(kind, name)] = whole(amount)
        modules = entry["modules"]
        self._last = OwnersSample(
            host,
            whole(entry["at"]),
            amounts,
            frozenset(OwnerKind(whole(kind)) for kind in listed(entry["read"])),
            None if modules is None else tuple(text(name) for name in listed(modules)),
        )
        self._waiting.setdefault(host, []).append(self._last)

    def flush(self, hosts: dict[str, int]) -> None:
        """Put what was taken, of each host the earliest first."""
        while self._waiting:
            self._writer.keep([of_host.pop(0) for of_host in self._waiting.values()], hosts, self._engine.now())
            self._waiting = {host: of_host for host, of_host in self._waiting.items() if of_host}


def _key(kind: object, name: object) -> OwnerKey:
    return OwnerKey(OwnerKind(whole(kind)), text(name))
