# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server of the tests' own: made in a temporary folder, run by a user without rights, stopped at the
end.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "S3cr3t/W@rd"
IN_A_URL = "S3cr3t%2FW%40rd"
USER = "audit"


def program(name: str) -> str:
    """The newest of a server's programs; Debian keeps them out of PATH."""
    there = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = [str(path) for path in there] or [shutil.which(name) or ""]
    assert found[-1], f"{name} is not here; install PostgreSQL's server (on Debian: apt-get install postgresql)"
    return str(found[-1])


class Server:
    """One server: by a socket without a password, by the loopback address with one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        # PostgreSQL does not run as root.
        self._as: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        if self._as:
            os.chown(folder, 65534, 65534)
        secret = folder / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self._run(
            "initdb",
            "-D",
            self.data,
            "-U",
            USER,
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as handle:
            handle.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{folder}'\n"
                "fsync = off\nmax_connections = 40\nshared_buffers = 16MB\n"
            )
        self.start()

    @property
    def by_socket(self) -> str:
        return f"postgresql:///postgres?host={self.folder}&port={self.port}&user={USER}"

    def by_network(self, password: str = IN_A_URL, database: str = "postgres") -> str:
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{database}"

    def sql(self, *statements: str, database: str = "postgres") -> str:
        """Run statements as the owner of everything, and return what they print."""
        command = [
            program("psql"),
            "-h",
            str(self.folder),
            "-p",
            str(self.port),
            "-U",
            USER,
            "-d",
            database,
            "-X",
            "-q",
            "-t",
            "-A",
            "-v",
            "ON_ERROR_STOP=1",
        ]
        return subprocess.run(
            command, input=";\n".join(statements) + ";", capture_output=True, text=True, check=True, cwd="/"
        ).stdout.strip()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it at once, as a crash would."""
        self._run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop")

    def _run(self, name: str, *arguments: object) -> None:
        # The server would hold a pipe open for as long as it runs.
        with tempfile.TemporaryFile() as output:
            said = subprocess.run(
                [program(name), *map(str, arguments)],
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                cwd="/",
                **self._as,
            )
            output.seek(0)
            assert said.returncode == 0, output.read().decode(errors="replace")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server."""
    with tempfile.TemporaryDirectory(prefix="kernel-memory-", dir="/tmp", ignore_cleanup_errors=True) as name:
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
