# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saved copies of hosts below a folder, and which of them are of one host.

Copies are joined by what they tell of themselves (name, machine id, boot, RAM) or by the name of their folder, and
never against any of it. The copies of one host are its history.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DEEPEST = 6
"""So many folders below the one that is given copies are looked for."""

_SLACK = 600
_HOSTNAMES = ("hostname", "sos_commands/host/hostname", "etc/hostname", "proc/sys/kernel/hostname")
_UNAMES = ("uname", "sos_commands/kernel/uname_-a", "uname_-a")
_NOBODY = ("localhost", "(none)", "")
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.+-]")
_END_OF_A_STEM = re.compile(r"[-_.][-_.:TZ0-9]*$")
_LIKE_A_WORD = re.compile(r"[A-Za-z]{2}")
_NODE = re.compile(r"node\d+")
_TOTAL = re.compile(rb"^MemTotal:\s*(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a host: where it is, when it was made (seconds since 1970), and what it tells of whose it is."""

    folder: str
    is_flat: bool
    made_at: float
    hostname: str | None
    machine_id: str | None
    boot_id: str | None
    memory_kib: int | None
    uptime: float | None

    @property
    def proc_root(self) -> str:
        """Where its files of /proc are."""
        return self.folder if self.is_flat else f"{self.folder}/proc"

    @property
    def sys_root(self) -> str:
        """Where its files of /sys are."""
        return f"{self.folder}/sys"

    @property
    def name(self) -> str:
        """The name of its folder, as a host can have it."""
        return _NOT_A_NAME.sub("_", os.path.basename(self.folder))

    @property
    def booted_at(self) -> float | None:
        """When its host had booted."""
        return None if self.uptime is None else self.made_at - self.uptime


@dataclass(frozen=True, slots=True)
class SavedHost:
    """A host with its copies, the oldest first. Of two copies of one moment there is one."""

    name: str
    copies: tuple[Copy, ...]

    @property
    def newest(self) -> Copy:
        """The one that is judged."""
        return self.copies[-1]


def copies_below(folder: Path) -> list[Copy]:
    """Return the copies below a folder, or the folder itself where it is one, in the order of their paths."""
    return sorted(_found(str(folder), 0), key=lambda copy: copy.folder)


def _found(folder: str, depth: int) -> Iterator[Copy]:
    if os.path.isfile(f"{folder}/proc/meminfo"):
        yield _copy(folder, is_flat=False)
        return
    base = os.path.basename(folder)
    if os.path.isfile(f"{folder}/meminfo") and base != "proc" and not _NODE.fullmatch(base):
        yield _copy(folder, is_flat=True)
        return
    if depth >= DEEPEST:
        return
    try:
        entries = sorted(entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return
    for path in entries:
        yield from _found(path, depth + 1)


def _copy(folder: str, *, is_flat: bool) -> Copy:
    root = folder if is_flat else f"{folder}/proc"
    hostname = next(filter(None, (_word(f"{folder}/{name}", 0) for name in _HOSTNAMES)), None)
    hostname = hostname or next(filter(None, (_word(f"{folder}/{name}", 1) for name in _UNAMES)), None)
    total, uptime = _TOTAL.search(_data(f"{root}/meminfo")), _word(f"{root}/uptime", 0)
    return Copy(
        folder=folder,
        is_flat=is_flat,
        made_at=os.stat(f"{root}/meminfo").st_mtime,
        hostname=None if hostname in _NOBODY else hostname,
        machine_id=_word(f"{folder}/etc/machine-id", 0),
        boot_id=_word(f"{root}/sys/kernel/random/boot_id", 0),
        memory_kib=int(total.group(1)[:18]) if total else None,
        uptime=float(uptime) if uptime and re.fullmatch(r"\d{1,12}(\.\d{1,4})?", uptime) else None,
    )


def _data(path: str) -> bytes:
    """Return the beginning of a regular file; nothing where it can't be read."""
    try:
        if not os.path.isfile(path):
            return b""
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            return file.read(4096)
    except OSError:
        return b""


def _word(path: str, place: int) -> str | None:
    words = _data(path).split(b"\n", 1)[0].split()
    if len(words) <= place or len(words[place]) > 255:
        return None
    word = words[place].decode("utf-8", "replace")
    return word if word.isprintable() else None


def hosts_of(copies: Sequence[Copy], top: Path) -> list[SavedHost]:
    """Return the hosts that copies below *top* are of, by name. Raises ValueError where two would have one name."""
    groups = [[copy] for copy in copies]
    for key, agrees in _KEYS:
        groups = _joined(groups, key, agrees)
    hosts: dict[str, SavedHost] = {}
    for group in groups:
        by_moment = {round(copy.made_at): copy for copy in group}
        host = SavedHost(_name_of(group, str(top)), tuple(by_moment[moment] for moment in sorted(by_moment)))
        if host.name in hosts:
            others = ", ".join(copy.folder for copy in (*hosts[host.name].copies, *host.copies))
            raise ValueError(
                f"Folders below {top} would be one host, {host.name}, since their names are alike, and they are not of "
                f"one; rename some of {others}."
            )
        hosts[host.name] = host
    return [hosts[name] for name in sorted(hosts)]


def _joined(
    groups: list[list[Copy]], key: Callable[[Copy], Hashable | None], agrees: Callable[[Copy, Copy], bool]
) -> list[list[Copy]]:
    """Return the groups in which those are one that have a key in common and don't contradict each other."""
    kept: list[list[Copy]] = []
    known: dict[Hashable, list[list[Copy]]] = {}
    for group in groups:
        keys = {one for one in map(key, group) if one}
        rivals = [other for one in keys for other in known.get(one, ())]
        into = next((other for other in rivals if all(agrees(a, b) for a in other for b in group)), None)
        if into is None:
            kept.append(into := [])
        into += group
        for one in keys:
            if not any(other is into for other in known.setdefault(one, [])):
                known[one].append(into)
    return kept


def _agrees(one: Copy, two: Copy) -> bool:
    """Whether nothing that copies tell speaks against their being of one host."""
    return all(
        a is None or b is None or a == b for a, b in ((one.machine_id, two.machine_id), (one.hostname, two.hostname))
    )


def _agrees_in_memory(one: Copy, two: Copy) -> bool:
    a, b = one.memory_kib, two.memory_kib
    return _agrees(one, two) and (a is None or b is None or abs(a - b) * 100 <= max(a, b))


def _is_of_one_boot(one: Copy, two: Copy) -> bool:
    """Machines that were restored from one snapshot have one boot id, and are not one; nor was a host copied twice at
    once.
    """
    a, b = one.booted_at, two.booted_at
    apart = one.folder == two.folder or round(one.made_at) != round(two.made_at)
    return apart and _agrees_in_memory(one, two) and (a is None or b is None or abs(a - b) <= _SLACK)


def _agrees_in_boot(one: Copy, two: Copy) -> bool:
    """A name of a folder says little: web1/monday and web2/monday are two hosts."""
    a, b = one.boot_id, two.boot_id
    return _agrees_in_memory(one, two) and (a is None or b is None or a == b)


_KEYS: tuple[tuple[Callable[[Copy], Hashable | None], Callable[[Copy, Copy], bool]], ...] = (
    (lambda copy: copy.machine_id and copy.hostname and (copy.machine_id, copy.hostname), _agrees),
    (lambda copy: copy.boot_id, _is_of_one_boot),
    (lambda copy: copy.hostname, _agrees_in_memory),
    (lambda copy: copy.name if _LIKE_A_WORD.search(copy.name) else None, _agrees_in_boot),
)
"""What makes copies one host's, the surest first, and what must not speak against it."""


def _name_of(group: Sequence[Copy], top: str) -> str:
    """Return the name of a host: that of its folder, of several what they have in common, or its own."""
    names, parents = {copy.name for copy in group}, {os.path.dirname(copy.folder) for copy in group}
    newest = max(group, key=lambda copy: copy.made_at)
    if len(names) == 1 and _LIKE_A_WORD.search(newest.name):
        return newest.name
    if newest.hostname:
        return _NOT_A_NAME.sub("_", newest.hostname)
    stem = _END_OF_A_STEM.sub("", os.path.commonprefix(sorted(names))) if len(names) > 1 else ""
    if _LIKE_A_WORD.search(stem):
        return stem
    parent = parents.pop()
    return _NOT_A_NAME.sub("_", os.path.basename(parent)) if not parents and parent != top else newest.name
