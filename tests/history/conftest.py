# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One PostgreSQL server for all tests of this folder, and an empty store in either engine for each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.postgresql import Server
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import place_for_servers


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server."""
    with place_for_servers() as name:
        made = Server(Path(name))
        yield made
        made.stop()


@pytest.fixture
def postgresql(server: Server) -> str:
    """The address of a store in PostgreSQL that is not there yet."""
    server.sql("SET client_min_messages = warning", "DROP SCHEMA IF EXISTS kernel_memory CASCADE")
    return server.by_socket


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet, in each engine."""
    return str(tmp_path / "history.db") if request.param == "sqlite" else str(request.getfixturevalue("postgresql"))


@pytest.fixture
def another(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """A second store; for one in PostgreSQL, too, it is in the other engine, so that moving between them is tested."""
    names: list[str] = []

    def make() -> str:
        if "sqlite" in request.node.name:
            server = request.getfixturevalue("server")
            names.append(f"other_{time.monotonic_ns()}")
            server.sql(f"CREATE DATABASE {names[-1]} TEMPLATE template0")
            return str(server.by_socket).replace("/postgres?", f"/{names[-1]}?")
        return str(tmp_path / "another.db")

    yield make
    for name in names:
        request.getfixturevalue("server").sql(f"DROP DATABASE {name} WITH (FORCE)")
