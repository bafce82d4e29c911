# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing what is old, and packing what is older than a few days: each step is a transaction, so other writers need
not wait long, and a prune that is cut short does no harm.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..model.times import DAY
from .blocks import unpacked_block
from .clock import mend_clock
from .compaction import OLD_SUMMARIES, count_less, pack_old_summaries, pack_rows, rows_in_series, sum_up, whose_turn
from .engine import Engine, chunks
from .ids import all_host_ids, groups
from .notes import LOOKED_AT, PACKED_UNTIL, PRUNED_AT, SUMMED_UNTIL, read_note, write_note
from .owners import forget_owners
from .samples import BLOCK_DAYS, BlockKind, blocks_of, kept_samples, store_layout
from .schema import marks
from .slices import remove_records
from .store import HistoryError, Pruned, Retention

LONGEST_STEP = 31 * DAY
"""The time of a store leaps by so much at most, or a clock that is years ahead would empty it at once."""

_OF_HOST = ("sample", "series", "judged", "latest", "finding", "owners", "owners_past", OLD_SUMMARIES, "host")
_BY_RUN = ("sample", "judged", "finding")
_OF_RUN = ("run_slice", "fleet_verdict", "fleet_measure")
_KNOWN_RUNS = "run_id IN (SELECT run_id FROM run)"


