# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The file of a history on the controller's disk, before SQLite opens it: whose it is, where it lies, and its copy.

A file of another program is never written to, not even by a recovery, and no symbolic link is followed: whoever can
write the folder could lead the history elsewhere by one.
"""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from ..text.units import human_bytes
from .refusals import nothing_there, other_version
from .schema import APPLICATION_ID
from .store import SCHEMA_VERSION, HistoryError

NETWORK_FILE_SYSTEMS = frozenset(
    """
    nfs nfs4 cifs smb3 smbfs afs ceph glusterfs lustre gpfs beegfs gfs2 ocfs2 9p virtiofs vboxsf fuse.sshfs
    fuse.glusterfs fuse.ceph fuse.s3fs fuse.rclone
    """.split()
)
_COMPANIONS = ("", "-wal", "-shm", "-journal")
_MAGIC = b"SQLite format 3\0"
_HEAD_BYTES = 100


def is_fresh(path: Path, create: bool) -> bool:
    """Return whether the file has to be made; where *create* is true it is there afterwards. Raises HistoryError for
    one that is no history, without touching it.
    """
    refuse_links(path)
    problem = ""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        pass
    except OSError as exc:
        problem = f"The history {path} can't be read: {exc.strerror}."
    else:
        try:
            return _is_empty(path, handle, create)
        finally:
            os.close(handle)
    if problem:
        raise HistoryError(problem)
    return _make(path, create)


def refuse_links(path: Path) -> None:
    """Raise HistoryError where the file of a history, or one that SQLite keeps beside it, is a symbolic link."""
    for end in _COMPANIONS:
        beside = path.with_name(path.name + end)
        if os.path.islink(beside):
            raise HistoryError(
                f"The history is not opened, since {beside} is a symbolic link, which whoever can write its folder "
                "may have put there; name the file that it leads to."
            )


def on_network(path: Path) -> bool:
    """Return whether a file lies on a file system of the network, where two controllers can't share a log in memory."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
        folder = str(path.parent.resolve())
    except OSError:
        return False
    best, kind = "", ""
    for mount in mounts:
        words = mount.split(" ")
        if len(words) < 3:
            continue
        point = words[1].replace("\\040", " ")
        if (folder == point or folder.startswith(point.rstrip("/") + "/")) and len(point) >= len(best):
            best, kind = point, words[2]
    return kind in NETWORK_FILE_SYSTEMS


def ended_uncleanly(path: Path) -> bool:
    """Return whether the last program that wrote the file did not end well: its log is still there, and nobody has the
    file open.
    """
    try:
        if path.with_name(path.name + "-wal").stat().st_size == 0:
            return False
        shared = path.with_name(path.name + "-shm").stat().st_ino
        locks = Path("/proc/locks").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return not any(line.split()[5].endswith(f":{shared}") for line in locks.splitlines() if len(line.split()) > 5)


def make_sure_of_room(path: Path, size: int, what: str) -> None:
    """Raise HistoryError where the disk has not so much room; *what* needs it."""
    try:
        free = shutil.disk_usage(path.parent).free
    except OSError:
        return
    if free < size:
        raise HistoryError(
            f"The disk of the history {path} has {human_bytes(free)} left and {what} may need {human_bytes(size)}, so "
            "nothing of it was kept there; free some space, or keep the history elsewhere."
        )


def free_copy_name(path: Path, version: int) -> Path:
    """Return the name of a copy of a store of that schema that is not there yet."""
    number, end = 0, ""
    while (copy := path.with_name(f"{path.name}.schema-{version}{end}")).exists():
        number += 1
        end = f".{number}"
    return copy


def private_file(path: Path) -> None:
    """Make an empty file that its owner alone can read, in place of one that was left there."""
    path.unlink(missing_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))


def _make(path: Path, create: bool) -> bool:
    if not create:
        raise HistoryError(f"There is no history {path} yet; an audit makes it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        return True
    except OSError as exc:
        problem = (
            f"The history {path} can't be made: {exc.strerror}; give this user the right to write its folder, "
            "or keep the history elsewhere."
        )
    raise HistoryError(problem)


def _is_empty(path: Path, handle: int, create: bool) -> bool:
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        raise HistoryError(f"The history {path} is a folder; name a file in it.")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise HistoryError(f"The history {path} is no ordinary file, so it was left as it is; name another file.")
    head = os.read(handle, _HEAD_BYTES)
    if not head:
        if not create:
            raise nothing_there(str(path))
        return True
    if len(head) < _HEAD_BYTES or not head.startswith(_MAGIC):
        raise HistoryError(
            f"The file {path} is not a history of this collection, so it was left as it is; name another file."
        )
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise HistoryError(
            f"The file {path} is a database of another program, so it was left as it is; name another file."
        )
    version = int.from_bytes(head[60:64], "big")
    if version > SCHEMA_VERSION:
        raise other_version(str(path), version)
    return False
