# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every block of SQL in the guides is taken by the database that it is for, and the queries find something there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.docs.blocks import Block, blocks
from ansible_collections.fleetaudit.kernel_memory.tests.docs.reader import Reader
from ansible_collections.fleetaudit.kernel_memory.tests.support.postgresql import USER, Server
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers

ALL = blocks("sql")
GRAFANA = {"$__timeFilter(time)": "time IS NOT NULL", "$__from": "0", "$__to": "4000000000000"}
"""What Grafana puts in the place of its macros."""


@pytest.fixture(scope="module")
def database(first_reader: Reader) -> Iterator[Server]:
    """A PostgreSQL server with the history of an audit."""
    with place_for_servers() as name:
        server = Server(Path(name))
        try:
            said = first_reader.types(
                "ansible-playbook fleetaudit.kernel_memory.audit -i hosts.yml -e kernel_mem_audit_report_dir=in_it",
                KERNEL_MEM_AUDIT_HISTORY=server.by_socket,
            )
            assert said.exit_code == 0, said.output
            for block in ALL:
                if "SELECT time" not in block.text and block.kind == "PostgreSQL":
                    # The server of the tests belongs to a user who is called audit already.
                    run(server, block.text.replace("audit", "auditor"), USER)
            yield server
        finally:
            server.stop()
            server.reserved.release()


def for_engine(engine: str) -> list[Block]:
    """The blocks for an engine, named by their comment."""
    return [block for block in ALL if block.kind == engine]


def as_grafana_sends(text: str) -> str:
    """The query without macros."""
    for macro, value in GRAFANA.items():
        text = text.replace(macro, value)
    return text


def test_every_block_names_its_engine() -> None:
    """And both have some."""
    assert {block.kind for block in ALL} == {"PostgreSQL", "SQLite"}


def run(server: Server, text: str, user: str) -> list[tuple[object, ...]]:
    """Run statements one after the other as a user, and return the rows of the last."""
    rows: list[tuple[object, ...]] = []
    address = f"host={server.folder} port={server.port} user={user} dbname=postgres"
    with closing(psycopg.connect(address, autocommit=True)) as opened:
        for statement in filter(None, map(str.strip, text.split(";"))):
            cursor = opened.execute(statement.encode())
            rows = cursor.fetchall() if cursor.description else []
    return rows


@pytest.mark.parametrize(
    "block", [block for block in for_engine("PostgreSQL") if "SELECT time" in block.text], ids=lambda block: block.name
)
def test_postgresql_answers_the_user_that_the_guide_makes(block: Block, database: Server) -> None:
    """The administrator's statements were run before; who may only read gets rows."""
    assert run(database, as_grafana_sends(block.text), "grafana")


@pytest.mark.parametrize("block", for_engine("SQLite"), ids=lambda block: block.name)
def test_sqlite_takes_it(block: Block, first_reader: Reader) -> None:
    """Queries find rows in the file of two audits."""
    with closing(sqlite3.connect(first_reader.folder / "reports" / "history.sqlite3")) as opened:
        assert opened.execute(as_grafana_sends(block.text)).fetchall()