class Pruning:
    """One prune of a store."""

    def __init__(self, engine: Engine, retention: Retention, now: int, *, thorough: bool) -> None:
        self._engine, self._retention, self._thorough = engine, retention, thorough
        mend_clock(engine, now)
        self._clock, self._now = now, _by_the_store(engine, now)
        self._today = self._now // DAY
        self._gone: Counter[str] = Counter()
        self._in_series = 0
        self._stays: list[str] = []

    def run(self) -> Pruned:
        """Prune, and return what was done."""
        hosts = all_host_ids(self._engine)
        self._pack(hosts)
        self._sum_up(hosts)
        self._forget_hosts()
        self._forget_blocks()
        self._forget_the_rest()
        self._engine.tidy(self._now - self._engine.rows_days * DAY)
        with self._engine.writing():
            write_note(self._engine, PRUNED_AT, self._now)
            write_note(self._engine, LOOKED_AT, self._clock)
        if self._thorough:
            self._say_what_stays()
        return Pruned(**self._gone, stays=tuple(self._stays))

    def _pack(self, hosts: Sequence[int]) -> None:
        """Pack the rows of the hosts whose turn it is."""
        until = self._today - self._engine.rows_days
        last = None if self._thorough else read_note(self._engine, PACKED_UNTIL)
        for group in groups(whose_turn(hosts, last, until)):
            try:
                with self._engine.writing():
                    pack_old_summaries(self._engine, group)
                    for day in sorted(pack_rows(self._engine, group, until)):
                        if day < self._today - self._retention.samples_days:
                            self._sum_up_day(day, group)
            except HistoryError as exc:
                # Damage in a block of one host must not keep the whole store from being pruned.
                self._stays.append(str(exc))
        with self._engine.writing():
            write_note(self._engine, PACKED_UNTIL, until)

    def _sum_up(self, hosts: Sequence[int]) -> None:
        """Sum up the days with several samples in blocks that have become old enough."""
        until = self._today - self._retention.samples_days - 1
        last = None if self._thorough else read_note(self._engine, SUMMED_UNTIL)
        if last is None:
            ((first,),) = self._engine.rows("SELECT min(last_day) FROM block")
            last = until if first is None else first - 1
        for day in range(last + 1, until + 1):
            for some in chunks(whose_turn(hosts, day - 1, day)):
                with self._engine.writing():
                    self._sum_up_day(day, some)
        with self._engine.writing():
            write_note(self._engine, SUMMED_UNTIL, until)

    def _sum_up_day(self, day: int, hosts: Sequence[int]) -> None:
        gone, stays = sum_up(self._engine, day, hosts)
        self._gone["samples"] += gone
        self._in_series += stays

    def _forget_hosts(self) -> None:
        """Remove all that is known of hosts that were not seen for long."""
        before = self._now - max(self._retention.history_days, self._retention.samples_days) * DAY
        old = self._engine.rows("SELECT host_id FROM series WHERE newest_at < ? ORDER BY host_id", (before,))
        for group in groups(host_id for (host_id,) in old):
            with self._engine.writing():
                self._forget(group)

    def _forget(self, group: Sequence[int]) -> None:
        kept = kept_samples(self._engine, store_layout(self._engine), group)
        count_less(self._engine, Counter(one.run_id for samples in kept.values() for one in samples))
        self._gone["samples"] += sum(map(len, kept.values()))
        for kind in BlockKind:
            blocks = blocks_of(self._engine, group, kind)
            self._engine.remove("block", [(block.last_day, block.host_id, int(kind)) for block in blocks])
        for table in _OF_HOST:
            if self._engine.columns(table):
                known = f"{_KNOWN_RUNS} AND " if table in _BY_RUN else ""
                sql = f"DELETE FROM {table} WHERE {known}host_id IN {marks(len(group))}"
                gone = self._engine.change(sql, group)
                self._gone[{"host": "hosts", "finding": "findings"}.get(table, "other")] += gone
        del self._gone["other"]

    def _forget_blocks(self) -> None:
        """Remove blocks that are too old, but for those of which samples are in a series."""
        before = self._today - self._retention.history_days
        ((first,),) = self._engine.rows("SELECT min(last_day) FROM block")
        for day in range(before if first is None else first, before):
            with self._engine.writing():
                self._forget_blocks_of(day)

    def _forget_blocks_of(self, day: int) -> None:
        layout = store_layout(self._engine)
        query = "SELECT host_id, kind, samples, newest_at, data FROM block WHERE last_day = ?"
        blocks = self._engine.rows(query, (day,))
        first_at = {
            host_id: min(rows)[0]
            for host_id, rows in rows_in_series(self._engine, layout, sorted({row[0] for row in blocks})).items()
        }
        for host_id, kind, samples, newest_at, data in blocks:
            if kind == BlockKind.SAMPLES:
                if newest_at >= first_at.get(host_id, newest_at + 1):
                    self._in_series += samples
                    continue
                self._gone["samples"] += samples
                count_less(self._engine, _runs_in(bytes(data), host_id))
            else:
                self._gone["days"] += samples
            self._engine.remove("block", [(day, host_id, kind)])

    def _forget_the_rest(self) -> None:
        engine, keep, now = self._engine, self._retention, self._now
        with engine.writing():
            if engine.columns(OLD_SUMMARIES):
                day = self._today - keep.history_days
                self._gone["days"] += engine.change(f"DELETE FROM {OLD_SUMMARIES} WHERE day < ?", (day,))
            self._gone["findings"] += forget_findings(engine, now - keep.findings_days * DAY)
            forget_judged(engine, now - JUDGED_DAYS * DAY)
            self._gone["runs"] += forget_runs(engine, now - keep.samples_days * DAY, now - keep.history_days * DAY)
            self._gone["owners"] += forget_owners(engine, now - keep.owners_days * DAY)
            self._gone["records"] += remove_records(engine, now - keep.records_days * DAY)
            self._gone["rollouts"] += forget_rollouts(engine, now - keep.history_days * DAY)
            self._gone["hosts"] += forget_empty_hosts(engine)

    def _say_what_stays(self) -> None:
        """Say what is older than the days of samples and had to stay."""
        keep, today = self._retention, self._today
        if self._in_series:
            self._stays.append(
                f"{self._in_series:,} samples that are older stay, since the rules still look at them: a series has "
                "the last sample of each of the last thirty days with one."
            )
        first, last = today - keep.samples_days, today - keep.samples_days + BLOCK_DAYS
        ((packed,),) = self._engine.rows(
            "SELECT sum(samples) FROM block WHERE kind = ? AND last_day < ?", (int(BlockKind.SAMPLES), first)
        )
        alone = int(packed or 0) - self._in_series
        if alone > 0:
            self._stays.append(
                f"{alone:,} samples that are older stay, since each is the only one of its host on a day, and no "
                f"summary is smaller; they go after {keep.history_days} days (keep_history_days)."
            )
        ((waiting,),) = self._engine.rows("SELECT count(*) FROM sample WHERE collected_at < ?", (first * DAY,))
        for day in range(first, last):
            query = "SELECT host_id, data FROM block WHERE kind = ? AND last_day = ?"
            for host_id, data in self._engine.rows(query, (int(BlockKind.SAMPLES), day)):
                waiting += sum(moment < first * DAY for moment in _times_in(bytes(data), host_id))
        if waiting:
            self._stays.append(
                f"{waiting:,} samples that are older stay until the thirty days that they are packed with are as old."
            )


