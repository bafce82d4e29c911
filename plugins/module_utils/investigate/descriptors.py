# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Question 3: what the newest descriptors of a process are, and what they hold.

Nothing is opened: a pipe that was opened would have one more reader. This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import ctypes
import fcntl
import os
import re

from .counters import LISTED
from .files import number

NEWEST = 400
KINDS = 12
WALK_SECONDS = 3.0
# The same numbers on every architecture of Linux 5.3 and 5.6, but for Alpha.
PIDFD_OPEN, PIDFD_GETFD = 434, 438
FIONREAD, F_GETPIPE_SZ = 0x541B, 1032
MEMLOCK = re.compile(r"^memlock:\s*(\d+)", re.M)
MAP_TYPE = re.compile(r"^map_type:\s*(\d+)", re.M)
INODES = {
    "packet": 8,
    "unix": 6,
    "netlink": 9,
    "tcp": 9,
    "tcp6": 9,
    "udp": 9,
    "udp6": 9,
    "raw": 9,
    "raw6": 9,
    "icmp": 9,
    "vsock": 8,
}


def socket_kinds(host):
    """Return ``{inode: protocol}`` of this network namespace."""
    found = {}
    for kind in INODES:
        place = INODES[kind]
        for words in host.rows("proc/net/" + kind, 1, LISTED):
            if len(words) > place:
                found[words[place]] = kind
    return found


class Descriptors:
    """The descriptors of one process, by kind."""

    def __init__(self, host, pid):
        self.host, self.pid, self.sockets = host, pid, {}
        self.library = ctypes.CDLL(None, use_errno=True)
        self.process = -1
        self.kinds = {}

    def look(self):
        """Return ``{kind: {count, and what was summed up}}`` and why it is not whole, or None."""
        folder, reason = "proc/%d/fd" % self.pid, None
        names = [name for name in self.host.names(folder) if name.isdigit()]
        if not names:
            return {}, "not_readable"
        targets = [(name, self.host.target(folder + "/" + name)) for name in sorted(names, key=int)[-NEWEST:]]
        if not any(target for _name, target in targets):
            # Root without CAP_SYS_PTRACE may list them, and not read what they are.
            return {}, "not_readable"
        if [target for _name, target in targets if target[:7] == "socket:"]:
            # Read after them: a socket that is newer than the list would be of no kind.
            self.sockets = socket_kinds(self.host)
        self.process = self.library.syscall(PIDFD_OPEN, self.pid, 0)
        began = self.host.clock()
        try:
            for name, target in targets:
                if self.host.is_late(began, WALK_SECONDS):
                    reason = "deadline"
                    break
                self._add(name, target)
        finally:
            if self.process >= 0:
                os.close(self.process)
        most = sorted(self.kinds, key=lambda kind: -self.kinds[kind]["count"])[:KINDS]
        return {kind: self.kinds[kind] for kind in most}, reason

    def _add(self, name, target):
        head, _mark, rest = target.partition(":")
        if target[:1] == "/":
            kind = "device " + target[:60] if target.startswith("/dev/") else "file"
        elif head == "socket":
            kind = "socket (%s)" % self.sockets.get(rest.strip("[]"), "of another kind or network namespace")
        elif head == "anon_inode":
            kind = rest.strip("[]") or "anonymous"
        else:
            kind = head or "gone"
        told = self.host.text("proc/%d/fdinfo/%s" % (self.pid, name), 1 << 20) if kind != "file" else ""
        kinds = MAP_TYPE.findall(told)
        if kinds:
            kind = "%s of type %s" % (kind, kinds[0])
        sums = self.kinds.setdefault(kind, {"count": 0})
        sums["count"] += 1
        self._sum(sums, "memlock_bytes", sum([number(word) for word in MEMLOCK.findall(told)]))
        self._sum(sums, "watches", told.count("inotify wd:") + told.count("fanotify ino:") + told.count("\ntfd:"))
        if kind == "pipe" and self.process >= 0:
            self._pipe(sums, int(name))

    def _pipe(self, sums, number_there):
        """A copy of the descriptor tells what waits in the pipe; each pipe is seen from both ends."""
        copy = self.library.syscall(PIDFD_GETFD, self.process, number_there, 0)
        if copy < 0:
            return
        try:
            waiting = ctypes.c_int(0)
            if self.library.ioctl(copy, FIONREAD, ctypes.byref(waiting)) == 0:
                self._sum(sums, "waiting_bytes", waiting.value // 2)
            self._sum(sums, "capacity_bytes", fcntl.fcntl(copy, F_GETPIPE_SZ) // 2)
        except (OSError, IOError):
            pass
        finally:
            os.close(copy)

    @staticmethod
    def _sum(sums, name, value):
        if value:
            sums[name] = sums.get(name, 0) + value


def owners_of_sockets(host, inodes, seconds=2.0):
    """Return ``{inode: process number}`` for sockets that a readable process holds."""
    found, began = {}, host.clock()
    wanted = {"socket:[%s]" % inode: inode for inode in inodes}
    for pid in [name for name in host.names("proc") if name.isdigit()] if wanted else ():
        for name in host.names("proc/%s/fd" % pid):
            if len(found) == len(wanted) or host.is_late(began, seconds):
                return found
            inode = wanted.get(host.target("proc/%s/fd/%s" % (pid, name)))
            if inode:
                found[inode] = int(pid)
    return found
