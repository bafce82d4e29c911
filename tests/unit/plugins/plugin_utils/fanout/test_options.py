# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands before Ansible's arguments: nobody is asked, no master stays, the exchange of keys as it was wanted."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.options import (
    first_options,
    jump_of,
    light_exchange,
)

PLAIN = (b"-C", b"-o", b"ControlMaster=auto", b"-o", b"ControlPersist=60s", b"web1", b"/bin/sh -c 'true'")
SSH = shutil.which("ssh") or "ssh"


def options(
    *arguments: bytes, has_password: bool = False, sends_password: bool = False, light: str = "^a"
) -> list[str]:
    """The options as text."""
    made = first_options(arguments or PLAIN, has_password=has_password, sends_password=sends_password, light=light)
    return [word.decode() for word in made if word != b"-o"]


def test_nobody_is_asked_and_no_master_stays() -> None:
    """BatchMode forbids passwords, so with one there is one try instead."""
    assert options(light="") == ["ControlMaster=no", "BatchMode=yes"]
    assert options(has_password=True, sends_password=True) == ["ControlMaster=no", "NumberOfPasswordPrompts=1"]


@pytest.mark.parametrize(
    "arguments",
    [
        (b"-o", b"KexAlgorithms=+diffie-hellman-group14-sha1", b"web1"),
        (b"-o", b"kexalgorithms diffie-hellman-group14-sha1", b"web1"),
        (b"-oKexAlgorithms=curve25519-sha256", b"web1"),
    ],
)
def test_an_exchange_that_the_user_named_stays(arguments: tuple[bytes, ...]) -> None:
    """An old host that needs a name must go on being reached."""
    assert options(*arguments) == ["ControlMaster=no", "BatchMode=yes"]


def test_the_exchange_is_light_only_where_no_password_is_sent() -> None:
    """A password can be used for as long as it is valid; a reading of counters is of no use years later."""
    assert options() == ["ControlMaster=no", "BatchMode=yes", "KexAlgorithms=^a"]
    assert options(sends_password=True) == ["ControlMaster=no", "BatchMode=yes"]


def test_this_ssh_takes_what_is_found_and_keeps_its_own_list() -> None:
    """A host that knows only other exchanges must still be reached, so nothing is taken off."""
    value = light_exchange(SSH)
    assert value in ("^mlkem768x25519-sha256,curve25519-sha256", "^curve25519-sha256")

    def exchanges(*given: str) -> list[str]:
        said = subprocess.run([SSH, "-G", *given, "host"], capture_output=True, check=True).stdout.decode()
        line = next(line for line in said.splitlines() if line.startswith("kexalgorithms "))
        return line.split()[1].split(",")

    with_it = exchanges("-o", f"KexAlgorithms={value}")
    assert with_it[: len(value[1:].split(","))] == value[1:].split(",")
    assert set(exchanges()) <= set(with_it)


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("[ $1 = -Q ] && echo diffie-hellman-group14-sha1", ""),  # knows nothing light
        ("[ $1 = -Q ] && echo curve25519-sha256 || exit 255", ""),  # older than OpenSSH 8.0, which brought "^"
        ("exit 1", ""),  # a wrapper that takes hosts alone
        (
            "case $1 in -Q) printf 'curve25519-sha256\\nmlkem768x25519-sha256\\n';; esac",
            "^mlkem768x25519-sha256,curve25519-sha256",
        ),
        ("[ $1 = -Q ] && echo curve25519-sha256; exit 0", "^curve25519-sha256"),
    ],
)
def test_an_ssh_is_asked_what_it_knows(tmp_path: Path, script: str, value: str) -> None:
    """An unknown name makes ssh refuse to start, which would cost every host."""
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\n{script}\n")
    ssh.chmod(0o755)
    assert light_exchange(str(ssh)) == value
    assert light_exchange(str(tmp_path / "none")) == ""


@pytest.mark.parametrize(
    ("arguments", "jump"),
    [
        (PLAIN, b""),
        ((b"-J", b"admin@jump:2222", b"web1"), b"admin@jump:2222"),
        ((b"-Jjump", b"web1"), b"jump"),
        ((b"-o", b"ProxyJump=jump", b"web1"), b"jump"),
        ((b"-o", b"ProxyCommand=ssh -W %h:%p jump", b"web1"), b"ssh -W %h:%p jump"),
        ((b"-oproxyjump jump", b"web1"), b"jump"),
        ((b"-o", b"ProxyJump=none", b"web1"), b""),
    ],
)
def test_the_jump_host_is_found_in_the_arguments(arguments: tuple[bytes, ...], jump: bytes) -> None:
    """Hosts behind one jump host are asked a few at a time."""
    assert jump_of(arguments) == jump
