# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests lean on: limits that end them, ports that stay theirs, places that others can come to."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support import surroundings
from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import be_nobody_if_root, result_after
from ansible_collections.fleetaudit.kernel_memory.tests.support.port import ReservedPort
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import (
    COLLECTIONS,
    for_everybody,
    open_to_all,
    place_for_servers,
)

PLUGIN = "ansible_collections.fleetaudit.kernel_memory.tests.support.time_limit"
HANGS = f"""
import subprocess, pytest
from {PLUGIN} import TimeLimit

@pytest.mark.limit(1)
def test_hangs():
    subprocess.run(["sleep", "987654"])

def test_after_it():
    pass
"""
CONFTEST = f"""
from {PLUGIN} import TimeLimit

def pytest_configure(config):
    config.pluginmanager.register(TimeLimit())
"""


def test_a_test_that_hangs_is_ended_names_what_it_waited_for_and_the_next_one_runs(tmp_path: Path) -> None:
    """A hanging process must not cost the whole run, and whoever looks must see which it was."""
    (tmp_path / "test_it.py").write_text(HANGS)
    (tmp_path / "conftest.py").write_text(CONFTEST)
    said = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "test_it.py::test_hangs did not end in 1 s. It left waiting: " in said.stdout
    assert "(sleep 987654)" in said.stdout and "1 failed, 1 passed" in said.stdout, said.stdout


def test_a_reserved_port_is_given_to_nobody_and_a_server_may_listen_there() -> None:
    """Two clones that run their tests at once look for free ports of the same addresses."""
    reserved = ReservedPort("127.0.1.1", "127.0.1.2")
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.1.2", reserved.number))
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.1.2", reserved.number))
        server.listen()
        socket.create_connection(("127.0.1.2", reserved.number)).close()
    reserved.release()
    with socket.socket() as other:
        other.bind(("127.0.1.1", reserved.number))


@pytest.mark.parametrize("usual", ["closed", "with blanks", "far" * 20])
def test_servers_have_a_short_place_that_everybody_can_come_to(
    usual: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever TMPDIR is: sockets have 107 letters at most, sshd and shells want no blanks, others must come in."""
    (tmp_path / usual).mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / usual))
    with place_for_servers() as name:
        assert open_to_all(Path(name)) and len(name) < 60 and " " not in name
        assert result_after(be_nobody_if_root, lambda: os.listdir(name)) == []
    assert not Path(name).exists()


def test_a_tree_of_a_private_checkout_can_be_read_by_everybody(tmp_path: Path) -> None:
    """A clone that was made under umask 077 has files that only its owner reads."""
    with place_for_servers() as name:
        top = Path(name) / "proc"
        top.mkdir(mode=0o700)
        (top / "meminfo").write_text("MemTotal: 1 kB\n")
        (top / "meminfo").chmod(0o600)
        (top / "away").symlink_to("nowhere")
        for_everybody(Path(name))
        assert result_after(be_nobody_if_root, lambda: (top / "meminfo").read_text()) == "MemTotal: 1 kB\n"


def test_nothing_of_the_users_settings_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A developer with ANSIBLE_STDOUT_CALLBACK, PGHOST or a German locale sees what everybody sees."""
    before = {"ANSIBLE_STDOUT_CALLBACK": "minimal", "PGHOST": "db", "LC_ALL": "de_DE", "COLUMNS": "20", "no_proxy": "a"}
    environment = {**os.environ, **before}
    masks: list[int] = []
    monkeypatch.setattr(os, "environ", environment)
    monkeypatch.setattr(os, "umask", masks.append)
    surroundings.settle(tmp_path)
    assert {"ANSIBLE_STDOUT_CALLBACK", "PGHOST", "COLUMNS"} & set(environment) == set()
    assert (environment["LC_ALL"], environment["HOME"], masks) == ("C.UTF-8", str(tmp_path), [0o022])
    assert environment["no_proxy"] == "a,localhost,127.0.0.1"
