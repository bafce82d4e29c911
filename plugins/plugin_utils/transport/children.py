# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ends what a connection has started for a host whose time is over: nobody else would.

The task's timeout ends the action and not the ssh client that it waits for. That would go on with what it runs on the
host, and hold a master connection open, for as long as the host is silent or floods.
"""

from __future__ import annotations

import contextlib
import os
import signal


def end_children() -> list[int]:
    """Ask every child of this process to end, and return their numbers; none where the system does not name them.

    A worker of Ansible has no children but those of its host's connection. A master that stays open for the next task
    (``ControlPersist``) has left its parent, and is none.
    """
    own = f"/proc/{os.getpid()}/task"
    found: set[int] = set()
    with contextlib.suppress(OSError, ValueError):
        for thread in os.listdir(own):
            with open(f"{own}/{thread}/children", encoding="ascii") as listed:
                found.update(int(number) for number in listed.read().split())
    ended = []
    for number in sorted(found):
        with contextlib.suppress(OSError):
            os.kill(number, signal.SIGTERM)
            ended.append(number)
    return ended
