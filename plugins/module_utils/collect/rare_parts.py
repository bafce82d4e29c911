# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather what is asked for rarely or needed by few hosts: walks of the processes, and long files, line by line.

Private to the collection; imports nothing, and is sent to hosts as source. It reads by the reader's means.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

LIMIT = 1 << 25
LONGEST = 4096
WALK_SECONDS = 2.0


def lines(reader, key, cut):
    """Yield a file's lines as bytes, None for one that is too long or has no end; note in *cut* why the rest is
    missing.
    """
    tail, size = b"", 0
    try:
        for piece in reader.chunks(reader.path(key), LIMIT):
            size += len(piece)
            whole = (tail + piece).split(b"\n")
            tail = whole.pop()[: LONGEST + 1]
            for line in whole:
                yield line if len(line) <= LONGEST else None
    except reader.late:
        cut.append("deadline")
    if size >= LIMIT:
        cut.append("limit")
    if tail and not cut:
        yield None


def processes(reader, cut):
    """Return the processes with most page tables and most threads."""
    end = min(reader.end, reader.clock() + WALK_SECONDS)
    part, reason = reader.load("processes").walk(reader.roots["proc"], reader.live, end, reader.clock)
    if reason:
        cut.append(reason)
    return part


def allocinfo(reader, cut):
    """Return the allocation sites with most memory."""
    return reader.load("allocinfo").parse_allocinfo(lines(reader, "proc/allocinfo", cut))


def slab(reader, cut):
    """Return the biggest slab caches, with the other names of the merged ones."""
    parser = reader.load("slabinfo")
    part = parser.parse_slabinfo(lines(reader, "proc/slabinfo", cut))
    part["aliases"] = parser.aliases_of(
        [row[0] for row in part["rows"]], links_in(reader, reader.path("sys/kernel/slab"))
    )
    return part


def links_in(reader, folder):
    """Return (name, target) of the links in a folder, none where it can't be read in time: the caches' own names say
    enough.
    """
    links = []
    try:
        for place, name in enumerate(reader.listed(folder)):
            if place & 63 == 0 and reader.clock() > reader.end:
                return []
            try:
                links.append((name, reader.target(folder + "/" + name)))
            except OSError:
                pass  # most are no links
    except OSError:
        pass
    return links


def vmalloc(reader, cut):
    """Return the code that holds most vmalloc memory."""
    return reader.load("vmallocinfo").parse_vmallocinfo(lines(reader, "proc/vmallocinfo", cut))
