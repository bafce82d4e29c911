# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walk the processes of a host, one file each, for those with most page tables and most threads.

Private to the collection, and sent to hosts as source, so it imports nothing but ``posix``. Of each
process only ``status`` is read, and ``cgroup`` of the few that are named: never its command line, environment or
mappings.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import posix

TOP = 5
COMM = 64
CGROUP = 200
FLAGS = posix.O_NONBLOCK | posix.O_NOCTTY


def walk(root, live, end, clock):
    """Return the part "processes" and why it is not whole (``deadline``) or None.

    Parameters: root, where /proc is; live, whether it is this host's own; end, by the function clock, when to stop.
    Rows are ``[pid, command, KiB of page tables or number of threads, cgroup]``. unread is the number of processes that
    ended meanwhile or are hidden. Raises :class:`OSError` where the root can't be listed.
    """
    tables, threads, cut = [], [], None
    least_tables = least_threads = tried = seen = all_tables = all_threads = 0
    for name in posix.listdir(root):
        if name[0] not in "0123456789":
            continue
        if tried & 63 == 0 and clock() > end:
            cut = "deadline"
            break
        tried += 1
        try:
            command, size, number = status(_content(root + "/" + name + "/status", live))
            pid = int(name)
        except (OSError, IOError, ValueError):
            continue
        seen += 1
        all_tables += size
        all_threads += number
        # Most processes are below the five biggest seen so far, and cost one comparison.
        if size >= least_tables and size:
            tables.append((-size, pid, command))
            if len(tables) > 99:
                least_tables = _cut(tables)
        if number >= least_threads:
            threads.append((-number, pid, command))
            if len(threads) > 99:
                least_threads = _cut(threads)
    part = {"page_tables": _rows(tables, root, live), "threads": _rows(threads, root, live), "seen": seen}
    part.update(page_tables_kib=all_tables, threads_seen=all_threads, unread=tried - seen)
    return part, cut


def status(data):
    """Return (command, KiB of page tables, threads) of the bytes of a status file; raise ValueError if it is none.

    A process without VmPTE, as the kernel's own threads are, has no page tables.
    """
    end = data.index(b"\nThreads:")
    number = data[end + 9 : data.index(b"\n", end + 1)].strip()
    start, size = data.find(b"\nVmPTE:", 0, end), b"0"
    if start >= 0:
        size = data[start + 7 : data.index(b"kB", start)].strip()
    if not (number.isdigit() and size.isdigit() and data[:5] == b"Name:") or len(number) > 18 or len(size) > 18:
        raise ValueError("not a status file")
    return data[5 : data.index(b"\n")].strip(), int(size), int(number)


def cgroup_of(data):
    """Return the path of the memory cgroup in the bytes of a cgroup file, or None; of a long one its end, which says
    most.
    """
    found = None
    for line in data.split(b"\n"):
        words = line.split(b":", 2)
        if len(words) == 3 and (b"memory" in words[1].split(b",") or (words[:2] == [b"0", b""] and found is None)):
            found = words[2].decode("utf-8", "replace")[-CGROUP:]
            if words[1]:
                break
    return found


def _content(path, live):
    # In a saved tree anything may be in a file's place; to open a device could act.
    if not live and posix.stat(path).st_mode & 0o170000 != 0o100000:
        raise ValueError("not a regular file")
    number = posix.open(path, FLAGS)
    try:
        data = posix.read(number, 4096)
        if len(data) == 4096:
            # Thousands of supplementary groups come before what is looked for.
            piece = data
            while piece and len(data) < 1 << 20:
                piece = posix.read(number, 65536)
                data += piece
        return data
    finally:
        posix.close(number)


def _cut(found):
    found.sort()
    del found[TOP:]
    return -found[-1][0]


def _rows(found, root, live):
    rows = []
    for negative, pid, command in sorted(found)[:TOP]:
        try:
            cgroup = cgroup_of(_content("%s/%d/cgroup" % (root, pid), live))
        except (OSError, IOError, ValueError):
            cgroup = None
        rows.append([pid, command.decode("utf-8", "replace")[:COMM], -negative, cgroup])
    return rows
