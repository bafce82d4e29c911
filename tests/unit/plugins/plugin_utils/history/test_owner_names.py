# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of owners: each once, bounded in length and number, whatever users call their commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import owner_names
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.engine import Engine
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.owner_names import OwnerNames
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.owners import OwnerKey, OwnerKind
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import DAY, MIDNIGHT

CACHE, COMMAND = OwnerKind.CACHE, OwnerKind.COMMAND_THREADS


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An empty store's engine."""
    store = open_store(str(tmp_path / "h.db"))
    assert isinstance(store, SqlStore)
    yield store.engine
    store.close()


def test_a_name_has_one_number_in_a_kind_and_keeps_it(engine: Engine) -> None:
    """Bytes that were written with a number must be read with it for ever."""
    names = OwnerNames.read(engine)
    keys = [OwnerKey(CACHE, "dentry"), OwnerKey(COMMAND, "dentry"), OwnerKey(CACHE, "kmalloc-512")]
    names.add(engine, keys, MIDNIGHT)
    assert len({names.numbers[key] for key in keys}) == 3
    again = OwnerNames.read(engine)
    again.add(engine, reversed(keys), MIDNIGHT + 1)
    assert {key: again.numbers[key] for key in keys} == {key: names.numbers[key] for key in keys}
    assert [again.key(names.numbers[key]) for key in keys] == keys
    assert [again.kinds[names.numbers[key]] for key in keys] == [CACHE, COMMAND, CACHE]
    assert again.key(10**6) is None


def test_long_and_strange_names_are_cut_and_cleaned(engine: Engine) -> None:
    """Control groups have paths of four thousand signs, and commands any bytes."""
    names = OwnerNames.read(engine)
    long, strange = OwnerKey(CACHE, "x" * 4000), OwnerKey(COMMAND, "a\0\ud800\n")
    names.add(engine, [long, strange], MIDNIGHT)
    assert names.key(names.numbers[long]) == OwnerKey(CACHE, "x" * 63 + "…")
    assert names.key(names.numbers[strange]) == OwnerKey(COMMAND, "a\\x00\\ud800\n")


def test_beyond_so_many_of_a_kind_it_is_other(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who makes a command of each process must not fill the store; other kinds go on."""
    monkeypatch.setattr(owner_names, "MOST_NAMES", 3)
    names = OwnerNames.read(engine)
    keys = [OwnerKey(COMMAND, f"job-{number}") for number in range(6)] + [OwnerKey(CACHE, "dentry")]
    names.add(engine, keys, MIDNIGHT)
    called = [names.key(names.numbers[key]) for key in keys]
    assert called == [*keys[:3], *[OwnerKey(COMMAND, "other")] * 3, keys[6]]
    names.add(engine, [OwnerKey(COMMAND, "job-9")], MIDNIGHT)
    assert names.key(names.numbers[OwnerKey(COMMAND, "job-9")]) == OwnerKey(COMMAND, "other")


def test_when_a_name_was_seen_is_noted_once_a_day(engine: Engine) -> None:
    """So that names that nobody has any more can go."""
    key = OwnerKey(CACHE, "dentry")
    for moment in (MIDNIGHT, MIDNIGHT + DAY // 2, MIDNIGHT + 2 * DAY):
        OwnerNames.read(engine).add(engine, [key], moment)
        ((seen_at,),) = engine.rows("SELECT seen_at FROM owner_name")
        assert seen_at == (moment if moment != MIDNIGHT + DAY // 2 else MIDNIGHT)
