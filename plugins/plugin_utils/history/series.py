# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The series of hosts: grown at each audit, read for the rules, and made anew from the samples where they are not what
was written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..model.sample import Series
from .engine import CHUNK, Engine, chunks
from .packing import PackedColumns, is_sound, newest_time, packed, with_row
from .sample_columns import Layout, Numbers
from .samples import samples_by_host, store_layout
from .schema import clean_text, marks
from .thinning import trimmed

HOSTS_AT_ONCE = 128


class _Packed(NamedTuple):
    """A series as it is in the store."""

    host_id: int
    name: str
    form: int
    data: bytes


class SeriesReader:
    """Reads series. What it finds damaged it makes anew from the samples, for this reading alone, and remembers whose
    it was.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.damaged: dict[str, None] = {}
        """The names of hosts whose series was damaged, in the order in which they were found."""

    def read(self, hosts: Collection[str] | None, left_out: int | None) -> Iterator[Series]:
        """Yield the recent samples of each host, oldest first, without those of the run *left_out*."""
        layout = store_layout(self._engine)
        packed_away = left_out is not None and some_are_packed(self._engine, left_out)
        query = "SELECT host_id, host.name, form, data FROM series JOIN host USING (host_id)"
        for rows in batches(self._engine, query, hosts):
            batch = [_Packed(host_id, name, form, bytes(data)) for host_id, name, form, data in rows]
            again = self._made_again(layout, batch, left_out, packed_away)
            for one in batch:
                form, data = again.get(one.host_id, (one.form, one.data))
                if data:
                    yield Series(one.name, PackedColumns(form, data, layout))

    def _made_again(
        self, layout: Layout, batch: Sequence[_Packed], left_out: int | None, packed_away: bool
    ) -> dict[int, tuple[int, bytes]]:
        """Return the series of those hosts of which it can't be taken as it is; empty bytes for one without samples."""
        damaged = [one for one in batch if not is_sound(one.form, one.data, one.host_id)]
        self.damaged.update(dict.fromkeys(one.name for one in damaged))
        hosts = {one.host_id for one in (batch if packed_away else damaged)}
        if left_out is not None and not packed_away:
            of_run = "SELECT host_id FROM sample WHERE run_id = ? AND host_id IN "
            for chunk in chunks([one.host_id for one in batch]):
                hosts |= {row[0] for row in self._engine.rows(of_run + marks(len(chunk)), (left_out, *chunk))}
        found: dict[int, tuple[int, bytes]] = {}
        for host_id, rows in samples_by_host(self._engine, layout, sorted(hosts), without_run=left_out):
            kept = trimmed(rows)
            found[host_id] = packed(kept, host_id) if kept else (0, b"")
        return found


def some_are_packed(engine: Engine, run_id: int) -> bool:
    """Return whether a run is so old that samples of it are in blocks already."""
    ((said, there),) = engine.rows(
        "SELECT samples, (SELECT count(*) FROM sample WHERE sample.run_id = run.run_id) FROM run WHERE run_id = ?",
        (run_id,),
    )
    return bool(said != there)


def lengthen(engine: Engine, layout: Layout, rows: Sequence[tuple[int, Numbers]]) -> None:
    """Add a row to the series of each host (ids with rows, whose samples are kept already)."""
    known = {
        host_id: (form, bytes(data))
        for host_id, form, data in engine.rows(
            f"SELECT host_id, form, data FROM series WHERE host_id IN {marks(len(rows))}",
            [host_id for host_id, _row in rows],
        )
    }
    changed, damaged = [], []
    for host_id, row in rows:
        before = known.get(host_id)
        if before is None:
            form, data = packed([row], host_id)
        elif is_sound(*before, host_id):
            form, data = with_row(*before, row, host_id, layout)
        else:
            damaged.append(host_id)
            continue
        changed.append((host_id, form, newest_time(form, data), data))
    engine.put("series", changed, replacing=("form", "newest_at", "data"))
    if damaged:
        rebuild(engine, sorted(damaged))


def rebuild(engine: Engine, hosts: Iterable[int]) -> int:
    """Make the series of *hosts* (ids, in order) anew from their samples; return how many there are of them."""
    made, layout = 0, store_layout(engine)
    for chunk in chunks(hosts, HOSTS_AT_ONCE):
        engine.remove("series", [(host_id,) for host_id in chunk])
        series = []
        for host_id, rows in samples_by_host(engine, layout, chunk):
            kept = trimmed(rows)
            if kept:
                form, data = packed(kept, host_id)
                series.append((host_id, form, kept[-1][0], data))
        engine.put("series", series)
        made += len(series)
    return made


def batches(engine: Engine, query: str, hosts: Collection[str] | None) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the rows of a query over hosts in batches, in the order of their ids. No batch waits open for the next, so
    writers can pass.
    """
    if hosts is not None:
        for names in chunks(sorted({clean_text(name) for name in hosts})):
            batch = engine.rows(f"{query} WHERE host.name IN {marks(len(names))} ORDER BY host_id", names)
            if batch:
                yield batch
        return
    last = -1
    while batch := engine.rows(f"{query} WHERE host_id > ? ORDER BY host_id LIMIT {CHUNK}", (last,)):
        yield batch
        last = batch[-1][0]
