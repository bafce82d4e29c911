# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Walk the open descriptors of all processes for those that may hold memory which no counter names: pipes, packet
sockets, perf buffers, BPF maps, rings of io_uring, watches.

Private to the collection, and sent to hosts as source, so it imports nothing but ``posix``. Only the names of
descriptors are read; none is opened.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import posix

TOP = 10
COMM = 64
WALK_SECONDS = 2.0
KINDS = frozenset("pipe packet perf_event bpf-map bpf-prog io_uring inotify kvm-vm userfaultfd dmabuf memfd".split())
# EPERM and EACCES: a process shows its descriptors to its own user and root only, and what they are to nobody without
# CAP_SYS_PTRACE but that user.
REFUSED = (1, 13)
# Descriptors that are looked at in one process; a program with more is named by what it has among these.
MOST = 20000


def descriptors(reader, cut):
    """Return the open descriptors that may hold memory, by command and kind."""
    packets, lines = set(), reader.load("rare_parts").lines
    for line in lines(reader, "proc/net/packet", []) if reader.status(reader.path("proc/net/packet")) else ():
        packets.add((line or b"").decode("ascii", "replace").rpartition(" ")[2])
    end = min(reader.end, reader.clock() + WALK_SECONDS)
    part, reason = walk(reader.roots["proc"], packets, reader.live, end, reader.clock)
    if reason:
        cut.append(reason)
    return part


def walk(root, packets, live, end, clock):
    """Return the part "descriptors" and why it is not whole (``deadline``) or None.

    Parameters: root, where /proc is; packets, the inodes of packet sockets, as texts; live, whether it is this host's
    own; end, by the function clock, when to stop. Rows are ``[command, kind, descriptors]``; pipes is the number of
    different pipes, unread that of processes whose descriptors may not be read. Raises :class:`OSError` where the root
    can't be listed, or no process shows its descriptors.
    """
    counts, pipes, cut = {}, set(), None
    tried = seen = unread = 0
    for pid in posix.listdir(root):
        if pid[0] not in "0123456789":
            continue
        if tried & 15 == 0 and clock() > end:
            cut = "deadline"
            break
        tried += 1
        folder = root + "/" + pid
        try:
            names = posix.listdir(folder + "/fd")[:MOST]
            command = _command(folder, live)
            for place, name in enumerate(names):
                if place & 255 == 0 and clock() > end:
                    cut = "deadline"
                    break
                target = _target(folder + "/fd/" + name)
                kind = kind_of(target, packets)
                if kind in KINDS:
                    counts[(command, kind)] = counts.get((command, kind), 0) + 1
                    if kind == "pipe":
                        pipes.add(target)
        except (OSError, IOError) as error:
            # Others ended meanwhile.
            unread += error.errno in REFUSED
            continue
        seen += 1
        if cut:
            break
    if not (seen or unread or cut):
        raise OSError(2, "no descriptors")
    rows = [[command, kind, counts[(command, kind)]] for command, kind in counts]
    rows.sort(key=lambda row: (-row[2], row[0], row[1]))
    return {"rows": rows[:TOP], "pipes": len(pipes), "seen": seen, "unread": unread}, cut


def kind_of(target, packets):
    """Return what a descriptor is, from the name that the kernel gives it."""
    if target.startswith("socket:["):
        return "packet" if target[8:-1] in packets else "socket"
    if target.startswith("anon_inode:"):
        return target[11:].strip("[]")
    if target.startswith("/memfd:"):
        return "memfd"
    if target.startswith("/dmabuf:"):
        return "dmabuf"
    return target.partition(":")[0]


def _target(path):
    """Return where a descriptor leads, or nothing if it was closed meanwhile; raise :class:`OSError` if refused."""
    try:
        return posix.readlink(path)
    except (OSError, IOError) as error:
        if error.errno in REFUSED:
            raise
        return ""


def _command(folder, live):
    path = folder + "/comm"
    if not live and posix.stat(path).st_mode & 0o170000 != 0o100000:
        raise OSError("not a regular file")
    number = posix.open(path, posix.O_NONBLOCK | posix.O_NOCTTY)
    try:
        return posix.read(number, 4096).decode("utf-8", "replace").rstrip("\n")[:COMM]
    finally:
        posix.close(number)
