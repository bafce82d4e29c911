# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walk two levels of the memory cgroups for those that hold most kernel memory.

This room is private to the collection and is sent to hosts as source, so it imports nothing but ``errno`` and ``os``.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import os

TOP = 8
PATH = 200
READS = 200
COUNTERS = b"kernel slab_reclaimable slab_unreclaimable percpu pagetables sec_pagetables vmalloc kernel_stack sock".split()
# A cgroup's own files begin so; a cgroup that does is told by its ending.
FILES = frozenset("cgroup cpu cpuset hugetlb io memory misc pids rdma".split())
UNITS = (b".slice", b".scope", b".service")


def walk(root, end, clock):
    """Return the part "cgroups" and why it is not whole (``deadline`` or ``limit``) or None.

    Parameters: root, where the cgroup file systems are; end, by the function clock, when to stop.
    Rows are ``[path, {counter: bytes}]``; of a long path the end, which says most. Below the top come the children of the biggest
    first, since the number of reads is limited. Raises :class:`OSError` where no cgroup has memory counters.
    """
    root = root if isinstance(root, bytes) else root.encode("utf-8", "surrogateescape")
    version, top, file, head = 2, root, b"/memory.stat", b""
    if not os.path.exists(root + b"/cgroup.controllers"):
        version, top, file, head = 1, root + b"/memory", b"/memory.kmem.usage_in_bytes", b"kernel "
    level, rows, cut, reads = [(0, b"", None)], [], None, 0
    for _depth in range(2):
        parents, level = level, []
        for parent in parents:
            for path in _children(top, parent[1]):
                cut = cut or ("limit" if reads >= READS else "deadline" if clock() > end else None)
                if cut:
                    break
                reads += 1
                counters = numbers(head + _content(top + path + file), COUNTERS)
                if counters:
                    level.append((-counters.get("kernel", sum(counters.values())), path, counters))
        level.sort()
        rows += level
    if reads and not rows and not cut:
        raise OSError(errno.ENOENT, "no cgroup has memory counters")
    dying = numbers(_content(root + b"/cgroup.stat"), [b"nr_dying_descendants"]).get("nr_dying_descendants")
    found = [[row[1].decode("utf-8", "replace")[-PATH:], row[2]] for row in sorted(rows)[:TOP]]
    return {"version": version, "rows": found, "seen": len(rows), "dying": dying}, cut


def numbers(data, names):
    """Return ``{name: number}`` of lines ``NAME NUMBER``; a name that is absent, cut off or no number is not in it."""
    data, found = b"\n" + data, {}
    for name in names:
        start = data.find(b"\n" + name + b" ")
        word = data[start + len(name) + 2 : max(data.find(b"\n", start + 1), 0)]
        if start >= 0 and word.isdigit() and len(word) <= 18:
            found[name.decode("ascii")] = int(word)
    return found


def _children(top, parent):
    """Return the sorted paths of the cgroups in one; none of one that has gone meanwhile."""
    try:
        # Two links mean no folder within, which spares a look at every file.
        names = os.listdir(top + parent) if not parent or os.stat(top + parent).st_nlink != 2 else []
    except OSError:
        if not parent:
            raise
        names = []
    names = [name for name in names if name.partition(b".")[0].decode("latin-1") not in FILES or name.endswith(UNITS)]
    paths = [parent + b"/" + name for name in sorted(names)]
    return [path for path in paths if os.path.isdir(top + path) and not os.path.islink(top + path)]


def _content(path):
    # What is no file in a saved tree could act or hang.
    if not os.path.isfile(path):
        return b""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return os.read(number, 16384)
        finally:
            os.close(number)
    except (OSError, IOError):
        return b""
