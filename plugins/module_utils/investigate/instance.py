# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private instance of the kernel's trace buffer that does not outlive this process.

* A watchdog in a session of its own waits for the end of this process and removes the instance; the instance is made
  only once the watchdog has left the session, so that what kills the session leaves the watchdog.
* Where the watchdog is killed, too, the kernel stops the events and takes the buffer back (``disable_on_free``).
* What then is left is an empty directory that records nothing; the next run removes it.

Nothing outside of the instance is written. This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import os
import select
import signal
import sys
import time

NAME = "fleetaudit_investigate_"
IGNORED = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGALRM)
GONE = (errno.ENOENT, errno.ENODEV)
REMOVE_SECONDS = 20
PATIENCE_SECONDS = 60


class Refused(Exception):
    """No instance can be made; the reason in one word."""


def started(pid):
    """Return when a process began, in the kernel's ticks; empty where there is none. Tells a number used again."""
    try:
        with open("/proc/%s/stat" % pid, "rb") as handle:
            words = handle.read(4096).rpartition(b")")[2].split()
    except (OSError, IOError):
        return ""
    return words[19].decode("ascii", "replace") if len(words) > 19 else ""


def others(root):
    """Return the instances that were made here before: (paths of those whose process is gone, whether one lives)."""
    gone, lives = [], False
    for name in os.listdir(root + "/instances"):
        if name[: len(NAME)] == NAME:
            pid, _mark, began = name[len(NAME) :].partition("_")
            if pid.isdigit() and began and started(pid) == began:
                lives = True
            else:
                gone.append(root + "/instances/" + name)
    return gone, lives


class Instance:
    """The instance of this process."""

    def __init__(self, root, buffer_kib, seconds):
        gone, lives = others(root)
        for path in gone:
            remove(path)
        if lives:
            raise Refused("busy")
        self.path = "%s/instances/%s%d_%s" % (root, NAME, os.getpid(), started(os.getpid()))
        self.hold = None
        self._watch_over(seconds)
        try:
            os.mkdir(self.path)
        except OSError:
            reason = errno.errorcode.get(sys.exc_info()[1].errno, "EIO")
            self.close()
        else:
            reason = None
        if reason:
            raise Refused(reason)
        for name, value in (
            ("tracing_on", 0),
            ("buffer_size_kb", buffer_kib),
            ("trace_clock", "mono"),
            ("options/overwrite", 0),
        ):
            self.put(name, value)
        if self.put("options/disable_on_free", 1):
            self.hold = os.open(self.path + "/free_buffer", os.O_RDONLY)

    def _watch_over(self, seconds):
        ended, self.alive = os.pipe()
        ready, told = os.pipe()
        reader = os.getpid()
        self.watchdog = os.fork()
        if self.watchdog == 0:
            try:
                os.setsid()
                watch_over(self.path, ended, reader, seconds)
            finally:
                os._exit(0)
        os.close(ended)
        os.close(told)
        # Its end says that the watchdog has left this session and closed what it does not need.
        os.read(ready, 1)
        os.close(ready)

    def put(self, name, value):
        """Write to a file of the instance; return whether the kernel took it."""
        try:
            handle = os.open(self.path + "/" + name, os.O_WRONLY | os.O_TRUNC)
        except OSError:
            return False
        try:
            os.write(handle, str(value).encode("utf-8"))
        except OSError:
            return False
        finally:
            os.close(handle)
        return True

    def counts(self):
        """Return how many entries the buffer has, and the CPUs that lost some with how many."""
        entries, lost = 0, {}
        for name in os.listdir(self.path + "/per_cpu"):
            told = {}
            for line in self._text("per_cpu/%s/stats" % name).splitlines():
                word, _mark, rest = line.partition(": ")
                told[word] = int(rest) if rest.isdigit() else 0
            entries += told.get("entries", 0)
            missing = told.get("overrun", 0) + told.get("dropped events", 0)
            if missing:
                lost[int(name[3:])] = missing
        return entries, lost

    def _text(self, name):
        try:
            with open(self.path + "/" + name, "rb") as handle:
                return handle.read(65536).decode("utf-8", "replace")
        except (OSError, IOError):
            return ""

    def lines(self):
        """Yield the lines of the trace as Latin-1 text."""
        with open(self.path + "/trace", "rb") as handle:
            for line in handle:
                yield line.decode("latin-1").rstrip("\n")

    def quiet(self):
        """Let no event cost anything any more."""
        self.put("tracing_on", 0)
        self.put("set_event", "")

    def close(self):
        """Let the watchdog remove the instance, and return whether it is gone."""
        if self.hold is not None:
            os.close(self.hold)
        os.close(self.alive)
        os.waitpid(self.watchdog, 0)
        return not os.path.isdir(self.path) or remove(self.path)


def watch_over(path, ended, parent, seconds):
    """Wait for the end of the process that holds the other end of *ended*, and remove the instance.

    After *seconds* the events are switched off; a minute later a parent that still lives is stuck and is killed, since
    the instance can't go while it is open.
    """
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    # Standard output, too: an SSH connection waits for everybody who holds it.
    limit = max([int(name) for name in os.listdir("/proc/self/fd")] + [64]) + 1
    os.closerange(0, ended)
    os.closerange(ended + 1, limit)
    if not select.select([ended], [], [], seconds)[0]:
        for name, value in (("tracing_on", b"0"), ("set_event", b"\n")):
            try:
                handle = os.open(path + "/" + name, os.O_WRONLY | os.O_TRUNC)
                os.write(handle, value)
                os.close(handle)
            except OSError:
                pass
        if not select.select([ended], [], [], PATIENCE_SECONDS)[0] and os.getppid() == parent:
            os.kill(parent, signal.SIGKILL)
    remove(path)


def remove(path):
    """Remove an instance with its events, filters and triggers; return whether it is gone. It can't go while a file
    of it is open, so it is tried for some seconds.
    """
    for _attempt in range(REMOVE_SECONDS * 20):
        try:
            os.rmdir(path)
        except OSError as error:
            if error.errno in GONE:
                return True
            time.sleep(0.05)
        else:
            return True
    return False
