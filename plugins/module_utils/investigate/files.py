# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read this host's files, each bounded in size, all under one deadline. What could not be read is remembered with its
reason.

This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno
import os
import time

MOST = 1 << 25
PAGE = os.sysconf("SC_PAGE_SIZE")


class Host:
    """Where the host's files are, and until when they may be read; and the few things that the system is asked for."""

    def __init__(self, proc_root="/proc", sys_root="/sys", seconds=60.0):
        self.roots = {"proc": proc_root, "sys": sys_root}
        self.clock = getattr(time, "monotonic", time.time)
        self.end = self.clock() + seconds
        # Name of a file: why it could not be read (ENOENT and the like are told by their names).
        self.errors = {}

    def path(self, key):
        """Return where the file *key* (``proc/...`` or ``sys/...``) is."""
        first, _slash, rest = key.partition("/")
        return self.roots[first] + "/" + rest

    def text(self, key, most=MOST):
        """Return a file as text, up to *most* bytes; empty where it can't be read."""
        return self.text_at(self.path(key), key, most)

    def text_at(self, path, key, most=MOST):
        """Return the file at a path as text; *key* is what an error is noted under."""
        pieces, size = [], 0
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            self._note(key, errno.errorcode.get(error.errno, "EIO"))
            return ""
        try:
            # In pieces, since the kernel refuses a buffer for a whole sysctl of many megabytes.
            while size <= most and self.clock() <= self.end:
                piece = os.read(handle, 65536)
                if not piece:
                    break
                pieces.append(piece)
                size += len(piece)
            else:
                self._note(key, "too_large" if size > most else "deadline")
        except OSError as error:
            self._note(key, errno.errorcode.get(error.errno, "EIO"))
        finally:
            os.close(handle)
        return b"".join(pieces)[:most].decode("utf-8", "replace")

    def _note(self, key, reason):
        """Note why a file could not be read; that a process has ended meanwhile is no error."""
        if not key[5:6].isdigit():
            self.errors[key] = reason

    def rows(self, key, head=1, most=MOST):
        """Return the words of each line after the first *head* lines; a line without any is left out."""
        return [words for words in [line.split() for line in self.text(key, most).splitlines()[head:]] if words]

    def names(self, key):
        """Return the names in a folder; none where it can't be read."""
        try:
            return os.listdir(self.path(key))
        except OSError:
            return []

    def target(self, key):
        """Return where a link leads; empty where it can't be read."""
        try:
            return os.readlink(self.path(key))
        except OSError:
            return ""

    def held_size(self, key):
        """Return the size that ``stat`` tells, -1 where it can't be asked."""
        try:
            return os.stat(self.path(key)).st_size
        except OSError:
            return -1

    def exists(self, key):
        """Whether there is such a file or folder."""
        return os.path.exists(self.path(key))

    def folders(self, key):
        """Return the names of the folders in a folder, sorted."""
        return [name for name in sorted(self.names(key)) if os.path.isdir(self.path(key) + "/" + name)]

    @staticmethod
    def cpus(configured=False):
        """Return how many CPUs are online, or there at all."""
        return os.sysconf("SC_NPROCESSORS_CONF" if configured else "SC_NPROCESSORS_ONLN")

    @staticmethod
    def system():
        """Return what uname says."""
        return os.uname()

    @staticmethod
    def user():
        """Return the number of the user that this runs as."""
        return os.geteuid()

    @staticmethod
    def own_number():
        """Return the number of this process."""
        return os.getpid()

    @staticmethod
    def may_write(path):
        """Whether this user may write to a path."""
        return os.access(path, os.W_OK)

    def is_late(self, since, seconds):
        """Whether more than *seconds* have passed since *since*, or the deadline has."""
        now = self.clock()
        return now > self.end or now > since + seconds


def number(word, base=10):
    """Return a word as a number of at most 18 digits, 0 where it is none."""
    try:
        return int(word, base) if len(word) <= 18 else 0
    except ValueError:
        return 0
