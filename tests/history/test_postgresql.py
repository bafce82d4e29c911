# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a server can do to a history: refuse, be stopped, be shared by controllers; and no password anywhere."""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history import postgresql as engine_room
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.postgresql import PostgresqlEngine
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.sql_store import SqlStore
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import HistoryError
from ansible_collections.fleetaudit.kernel_memory.tests.support.postgresql import IN_A_URL, PASSWORD, Server
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import (
    DAY,
    MIDNIGHT,
    add,
    exported,
    sample,
)

ONE_SENTENCE = r"^[A-Z][^\n]*\.$"
FORK = multiprocessing.get_context("fork")


def opened(where: str) -> tuple[SqlStore, PostgresqlEngine]:
    """An open store and its engine."""
    store = open_store(where)
    assert isinstance(store, SqlStore) and isinstance(store.engine, PostgresqlEngine)
    return store, store.engine


def everything_in(error: BaseException) -> str:
    """All text that hangs on an error."""
    text, seen = "", [error]
    for each in seen:
        text += f"{each} {each!r} {each.args} {getattr(each, '__notes__', '')} {vars(each)}"
        seen += [other for other in (each.__cause__, each.__context__) if other is not None]
    return text


@pytest.fixture
def by_network(postgresql: str, server: Server) -> str:
    """A store that is not there yet, behind a password."""
    return server.by_network()