JUDGED_DAYS = 30
"""Who was judged by which run is kept so long; of the last two runs of each host as long as the run."""


def forget_findings(engine: Engine, before: int) -> int:
    """Remove what runs that began before a time have found, inside of a transaction; return how many findings."""
    old = "SELECT run_id FROM run WHERE started_at < ?"
    engine.change(f"DELETE FROM latest WHERE run_id IN ({old})", (before,))
    engine.change(f"UPDATE latest SET previous_run_id = NULL WHERE previous_run_id IN ({old})", (before,))
    engine.change(f"DELETE FROM judged WHERE run_id IN ({old})", (before,))
    return engine.change(f"DELETE FROM finding WHERE run_id IN ({old})", (before,))


def forget_judged(engine: Engine, before: int) -> None:
    """Remove which hosts were judged by runs that began before a time and are none of a host's last two, and had
    nothing found on them.
    """
    engine.change(
        "DELETE FROM judged WHERE run_id IN (SELECT run_id FROM run WHERE started_at < ?) AND NOT EXISTS (SELECT 1 "
        "FROM latest WHERE latest.host_id = judged.host_id AND (latest.run_id = judged.run_id OR "
        "latest.previous_run_id = judged.run_id))",
        (before,),
    )


def forget_runs(engine: Engine, before: int, before_sums: int) -> int:
    """Remove runs that began before a time and of which nothing is left, inside of a transaction; return how many.
    Sums of the fleet are something until the time *before_sums*.
    """
    for table in ("fleet_verdict", "fleet_measure"):
        engine.change(
            f"DELETE FROM {table} WHERE run_id IN (SELECT run_id FROM run WHERE started_at < ?)", (before_sums,)
        )
    left = " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.run_id = run.run_id)"
        for table in ("finding", "judged", "fleet_verdict", "fleet_measure")
    )
    gone = engine.change(f"DELETE FROM run WHERE started_at < ? AND samples = 0 AND {left}", (before,))
    engine.change("DELETE FROM run_slice WHERE run_id NOT IN (SELECT run_id FROM run)")
    return gone


def forget_rollouts(engine: Engine, before: int) -> int:
    """Remove rollouts that were changed last before a time, and leases that ran out then, inside of a transaction."""
    old = "SELECT rollout_id FROM rollout WHERE changed_at < ?"
    for table in ("rollout_host", "rollout_event"):
        engine.change(f"DELETE FROM {table} WHERE rollout_id IN ({old})", (before,))
    engine.change("DELETE FROM lease WHERE until < ?", (before,))
    return engine.change("DELETE FROM rollout WHERE changed_at < ?", (before,))


def forget_empty_hosts(engine: Engine) -> int:
    """Remove hosts of which nothing is left, inside of a transaction; return how many."""
    tables = [table for table in ("series", "latest", "finding", "owners", OLD_SUMMARIES) if engine.columns(table)]
    nothing_of = " AND ".join(f"host_id NOT IN (SELECT host_id FROM {table})" for table in tables)
    return engine.change(f"DELETE FROM host WHERE {nothing_of}")


def _by_the_store(engine: Engine, now: int) -> int:
    """Return the time for a store that is *now* by the clock here. A leap is believed when the clock has gone on from
    there for a day.
    """
    before, looked = read_note(engine, PRUNED_AT), read_note(engine, LOOKED_AT)
    if before is None:
        runs = engine.rows("SELECT started_at FROM run ORDER BY started_at DESC LIMIT 2")
        before = int(runs[-1][0]) if runs else now
    if now - before <= LONGEST_STEP or (looked is not None and looked > before and now - looked >= DAY):
        return now
    return before + LONGEST_STEP


def _runs_in(data: bytes, host_id: int) -> Counter[int]:
    """Return how many samples of which run are in a block; none where it is damaged."""
    try:
        return Counter(run_id for (run_id,) in unpacked_block(data, host_id, 1))
    except ValueError:
        return Counter()


def _times_in(data: bytes, host_id: int) -> list[int]:
    """Return when the samples in a block are from; none where it is damaged."""
    try:
        return [moment for _run_id, moment in unpacked_block(data, host_id, 2)]
    except ValueError:
        return []
