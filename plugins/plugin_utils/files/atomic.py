# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are there whole or not at all, however a run ends, and readable as the umask allows.

Functions raise OSError: what the file is, and what to do, the caller knows.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterable

Content = bytes | str | Iterable[str]
"""What is written: a whole, or the pieces of a text one after the other."""

READABLE = 0o644
"""The mode of a new file before the umask: what any other tool of this user would make."""

LONGEST_KEPT = 60
"""So much of a file's name stands in its name while it is not finished."""


class Unfinished:
    """A file that has not its name yet. It is locked until it has, so that nobody takes it for one that was left."""

    def __init__(self, path: str, mode: int | None = None) -> None:
        folder, name = os.path.split(path)
        self._temporary = os.path.join(folder or ".", f".{name[:LONGEST_KEPT]}.{secrets.token_hex(4)}")
        # The kernel applies the umask; asking for it would set it, for all threads.
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        self._handle = os.open(self._temporary, flags, READABLE if mode is None else mode & READABLE)
        if mode is not None:
            os.fchmod(self._handle, mode)
        with contextlib.suppress(OSError):  # not every file system can
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def fill(self, content: Content) -> None:
        """Write the content, so that it is on the disk before the file has its name."""
        with os.fdopen(self._handle, "wb", buffering=1 << 18, closefd=False) as out:
            if isinstance(content, bytes):
                out.write(content)
            else:
                for piece in (content,) if isinstance(content, str) else content:
                    out.write(piece.encode("utf-8"))
            out.flush()
            os.fsync(out.fileno())

    def move_to(self, path: str) -> None:
        """Give the file its name, in place of what has it."""
        os.replace(self._temporary, path)
        self._temporary = ""

    def drop(self) -> None:
        """Remove the file if it has no name, and let go of it."""
        if self._temporary:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary)
        with contextlib.suppress(OSError):
            os.close(self._handle)


def unfinished(path: str, content: Content, mode: int | None = None) -> Unfinished:
    """Write *content* beside *path* and return it; the caller moves it there, or drops it. It has exactly the *mode*
    that is given, or that which the umask leaves.
    """
    made = Unfinished(path, mode)
    try:
        made.fill(content)
    except BaseException:
        made.drop()
        raise
    return made


def replace_file(path: str, content: Content, mode: int | None = None) -> None:
    """Put *content* at *path* in one step, with a *mode* as that of :func:`unfinished`."""
    made = unfinished(path, content, mode)
    try:
        made.move_to(path)
    finally:
        made.drop()
