# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel memory of one NUMA node, from its meminfo.

Private to the collection; imports nothing, and is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

FIELDS = frozenset(
    b"MemTotal: MemFree: KernelStack: PageTables: SecPageTables: Slab: SReclaimable: SUnreclaim:".split()
)


def parse_node(data):
    """Return ``{field: KiB}`` of a node's meminfo (bytes); a field that is absent, cut off or no number is not in
    it.
    """
    found = {}
    for line in data.split(b"\n")[:-1]:
        words = line.split()
        if len(words) == 5 and words[0] == b"Node" and words[2] in FIELDS and words[4] == b"kB":
            if words[3].isdigit() and len(words[3]) <= 18:
                found[words[2][:-1].decode("ascii")] = int(words[3])
    return found
