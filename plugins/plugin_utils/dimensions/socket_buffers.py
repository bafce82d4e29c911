# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits in sockets (``mem`` in ``/proc/net/sockstat``). A part of it is in slab, too."""

from __future__ import annotations

from .dimension import Dimension

SOCKET_BUFFERS = Dimension(
    name="socket_buffers",
    label="Socket buffers",
    sentence="Packets that wait in TCP and UDP sockets until a program reads them or the other end takes them.",
    counter="socket buffers",
)
