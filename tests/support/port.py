# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A port that stays ours between being found and being listened on."""

from __future__ import annotations

import socket


class ReservedPort:
    """A port of some addresses, the same at each, that no other program is given until :meth:`release`.

    A socket that is bound and does not listen keeps it. It was bound alone and only afterwards allows others beside it,
    so that a server, which asks for that (SO_REUSEADDR) as sshd and PostgreSQL do, may listen there, and nobody who
    looks for a free port is sent there.
    """

    def __init__(self, *addresses: str) -> None:
        self._sockets: list[socket.socket] = []
        for _attempt in range(100):
            try:
                self.number = self._bind(addresses)
                break
            except OSError:
                self.release()
        else:
            raise RuntimeError(f"There is no port that is free at all of {', '.join(addresses)}.")
        for kept in self._sockets:
            kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    def _bind(self, addresses: tuple[str, ...]) -> int:
        number = 0
        for address in addresses:
            self._sockets.append(socket.socket())
            self._sockets[-1].bind((address, number))
            number = int(self._sockets[-1].getsockname()[1])
        return number

    def release(self) -> None:
        """Give it back."""
        for kept in self._sockets:
            kept.close()
        self._sockets.clear()
