# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server of the tests' own: in a folder of its own, run by a user without rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import NOBODY
from ansible_collections.fleetaudit.kernel_memory.tests.support.port import ReservedPort

PASSWORD = "S3cr3t/W@rd"
IN_A_URL = "S3cr3t%2FW%40rd"
USER = "audit"


def program(name: str) -> str:
    """The newest of a server's programs; Debian keeps them out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    newest = str(found[-1]) if found else shutil.which(name)
    assert newest, f"{name} is not here; install PostgreSQL's server (on Debian: apt-get install postgresql)"
    return newest


class Server:
    """One server, in a folder of place_for_servers(): by a socket without a password, by the network with one."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        # PostgreSQL does not run as root.
        self._as: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self.reserved = ReservedPort("127.0.0.1")
        self.port = self.reserved.number
        if self._as:
            os.chown(folder, NOBODY, NOBODY)
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
