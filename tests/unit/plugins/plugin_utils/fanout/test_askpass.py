# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The helper gives ssh a password when it asks for one, and for nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.askpass import Askpass

PASSWORD = "p%s \\n'$(id)`id`\"é"


@pytest.mark.parametrize(
    ("own", "prompt", "given"),
    [
        ("", "root@web1's password: ", PASSWORD),
        ("", "Password: ", PASSWORD),
        ("", "Are you sure you want to continue connecting (yes/no/[fingerprint])? ", None),
        ("", "Enter passphrase for key '/root/.ssh/id': ", None),
        ("Kennwort", "Kennwort: ", PASSWORD),
        ("Kennwort", "root@web1's password: ", None),
    ],
)
def test_a_password_for_a_password_prompt(tmp_path: Path, own: str, prompt: str, given: str | None) -> None:
    """A question about a host's key must not be answered with a password."""
    with Askpass(str(tmp_path)) as askpass:
        environment = askpass.environment(PASSWORD, own, {"PATH": "/usr/bin:/bin"})
        said = subprocess.run([environment["SSH_ASKPASS"], prompt], env=environment, capture_output=True, check=False)
        assert said.returncode == (0 if given else 1)
        assert said.stdout == (f"{given}\n".encode() if given else b"")
        assert PASSWORD.encode() not in Path(environment["SSH_ASKPASS"]).read_bytes()
        assert Path(environment["SSH_ASKPASS"]).stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_without_a_password_there_is_no_file(tmp_path: Path) -> None:
    """Most fleets use keys."""
    with Askpass(str(tmp_path)):
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.iterdir()) == []
