# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walk two levels of the memory cgroups for those that hold most kernel memory.

Private to the collection, and sent to hosts as source, so it imports nothing but ``errno`` and
``posix``.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import posix

TOP = 8
PATH = 200
READS = 200
COUNTERS = (
    b"kernel slab_reclaimable slab_unreclaimable percpu pagetables sec_pagetables vmalloc kernel_stack sock".split()
)
WITHIN = [b"nr_descendants", b"nr_dying_descendants"]
# A cgroup's own files begin so; a cgroup that does is told by its ending.
FILES = frozenset("cgroup cpu cpuset hugetlb io memory misc pids rdma".split())
UNITS = (b".slice", b".scope", b".service")
# From so many living groups on it is worth a read each to say where they are.
MANY = 500


def walk(root, live, end, clock):
    """Return the part "cgroups" and why it is not whole (``deadline`` or ``limit``) or None.

    Parameters: root, where the cgroup file systems are; live, whether they are this host's own; end, by the function
    clock, when to stop. Rows are ``[path, {counter: bytes}]``; of a long path the end, which says most. Below the top
    come the children of the biggest first, since the number of reads is limited. Raises :class:`OSError` where no
    cgroup has memory counters.
    """
    root = root if isinstance(root, bytes) else root.encode("utf-8", "surrogateescape")
    version, top, file, head = 2, root, b"/memory.stat", b""
    if not _exists(root + b"/cgroup.controllers"):
        version, top, file, head = 1, root + b"/memory", b"/memory.kmem.usage_in_bytes", b"kernel "
    level, rows, cut, reads = [(0, b"", None, True)], [], None, 0
    for _depth in range(2):
        parents, level = level, []
        for parent in parents:
            for path, has_more in _children(top, parent[1]) if parent[3] else ():
                cut = cut or ("limit" if reads >= READS else "deadline" if clock() > end else None)
                if cut:
                    break
                reads += 1
                counters = numbers(head + _content(top + path + file, live), COUNTERS)
                if counters:
                    level.append((-counters.get("kernel", sum(counters.values())), path, counters, has_more))
        level.sort()
        rows += level
    if reads and not rows and not cut:
        raise OSError(errno.ENOENT, "no cgroup has memory counters")
    within = numbers(_content(root + b"/cgroup.stat", live), WITHIN)
    rows = sorted(rows)
    for row in rows[:TOP] if within.get("nr_descendants", 0) >= MANY else ():
        row[2].update(numbers(_content(top + row[1] + b"/cgroup.stat", live), WITHIN[:1]))
    found = [[row[1].decode("utf-8", "replace")[-PATH:], row[2]] for row in rows[:TOP]]
    part = {"version": version, "rows": found, "seen": len(rows), "dying": within.get("nr_dying_descendants")}
    return dict(part, living=within.get("nr_descendants")), cut


def _exists(path):
    try:
        return posix.stat(path)
    except OSError:
        return None


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
    """Yield the cgroups in one, sorted: the path, and whether there are more within; nothing of one that has gone
    meanwhile.
    """
    try:
        names = posix.listdir(top + parent)
    except OSError:
        if not parent:
            raise
        names = []
    for name in sorted(names):
        if name.partition(b".")[0].decode("latin-1") not in FILES or name.endswith(UNITS):
            path = parent + b"/" + name
            try:
                status = posix.lstat(top + path)
            except OSError:
                continue
            if status.st_mode & 0o170000 == 0o040000:
                # Two links mean no folder within, which spares a look at every file.
                yield path, status.st_nlink != 2


def _content(path, live):
    try:
        # What is no file in a saved tree could act or hang.
        if not live and posix.stat(path).st_mode & 0o170000 != 0o100000:
            return b""
        number = posix.open(path, posix.O_NONBLOCK)
        try:
            return posix.read(number, 16384)
        finally:
            posix.close(number)
    except (OSError, IOError):
        return b""
