# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every engine must do with the owners of memory over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import (
    Rebuilt,
    Retention,
    RunRecord,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import (
    OwnerKey,
    OwnerKind,
    OwnersHistory,
    OwnersPoint,
    OwnersSample,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIB,
    MIDNIGHT,
    add,
    exported,
    sample,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.suite import Suite

CACHE, CALLER, THREADS = OwnerKind.CACHE, OwnerKind.CALLER, OwnerKind.COMMAND_THREADS
DENTRY, KMALLOC = OwnerKey(CACHE, "dentry"), OwnerKey(CACHE, "kmalloc-512")
VMALLOC, JAVA = OwnerKey(CALLER, "load_module"), OwnerKey(THREADS, "java")
ALL = frozenset((CACHE, CALLER, THREADS))


def held(
    day: int,
    amounts: Mapping[OwnerKey, int],
    host: str = "web1",
    read: frozenset[OwnerKind] = ALL,
    **more: tuple[str, ...],
) -> OwnersSample:
    """The owners of a host at midnight of a day."""
    return OwnersSample(host, MIDNIGHT + day * DAY, amounts, read, **more)


class OwnersSuite(Suite):
    """Whoever takes it in has the fixtures ``where`` and ``another``."""

    @staticmethod
    def keep(store: SqlStore, *samples: OwnersSample) -> None:
        """Append each as a run of its own."""
        for one in samples:
            name = f"{one.host} {one.collected_at}"
            store.append(RunRecord(name, one.collected_at), [sample(one.host, one.collected_at)], {}, owners=[one])

    def of(self, store: SqlStore, host: str = "web1", since: int = 0) -> OwnersHistory:
        """The owners of a host over time."""
        (found,) = store.owners.of([host], since)
        return found

    def test_what_grew_can_be_named(self, kept: SqlStore) -> None:
        """That is what they are kept for: "kmalloc-512 brought 90 of 100 MiB since 5 days"."""
        for day in range(20):
            grown = max(0, day - 10) * 9 * MIB
            self.keep(kept, held(day, {DENTRY: (300 + day) * MIB, KMALLOC: 50 * MIB + grown, JAVA: 400}))
        found = self.of(kept)
        before, now = found.at(MIDNIGHT + 10 * DAY), found.at(MIDNIGHT + 19 * DAY)
        assert before is not None and now is not None
        assert now.amounts[KMALLOC] - before.amounts[KMALLOC] == 81 * MIB
        assert abs(now.amounts[DENTRY] - 319 * MIB) <= 3.19 * MIB
        assert now.amounts[JAVA] == 400, "counts are not bytes"
        assert found.at(MIDNIGHT - 1) is None
        assert now.read == ALL

    def test_gone_is_not_zero_and_not_read_is_not_gone(self, kept: SqlStore) -> None:
        """An owner that left the largest, one that has nothing, and one that nobody looked for are three things."""
        self.keep(
            kept,
            held(0, {DENTRY: 300 * MIB, VMALLOC: 8 * MIB, KMALLOC: 0}),
            held(1, {DENTRY: 300 * MIB}, read=frozenset([CACHE])),
            held(2, {DENTRY: 300 * MIB, KMALLOC: 40 * MIB}),
        )
        first, second, third = self.of(kept).points
        assert first.amounts == {DENTRY: 300 * MIB, VMALLOC: 8 * MIB, KMALLOC: 0}
        assert (second.amounts, second.read) == ({DENTRY: 300 * MIB, VMALLOC: 8 * MIB}, frozenset([CACHE]))
        assert (third.amounts, third.read) == ({DENTRY: 300 * MIB, KMALLOC: 40 * MIB}, ALL)

    def test_the_modules_are_known_at_each_time(self, kept: SqlStore) -> None:
        """ "Began with the boot in which the module X is new." Each list is kept once."""
        lists = [("ext4", "xfs"), ("ext4", "xfs"), ("ext4", "lustre+", "xfs"), ()]
        for host in ("web1", "web2"):
            self.keep(kept, *(held(day, {DENTRY: MIB}, host, modules=names) for day, names in enumerate(lists)))
            self.keep(kept, held(4, {DENTRY: 9 * MIB}, host))
        assert [(point.at - MIDNIGHT) // DAY for point in self.of(kept).points] == [0, 2, 3, 4]
        assert [point.modules for point in self.of(kept, "web2").points] == [lists[0], lists[2], (), ()]
        assert kept.engine.rows("SELECT count(*) FROM modules") == [(3,)]

    def test_months_are_read_as_one(self, kept: SqlStore) -> None:
        """A log is thirty days long; a reader sees no seam, and the last point is as late as the last audit."""
        for day in range(95):
            self.keep(kept, held(day, {DENTRY: (100 + day // 10 * 10) * MIB}))
        assert kept.engine.rows("SELECT count(*) FROM owners_past WHERE host_id = 1") == [(3,)]
        found = self.of(kept)
        for day in range(95):
            point = found.at(MIDNIGHT + day * DAY)
            assert point is not None and point.amounts == {DENTRY: (100 + day // 10 * 10) * MIB}
        assert found.points[-1].at == MIDNIGHT + 94 * DAY
        late = self.of(kept, since=MIDNIGHT + 85 * DAY + 5)
        assert [(point.at - MIDNIGHT) // DAY for point in late.points] == [80, 90, 94], "from the last before on"

    def test_a_second_try_and_a_clock_that_steps_back_change_nothing(self, kept: SqlStore) -> None:
        """Retries of a run, and slices that come late."""
        self.keep(kept, held(0, {DENTRY: 10 * MIB}), held(2, {DENTRY: 20 * MIB}))
        before = exported(kept)
        self.keep(kept, held(2, {DENTRY: 77 * MIB}), held(0, {DENTRY: 99 * MIB}))
        assert exported(kept) == before

    def test_hosts_are_told_apart_and_unknown_ones_are_none(self, kept: SqlStore) -> None:
        """And a host whose owners are all gone has a point that says so."""
        self.keep(kept, held(0, {DENTRY: MIB}, "web1"), held(0, {KMALLOC: MIB}, "web2"), held(1, {}, "web2"))
        found = {one.host: one.points[-1].amounts for one in kept.owners.of(["web1", "web2", "never seen"])}
        assert found == {"web1": {DENTRY: MIB}, "web2": {}}
        assert list(kept.owners.of([])) == []

    def test_hostile_amounts_are_bounded(self, kept: SqlStore) -> None:
        """Hosts send numbers of any size, and of either sign."""
        self.keep(kept, held(0, {DENTRY: 2**70, KMALLOC: -5, JAVA: 2**40}))
        amounts = self.of(kept).points[0].amounts
        assert amounts == {DENTRY: (2**32 - 2) * 4096, KMALLOC: 0, JAVA: 2**32 - 2}

    def test_they_go_after_ninety_days(self, kept: SqlStore) -> None:
        """With names and lists of modules that nobody has any more; the samples stay."""
        for day in range(0, 200, 5):
            self.keep(kept, held(day, {OwnerKey(CACHE, f"cache-{day // 50}"): 9 * MIB}, modules=(f"m{day // 50}",)))
        self.keep(kept, held(0, {DENTRY: MIB}, "gone"))
        now = MIDNIGHT + 196 * DAY
        assert kept.upkeep.prune(Retention(), now).owners == 4
        assert self.of(kept).points[0].at >= now - 121 * DAY and not list(kept.owners.of(["gone"]))
        assert len(list(kept.samples(["web1"]))[0]) == 40
        later = now + 200 * DAY
        self.keep(kept, held(400, {DENTRY: MIB}))
        for _prune in range(8):
            kept.upkeep.prune(Retention(), later)
        assert kept.engine.rows("SELECT name FROM owner_name") == [("dentry",)]
        assert kept.engine.rows("SELECT count(*) FROM modules") == [(0,)]

    def test_an_export_has_them(self, kept: SqlStore, another: Callable[[], str]) -> None:
        """A history that moves to a server takes them along."""
        for day in range(70):
            self.keep(
                kept,
                held(
                    day,
                    {DENTRY: (100 + day * 3) * MIB} | ({KMALLOC: MIB} if day % 9 else {}),
                    modules=(f"m{day // 40}",),
                ),
                held(
                    day, {JAVA: 300 + day * 20, VMALLOC: 5 * MIB}, "web2", read=ALL if day % 4 else frozenset([THREADS])
                ),
            )
        other = open_store(another())
        other.upkeep.load(list(kept.upkeep.export()))
        assert exported(other) == exported(kept)
        for host in ("web1", "web2"):
            assert list(other.owners.of([host])) == list(kept.owners.of([host]))
        other.close()

    def test_what_is_damaged_is_not_read_and_a_rebuild_removes_it(self, kept: SqlStore) -> None:
        """Nothing is better than a wrong name at three in the morning."""
        for day in range(40):
            self.keep(kept, held(day, {DENTRY: (100 + day * 3) * MIB}), held(day, {DENTRY: MIB}, "web2"))
        for table in ("owners", "owners_past"):
            ((data,),) = kept.engine.rows(f"SELECT data FROM {table} WHERE host_id = 1")
            broken = bytearray(bytes(data))
            broken[1] ^= 1
            with kept.engine.writing():
                kept.engine.change(f"UPDATE {table} SET data = ? WHERE host_id = 1", (bytes(broken),))
        assert [one.host for one in kept.owners.of(["web1", "web2"])] == ["web2"]
        (problem,) = kept.upkeep.verify()
        assert problem.startswith("The owners of memory over time of web1 are not as they were written")
        self.keep(kept, held(41, {DENTRY: 5 * MIB}))
        assert self.of(kept).points == (OwnersPoint(MIDNIGHT + 41 * DAY, {DENTRY: 5 * MIB}, ALL),), "it begins anew"
        assert kept.upkeep.rebuild() == Rebuilt(2, 0, 1)

    def test_owners_of_a_host_without_a_sample_are_kept(self, kept: SqlStore) -> None:
        """What could be gathered is kept, whatever else failed."""
        kept.append(RunRecord("r", MIDNIGHT), [], {"web1": []}, owners=[held(0, {DENTRY: MIB})])
        assert self.of(kept).points[0].amounts == {DENTRY: MIB}
        add(kept, "next", MIDNIGHT + DAY)
