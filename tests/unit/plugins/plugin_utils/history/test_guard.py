# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged stores: whatever byte is wrong, it is one sentence, and no series is read that was not written."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.guard import guarded, unforeseen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.of_a_run import (
    keep,
    open_past,
    run_record,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError, Retention
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.sample import Series
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    all_series,
    sample,
)

HOSTS, DAYS = 40, 50
ONE_SENTENCE = r"^[A-Z][^\n]*\.$"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of some weeks, closed."""
    path = tmp_path_factory.mktemp("sound") / "history.db"
    store = open_store(str(path))
    for day in range(DAYS):
        moment = MIDNIGHT + day * DAY
        add(store, f"r{day}", moment, [sample(f"web{host}", moment, slab=day * 2**20) for host in range(HOSTS)])
        store.upkeep.prune(Retention(), moment)
    store.close()
    return path


def in_the_schema(data: bytearray, _chance: random.Random) -> None:
    """One byte of the schema's text that is no UTF-8: Python raises while it makes SQLite's message."""
    data[data.index(b"sqlite_autoindex") + 11] = 0xD4


def a_bit(data: bytearray, chance: random.Random) -> None:
    data[chance.randrange(100, len(data))] ^= 1 << chance.randrange(8)


def a_hundred_bytes(data: bytearray, chance: random.Random) -> None:
    place = chance.randrange(100, len(data) - 100)
    data[place : place + 100] = chance.randbytes(100)


def a_block_of_zeros(data: bytearray, chance: random.Random) -> None:
    place = chance.randrange(1, len(data) // 4096) * 4096
    data[place : place + 4096] = bytes(4096)


def cut_short(data: bytearray, chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


DAMAGES: list[Callable[[bytearray, random.Random], None]] = [
    in_the_schema,
    *[damage for damage in (a_bit, a_hundred_bytes, a_block_of_zeros, cut_short) for _time in range(15)],
]


@pytest.mark.parametrize("number", range(len(DAMAGES)))
def test_damage_costs_the_history_and_never_the_report(sound: Path, tmp_path: Path, number: int) -> None:
    """An audit over a damaged store: it is told in a state, or what is read is what was written."""
    path = tmp_path / "history.db"
    data = bytearray(sound.read_bytes())
    DAMAGES[number](data, random.Random(number))
    path.write_bytes(data)
    wanted = _series_of(sound)
    moment = MIDNIGHT + DAYS * DAY
    hosts = [f"web{host}" for host in range(HOSTS)]
    past = open_past(str(path), "next", hosts)
    for series in past.series or ():
        assert series == wanted[series.host], "no series is read that was not written"
    samples = [sample(name, moment) for name in hosts]
    keep(past, run_record("next", "2027-01-19T00:00:00Z"), samples, [], moment)
    past.close()
    assert past.state in ("ready", "unavailable", "not_saved")
    if past.state != "ready":
        assert past.message is not None and "\n" not in past.message and past.message.endswith(".")
    if DAMAGES[number] is in_the_schema:
        assert past.state == "unavailable"
    with suppress(HistoryError):
        store = open_store(str(path))
        with suppress(HistoryError):
            store.upkeep.verify()
            store.upkeep.rebuild()
        store.close()


@lru_cache(maxsize=1)
def _series_of(path: Path) -> dict[str, Series]:
    store = open_store(str(path), create=False)
    found = all_series(store)
    store.close()
    return found


def test_a_store_with_hosts_and_without_runs_is_damaged_and_not_new(sound: Path, tmp_path: Path) -> None:
    """A page of zeros where the runs were must not pass for a quiet beginning."""
    path = tmp_path / "history.db"
    shutil.copy(sound, path)
    store = open_store(str(path))
    assert isinstance(store, SqlStore)
    with store.engine.writing():
        store.engine.change("DELETE FROM run")
    store.close()
    with pytest.raises(HistoryError, match="is damaged: it has hosts, and no run that they are of"):
        open_store(str(path))


@pytest.mark.parametrize("name", ["run", "sqlite_autoindex_run_1"])
def test_a_store_whose_names_of_runs_are_gone_is_not_new(sound: Path, tmp_path: Path, name: str) -> None:
    """Zeros where the runs were, or the index of their names, must not pass for a quiet beginning."""
    path = tmp_path / "history.db"
    shutil.copy(sound, path)
    with closing(sqlite3.connect(path)) as file:
        ((page,),) = file.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,))
        ((size,),) = file.execute("PRAGMA page_size")
    content = bytearray(path.read_bytes())
    content[page * size - size // 2 : page * size] = bytes(size // 2)
    path.write_bytes(content)
    past = open_past(str(path), "now", [])
    assert past.state != "new"
    past.close()


class Named:
    """As much of an engine as is asked for."""

    name = "/srv/h.db"


class Part:
    """A part of a store, which raises what a test wants."""

    engine = Named()

    @guarded
    def fail(self, error: BaseException) -> None:
        """Raise something."""
        raise error

    @guarded
    def fail_late(self, error: BaseException) -> Iterator[int]:
        """Yield once, then raise something."""
        yield 1
        raise error


ERRORS = [
    UnicodeDecodeError("utf-8", b"x\xd4y", 1, 2, "invalid continuation byte"),
    KeyError("web1"),
    OverflowError("too large\nto convert"),
    MemoryError(),
    RecursionError("deep"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_any_exception_is_one_sentence_that_says_where(error: Exception) -> None:
    """Whatever nobody has foreseen: an audit catches HistoryError, and the sentence is enough to find the fault."""
    for call in (lambda: Part().fail(error), lambda: list(Part().fail_late(error))):
        with pytest.raises(HistoryError, match=ONE_SENTENCE) as caught:
            call()
        assert f"{type(error).__name__} at test_guard.py:" in str(caught.value) and "/srv/h.db" in str(caught.value)
        assert caught.value.__context__ is None
    with pytest.raises(HistoryError, match="^mine$"):
        Part().fail(HistoryError("mine"))


def test_ctrl_c_is_nobodys_to_catch() -> None:
    """Whoever wants to stop a run stops it."""
    with pytest.raises(KeyboardInterrupt):
        Part().fail(KeyboardInterrupt())


def test_a_long_message_is_cut() -> None:
    assert len(unforeseen("x", ValueError("y" * 10_000))) < 500
    assert os.linesep not in unforeseen("x", ValueError("a\nb"))
