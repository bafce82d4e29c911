# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walk the processes of a host, one or two files each, for those with most page tables, threads and pinned memory, and
for the sums of commands and of control groups.

Private to the collection, and sent to hosts as source, so it imports nothing but ``posix``. Of each process only
``status`` is read and, of those with memory of their own, ``cgroup``: never its command line, environment or mappings.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import posix

TOP = 5
COMM = 64
CGROUP = 200
# Names beyond so many are added up as one; it bounds the memory that a host of a million processes costs.
NAMES = 5000
FLAGS = posix.O_NONBLOCK | posix.O_NOCTTY


def walk(root, live, end, clock):
    """Return the part "processes" and why it is not whole (``deadline``) or None.

    Parameters: root, where /proc is; live, whether it is this host's own; end, by the function clock, when to stop.
    Rows of page_tables, threads and pinned are ``[pid, command, amount, cgroup]``, those of commands and groups
    ``[name, processes, page tables, threads, pinned]``; memory is in KiB. unread is the number of processes that ended
    meanwhile or are hidden. Raises :class:`OSError` where the root can't be listed.
    """
    leading = [_Leading(), _Leading(), _Leading()]
    commands, groups, cut = {}, {}, None
    tried = seen = 0
    sums = [0, 0, 0]
    for name in posix.listdir(root):
        if name[0] not in "0123456789":
            continue
        if tried & 63 == 0 and clock() > end:
            cut = "deadline"
            break
        tried += 1
        try:
            command, amounts = status(_content(root + "/" + name + "/status", live))
            pid = int(name)
        except (OSError, IOError, ValueError):
            continue
        seen += 1
        _add(commands, command, amounts)
        # The kernel's own threads have no page tables, and are in no group that anybody made.
        group = _group(root, pid, live) if amounts[0] else None
        if group:
            _add(groups, group, amounts)
        for place in (0, 1, 2):
            sums[place] += amounts[place]
            leading[place].offer(amounts[place], pid, command, group)
    part = {"seen": seen, "unread": tried - seen, "commands": _sums(commands), "groups": _sums(groups)}
    part.update(page_tables=leading[0].rows(), threads=leading[1].rows(), pinned=leading[2].rows())
    part.update(page_tables_kib=sums[0], threads_seen=sums[1], pinned_kib=sums[2])
    return part, cut


class _Leading:
    """The processes with most of something."""

    def __init__(self):
        self.least, self.found = 1, []

    def offer(self, amount, pid, command, group):
        """Take a process into account; most are below the biggest seen so far, and cost one comparison."""
        if amount >= self.least:
            self.found.append((-amount, pid, command, group))
            if len(self.found) > 99:
                self.found.sort()
                del self.found[TOP:]
                self.least = -self.found[-1][0]

    def rows(self):
        """Return the rows, the biggest first."""
        return [[pid, _text(command), -size, group] for size, pid, command, group in sorted(self.found)[:TOP]]


def _add(sums, name, amounts):
    entry = sums.get(name)
    if not entry:
        entry = sums.setdefault(name if len(sums) < NAMES else "(others)", [0, 0, 0, 0])
    entry[0] += 1
    entry[1] += amounts[0]
    entry[2] += amounts[1]
    entry[3] += amounts[2]


def _sums(sums):
    """Return the rows of those with most page tables and of those with most threads, by name."""
    names = set()
    for place in (1, 2):
        names.update(sorted(sums, key=lambda name: (-sums[name][place], name))[:TOP])
    return sorted([[_text(name)] + sums[name] for name in names])


def _text(name):
    # Commands are bytes, groups are texts already; of the rest the name is the same on every Python.
    return name if name == "(others)" or not isinstance(name, bytes) else name.decode("utf-8", "replace")[:COMM]


def status(data):
    """Return (command, [KiB of page tables, threads, KiB that are pinned]) of the bytes of a status file; raise
    ValueError if it is none.

    A process without VmPTE, as the kernel's own threads are, has no page tables.
    """
    end = data.index(b"\nThreads:")
    words = [data[end + 9 : data.index(b"\n", end + 1)].strip()]
    for field in (b"\nVmPTE:", b"\nVmPin:"):
        start = data.find(field, 0, end)
        words.append(data[start + 7 : data.index(b"kB", start)].strip() if start >= 0 else b"0")
    for word in words:
        if not word.isdigit() or len(word) > 18:
            raise ValueError("not a status file")
    if data[:5] != b"Name:":
        raise ValueError("not a status file")
    threads, tables, pinned = [int(word) for word in words]
    return data[5 : data.index(b"\n")].strip(), [tables, threads, pinned]


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


def _group(root, pid, live):
    try:
        return cgroup_of(_content("%s/%d/cgroup" % (root, pid), live))
    except (OSError, IOError, ValueError):
        return None
