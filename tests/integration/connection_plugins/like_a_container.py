# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that behaves as those of docker, podman and kubectl do, without a container engine.

It hands the command to another program as arguments (as ``docker exec -i NAME sh -c COMMAND`` does) and gives it what
stands on standard input. With ``ansible_without_input`` it has no standard input to give, as connections that are no
pipe.
"""

from __future__ import annotations

DOCUMENTATION = """
name: like_a_container
short_description: Stand-in for docker, podman and kubectl
description: Runs commands of this machine in the way of a container engine.
author: The fleetaudit.kernel_memory authors
options:
  without_input:
    description: Whether there is no standard input to give.
    type: bool
    default: false
    vars: [{name: ansible_without_input}]
"""

import shutil
import subprocess
from typing import Any

from ansible.plugins.connection import ConnectionBase


class Connection(ConnectionBase):
    """Runs commands as ``env -i PATH=… sh -c COMMAND``."""

    transport = "like_a_container"

    @property
    def has_pipelining(self) -> bool:
        """Whether standard input reaches the command."""
        return not self.get_option("without_input")

    def _connect(self) -> Connection:
        self._connected = True
        return self

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = False) -> tuple[int, bytes, bytes]:
        """Run *cmd*; standard input is what is given, or closed."""
        assert in_data is None or self.has_pipelining, "standard input was given to a connection that has none"
        super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        said = subprocess.run(
            ["/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/tmp", "/bin/sh", "-c", cmd],
            input=in_data,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL if in_data is None else None,
        )
        return said.returncode, said.stdout, said.stderr

    def put_file(self, in_path: str, out_path: str) -> None:
        """Copy a file to the host."""
        super().put_file(in_path, out_path)
        shutil.copyfile(in_path, out_path)

    def fetch_file(self, in_path: str, out_path: str) -> Any:
        """Copy a file from the host."""
        super().fetch_file(in_path, out_path)
        shutil.copyfile(in_path, out_path)

    def close(self) -> None:
        """Nothing is open."""
        self._connected = False
