# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a rollout is kept for one task of a run: in the history where one is named, else in the gate's folder; with the
leases on what it changes.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from ..history.location import VARIABLE, Location, history_location
from ..history.opening import open_store
from ..history.store import HistoryStore
from .folder import GateFolder
from .leases import AllLeases, FolderLeases, Holder, Leases, give_up, take
from .store import StoredRollout

TOLD = "KERNEL_MEM_AUDIT_GATE_TOLD"
"""The environment variable by which a program that runs a play names a file that gets a line for each decision."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a task is told of where its rollout is kept. ``copy`` is a folder that is gone with the run: check mode
    works there and changes nothing else.
    """

    gate_dir: str
    rollout: str
    history: str | None
    environment: Mapping[str, str]
    working_folder: str
    user: str
    copy: str | None = None

    @property
    def where(self) -> Location | None:
        """The history that somebody has named. The one that audits keep by default beside their reports is none: it is
        another for each working folder.
        """
        named = self.history or self.environment.get(VARIABLE)
        return history_location(self.history, self.environment, self.working_folder) if named else None


@dataclass
class Keeping:
    """An open rollout: its files, and the leases of this run. Close it."""

    folder: GateFolder
    holder: Holder
    leases: Leases
    is_check: bool = False
    _open: ExitStack = field(default_factory=ExitStack)

    def take(self, hosts: Sequence[str] = ()) -> None:
        """Take the leases of the rollout and of hosts, or lengthen them. Raises ValueError with who has them."""
        if not self.is_check:
            take(self.leases, self.folder.rollout, hosts, self.holder)

    def give_up(self, hosts: Sequence[str] = ()) -> None:
        """Give them back."""
        if not self.is_check:
            give_up(self.leases, self.folder.rollout, hosts, self.holder)

    def close(self) -> None:
        """Close the store, if there is one."""
        self._open.close()


def keeping_of(place: Place, holder: Holder, *, begins: bool, looks: bool = False) -> Keeping:
    """Open what *place* says. A phase that *begins* brings a rollout that was begun in the folder into the store, or,
    in check mode, makes the copy. One that only *looks* at a host opens no store.
    """
    folder = GateFolder(os.path.abspath(os.path.expanduser(place.gate_dir)), place.rollout)
    if looks:
        folder = folder if place.copy is None else GateFolder(place.copy, folder.rollout)
        return Keeping(folder, holder, FolderLeases(folder.base, _seconds), place.copy is not None)
    in_folder = FolderLeases(folder.base, _seconds)
    opened, is_check = ExitStack(), place.copy is not None
    try:
        where = place.where
        store = None if where is None else _store(where, opened, is_check)
        kept = folder
        if where is not None and store is not None:
            kept = _stored(folder, store, place.user, where.name)
            if begins and not is_check:
                kept.take_over(folder)
        if place.copy is not None:
            kept = _copy(kept, folder, GateFolder(place.copy, folder.rollout), begins)
        kept.told = place.environment.get(TOLD) or None
        leases = in_folder if store is None else AllLeases((store.rollouts, in_folder))
        return Keeping(kept, holder, leases, is_check, opened.pop_all())
    finally:
        opened.close()


def _seconds() -> int:
    return int(time.time())


def _store(where: Location, opened: ExitStack, is_check: bool) -> HistoryStore | None:
    if is_check and not where.is_shared and not where.path.exists():
        return None
    store = open_store(where, create=not is_check)
    opened.callback(store.close)
    return store


def _stored(folder: GateFolder, store: HistoryStore, user: str, name: str) -> StoredRollout:
    return StoredRollout(folder.base, folder.rollout, store.rollouts, user, name, has_runs=lambda: store.info.runs > 0)


def _copy(kept: GateFolder, folder: GateFolder, copied: GateFolder, begins: bool) -> GateFolder:
    if begins and not os.path.isdir(copied.path):
        if isinstance(kept, StoredRollout) and kept.read_rollout() is not None:
            kept.copy_to(copied)
        elif os.path.isdir(folder.path):
            shutil.copytree(folder.path, copied.path)
    return copied
