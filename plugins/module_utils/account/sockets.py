# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The memory of packets that wait in TCP and UDP sockets, as /proc/net/sockstat counts it, and its limits.

Private to the collection; pure. All sizes are bytes.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .counters import LARGEST, number_in, number_of, text_of
from .missing import NOT_IN_THIS_KERNEL, NOT_READABLE, is_from, version_of, why_unreadable

SOCKSTAT = "proc/net/sockstat"
_QUANTUM = 4096


def sockstat_of(reading):
    """Return {(first word, name): number} of the lines ``first name number name number ...`` of sockstat."""
    numbers = {}
    for line in (text_of(reading, SOCKSTAT) or "").split("\n"):
        words = line.split()
        for position in range(1, len(words) - 1, 2):
            numbers[(words[0], words[position])] = number_in(words[position + 1])
    return numbers


class SocketMemory:
    """What waits in sockets: ``tcp``, ``udp`` and ``fragments``, None where it is not known, their sum ``bytes``, and
    ``why``, the class and the reason where there is no sum. The kernel counts UDP-Lite with UDP.
    """

    def __init__(self, reading, page, release):
        counted = sockstat_of(reading)
        unit = _unit(page, release)
        self.tcp = _bytes(counted.get(("TCP:", "mem")), unit)
        self.udp = _bytes(counted.get(("UDP:", "mem")), unit)
        self.fragments = _bytes(counted.get(("FRAG:", "memory")), 1)
        self.bytes, self.why = None, None
        if self.tcp is None:
            self.why = _why(reading, counted, unit)
        else:
            self.bytes = self.tcp + (self.udp or 0) + (self.fragments or 0)
        # The kernel compares its count with these in pages, whatever it counts in.
        self.tcp_limit = _bytes(number_of(reading, "proc/sys/net/ipv4/tcp_mem", 2), page)
        self.udp_limit = _bytes(number_of(reading, "proc/sys/net/ipv4/udp_mem", 2), page)


def _unit(page, release):
    """Return the bytes that sockstat counts in: 4 KiB from 4.11 to 5.19 whatever the page size, else pages."""
    if page is None or page == _QUANTUM:
        return page
    if version_of(release) is None:
        return None
    return _QUANTUM if is_from(release, (4, 11)) and not is_from(release, (6, 0)) else page


def _bytes(count, unit):
    return count * unit if count is not None and unit and count * unit <= LARGEST else None


def _why(reading, counted, unit):
    if ("TCP:", "mem") not in counted:
        absent = (NOT_IN_THIS_KERNEL, "sockstat of this kernel has no memory of TCP.")
        return absent if counted else why_unreadable(reading, SOCKSTAT)
    if unit is None:
        return NOT_READABLE, "The unit of sockstat is not known, since page size or kernel release is not."
    return why_unreadable(reading, SOCKSTAT)