def test_a_password_opens_a_history_and_is_nowhere_afterwards(
    by_network: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in what the store is called, nor in what it is made of, nor in a log of any level."""
    caplog.set_level(logging.DEBUG)
    store, engine = opened(by_network)
    add(store, "r1", MIDNIGHT)
    shown = f"{store!r} {engine!r} {store.info} {vars(store)} {vars(engine)} {exported(store)} {caplog.text}"
    assert store.info.name.startswith("postgresql://127.0.0.1:")
    store.close()
    for secret in (PASSWORD, IN_A_URL):
        assert secret not in shown


SECRETS = ["Wr0ngW0rd", "with%20space%20Wr0ngW0rd", "a/b@c:Wr0ngW0rd", "Wr0ngW0rd?x=y", "Wr0ngW0rd#%zz", "'Wr0ngW0rd\\"]
FAILING: dict[str, Callable[[Server, str], str]] = {
    "a wrong password": lambda server, secret: server.by_network(secret),
    "no such database": lambda server, secret: server.by_network(IN_A_URL, f"nothing?sslpassword={secret}"),
    "nobody answers": lambda server, secret: f"postgresql://audit:{secret}@127.0.0.1:1/fleet",
    "no such host": lambda server, secret: f"postgresql://audit:{secret}@host.invalid/fleet",
    "several hosts": lambda server, secret: f"postgresql://audit:{secret}@127.0.0.1:1,127.0.0.1:2/fleet",
    "a broken address": lambda server, secret: f"postgresql://audit:{secret}@[::1/fleet",
    "an unknown option": lambda server, secret: f"postgresql://audit:{secret}@127.0.0.1:1/fleet?wrong=1",
    "broken settings": lambda server, secret: f"host=127.0.0.1 port=1 password={secret} wrong",
    "a broken port": lambda server, secret: f"host=127.0.0.1 port=x password={secret}",
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("failing", FAILING)
def test_no_password_is_in_any_error(
    server: Server, failing: str, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Errors end up in job logs that many can read. Also of an address that was not escaped as it should be."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(HistoryError, match=ONE_SENTENCE) as caught:
        open_store(FAILING[failing](server, secret))
    assert "Wr0ngW0rd" not in everything_in(caught.value) + caplog.text
    assert caught.value.__context__ is None and caught.value.__cause__ is None


@pytest.mark.parametrize("error", [psycopg.OperationalError, ValueError, OSError])
def test_a_driver_that_repeats_the_password_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """What drivers say changes from release to release."""

    def refuse(**options: Any) -> None:
        raise error(f"no entry for {options['password']} or a%20Wr0ngW0rd")

    monkeypatch.setattr(psycopg, "connect", refuse)
    with pytest.raises(HistoryError, match="can't be reached: the server refused it; see that") as caught:
        open_store("postgresql://audit:a%20Wr0ngW0rd@127.0.0.1:1/fleet")
    assert "Wr0ngW0rd" not in everything_in(caught.value)


def test_a_service_file_names_a_history(
    postgresql: str, server: Server, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that no password need stand in a variable at all."""
    (tmp_path / "services").write_text(
        f"[fleet]\nhost=127.0.0.1\nport={server.port}\nuser=audit\ndbname=postgres\npassword={PASSWORD}\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    store = open_store("service=fleet")
    add(store, "r1", MIDNIGHT)
    assert (store.info.name, store.info.engine, store.info.runs) == ("service=fleet", "postgresql", 1)
    store.close()
    with pytest.raises(HistoryError, match=ONE_SENTENCE):
        open_store("service=unknown")


def test_a_password_may_stand_in_the_environment_or_in_a_file(
    postgresql: str, server: Server, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it is in no argument, no variable of Ansible and no report."""
    settings = f"host=127.0.0.1 port={server.port} user=audit dbname=postgres"
    passfile = tmp_path / "pgpass"
    escaped = PASSWORD.replace("\\", "\\\\").replace(":", "\\:")
    passfile.write_text(f"127.0.0.1:{server.port}:*:audit:{escaped}\n")
    passfile.chmod(0o600)
    (tmp_path / "services").write_text(f"[fleet]\n{settings}\n".replace(" ", "\n"))
    ways: list[tuple[str, dict[str, str]]] = [
        (settings, {"PGPASSWORD": PASSWORD}),
        (settings, {"PGPASSFILE": str(passfile)}),
        (f"passfile={passfile} {settings}", {}),
        (f"postgresql://audit@127.0.0.1:{server.port}/postgres?passfile={passfile}", {}),
        (f"service=fleet passfile={passfile}", {"PGSERVICEFILE": str(tmp_path / "services")}),
    ]
    for number, (where, environment) in enumerate(ways):
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            store, _engine = opened(where)
            add(store, f"r{number}", MIDNIGHT + number)
            assert PASSWORD not in store.info.name and store.info.runs == number + 1
            store.close()


def test_a_password_of_the_environment_is_in_no_error(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a driver says when it is refused."""

    def refuse(**options: Any) -> None:
        raise psycopg.OperationalError(f"tried {options} with Wr0ngW0rd")

    monkeypatch.setenv("PGPASSWORD", "Wr0ngW0rd")
    monkeypatch.setattr(psycopg, "connect", refuse)
    with pytest.raises(HistoryError, match="the server refused it") as caught:
        open_store(f"host=127.0.0.1 port={server.port} user=audit")
    assert "Wr0ngW0rd" not in everything_in(caught.value)


def test_a_server_that_stops_in_the_middle_leaves_nothing_half(
    postgresql: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At whatever step of a run: one sentence, and afterwards the runs before and no part of this one."""
    store, engine = opened(postgresql)
    add(store, "r1", MIDNIGHT, [sample(f"host{number}") for number in range(600)])
    before = exported(store)
    real = PostgresqlEngine.put
    left = 0

    def put(self: PostgresqlEngine, *arguments: Any, **options: Any) -> int:
        nonlocal left
        left -= 1
        if left == 0:
            server.stop()
        return real(self, *arguments, **options)

    for stop_at in (2, 5, 9):
        left = stop_at
        monkeypatch.setattr(PostgresqlEngine, "put", put)
        with pytest.raises(
            HistoryError,
            match=r"ended the connection, so nothing of an unfinished run was kept; try again when it runs\.$",
        ) as caught:
            add(
                store,
                f"broken{stop_at}",
                MIDNIGHT + DAY,
                [sample(f"host{number}", MIDNIGHT + DAY) for number in range(600)],
            )
        assert caught.value.__context__ is None
        with pytest.raises(HistoryError, match=ONE_SENTENCE):
            list(store.series())
        store.close()
        monkeypatch.setattr(PostgresqlEngine, "put", real)
        server.start()
        store, engine = opened(postgresql)
        assert exported(store) == before and store.upkeep.verify() == []
    store.close()


def test_a_server_that_is_gone_between_two_calls_is_one_sentence(postgresql: str, server: Server) -> None:
    store, _engine = opened(postgresql)
    add(store, "r1", MIDNIGHT)
    server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kernel_memory'")
    with pytest.raises(HistoryError, match="ended the connection"):
        add(store, "r2", MIDNIGHT)
    store.close()


def append_slice(where: str, number: int, hosts: range) -> None:
    """Open the store and append a part of a run, in a process of its own."""
    store = open_store(where)
    for run in range(3):
        moment = MIDNIGHT + run * DAY
        add(
            store,
            f"r{run}",
            moment + number,
            [sample(f"host{host}", moment) for host in hosts],
            run_slice=f"{number}/8",
        )
    store.close()


def test_slices_that_end_at_once_make_one_whole_run(postgresql: str) -> None:
    """Eight controllers open a history that is not there yet, and append; hosts that are in two slices count once."""
    slices = [range(number * 40, number * 40 + 50) for number in range(8)]
    children = [
        FORK.Process(target=append_slice, args=(postgresql, number, hosts)) for number, hosts in enumerate(slices)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    store, _engine = opened(postgresql)
    assert (store.info.runs, store.info.hosts, store.info.samples) == (3, 330, 990)
    assert store.info.first_run_at == MIDNIGHT
    assert store.upkeep.verify() == []
    store.close()


def test_a_controller_that_is_killed_in_the_middle_leaves_nothing_half(postgresql: str) -> None:
    """A job that is cancelled ends by SIGKILL; its lock must not stay either."""
    store, _engine = opened(postgresql)
    add(store, "r1", MIDNIGHT)
    before = exported(store)
    real = PostgresqlEngine.put

    def die(self: PostgresqlEngine, table: str, *arguments: Any, **options: Any) -> int:
        if table == "series":
            os.kill(os.getpid(), 9)
        return real(self, table, *arguments, **options)

    child = os.fork()
    if child == 0:
        PostgresqlEngine.put = die
        add(open_store(postgresql), "killed", MIDNIGHT + DAY)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 9
    assert exported(store) == before
    add(store, "r2", MIDNIGHT + DAY)
    assert store.upkeep.verify() == []
    store.close()


def test_a_writer_that_waits_in_vain_says_so(postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (first, engine), (second, _engine) = opened(postgresql), opened(postgresql)
    monkeypatch.setattr(engine_room, "LOCK_SECONDS", 1)
    with engine.writing(), pytest.raises(HistoryError, match="was in use by another program for more than 1 seconds"):
        add(second, "r1", MIDNIGHT)
    add(second, "r1", MIDNIGHT)
    first.close()
    second.close()


def test_a_newer_schema_is_refused_and_left_as_it_is(postgresql: str, server: Server) -> None:
    open_store(postgresql).close()
    server.sql("UPDATE kernel_memory.store SET version = 3")
    with pytest.raises(HistoryError, match=r"by a newer release .*\(schema 3; this one knows up to 2\)"):
        open_store(postgresql)
    assert server.sql("SELECT version FROM kernel_memory.store") == "3"


def test_a_schema_of_another_program_is_left_alone(postgresql: str, server: Server) -> None:
    server.sql("CREATE SCHEMA kernel_memory", "CREATE TABLE kernel_memory.precious (x int)")
    with pytest.raises(HistoryError, match="is of another program, so it was left as it is"):
        open_store(postgresql)
    assert server.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'kernel_memory'") == "precious"


@pytest.fixture
def plain_user(server: Server) -> Iterator[str]:
    """The address of the same database for a user who may make nothing in it."""
    server.sql("CREATE ROLE plain LOGIN")
    yield server.by_socket.replace("user=audit", "user=plain")
    server.sql("DROP SCHEMA IF EXISTS kernel_memory CASCADE", "DROP ROLE plain")


def test_a_user_without_rights_is_told_which_are_missing(postgresql: str, server: Server, plain_user: str) -> None:
    with pytest.raises(
        HistoryError,
        match=r"The user may not use the history .*: permission denied for database postgres\. It needs the right",
    ):
        open_store(plain_user)
    open_store(postgresql).close()
    with pytest.raises(
        HistoryError, match="The user may not use the history .*: permission denied for schema kernel_memory"
    ):
        open_store(plain_user)


def test_a_schema_that_is_made_for_the_user_is_enough(postgresql: str, server: Server, plain_user: str) -> None:
    """Administrators need not let it make schemas."""
    server.sql("CREATE SCHEMA kernel_memory AUTHORIZATION plain")
    store, _engine = opened(plain_user)
    add(store, "r1", MIDNIGHT)
    assert store.upkeep.verify() == []
    store.close()


def test_a_standby_that_only_reads_is_one_sentence(postgresql: str, server: Server) -> None:
    store, engine = opened(postgresql)
    add(store, "r1", MIDNIGHT)
    store.close()
    reading = postgresql + "&options=-c%20default_transaction_read_only%3Don"
    store, engine = opened(reading)
    assert store.info.runs == 1 and len(list(store.series())) == 1
    with pytest.raises(HistoryError, match="can be read only, so nothing was written to it"):
        add(store, "r2", MIDNIGHT)
    store.close()


def test_other_tables_of_the_database_are_not_mixed_up(postgresql: str, server: Server) -> None:
    """Whatever lies in the schema public, a connection is set to, or a pooler hands over."""
    server.sql("CREATE TABLE IF NOT EXISTS public.run (x int)", "CREATE TABLE IF NOT EXISTS public.series (x int)")
    store, engine = opened(postgresql + "&options=-c%20search_path%3Dpublic")
    add(store, "r1", MIDNIGHT)
    assert store.info.runs == 1 and engine.rows("SHOW search_path") == [("kernel_memory",)]
    assert engine.connection.execute("SHOW search_path").fetchone() == ("public",), (
        "nothing stays set in a connection that a pooler lends on"
    )
    engine.connection.rollback()
    assert server.sql("SELECT count(*) FROM public.run") == "0"
    store.close()
    server.sql("DROP TABLE public.run", "DROP TABLE public.series")
