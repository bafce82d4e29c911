# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may change which hosts: leases, so that two runs can't reboot the same host at once.

They are in the history store, or in a file of the gate's folder. Whoever is killed on this machine holds nothing any
more; a run on another machine is believed until its lease has run out.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Protocol

from ..model.rollout import Lease
from ..model.times import utc_text
from ..words.labels import some_names
from .json_files import replace_file

SECONDS = 3600
"""How long a lease lasts: longer than a batch should need. Each step of a batch lengthens it."""
_NAMES = 3


class Leases(Protocol):
    """Where leases are kept. ``history/store.py`` has the same calls."""

    def lease(self, resources: Collection[str], holder: str, seconds: int) -> Sequence[Lease]:
        """Take or lengthen leases, all or none; return those of others that are in the way."""

    def release(self, resources: Collection[str], holder: str) -> None:
        """Give up leases; those of others stay."""

    def leases(self) -> Sequence[Lease]:
        """Return all leases that have not run out."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A run of ansible-playbook: the machine, its process there and when that began, and its run id."""

    node: str
    process: int
    began: str
    run_id: str

    @property
    def text(self) -> str:
        """The holder as leases have it."""
        return f"{self.node}:{self.process}:{self.began}:{self.run_id}"


def holder_of(node: str, process: int, run_id: str) -> Holder:
    """Return the holder for a process of this machine."""
    return Holder(node.replace(":", "_"), process, _began(process), run_id.replace(":", "_"))


def take(leases: Leases, rollout: str, hosts: Sequence[str], holder: Holder) -> None:
    """Take the leases of a rollout and of hosts, or lengthen them. Raises ValueError with who has them instead."""
    wanted = _resources(rollout, hosts)
    for _attempt in range(2):
        in_the_way = leases.lease(wanted, holder.text, SECONDS)
        if not in_the_way:
            return
        dead = {other for other in {lease.holder for lease in in_the_way} if _is_dead(other, holder.node)}
        free(leases, [lease for lease in in_the_way if lease.holder in dead])
        in_the_way = [lease for lease in in_the_way if lease.holder not in dead]
        if in_the_way:
            raise ValueError(_sentence(in_the_way, leases.leases()))
    raise ValueError("Another run takes these hosts at the same moment; run it again.")


def held_by_run_of(leases: Leases, rollout: str, node: str) -> list[Lease]:
    """Return all leases of the run that holds a rollout, to be freed by the word of a person. Raises ValueError where
    nobody holds it, or a process of this machine that is alive.
    """
    every = leases.leases()
    holder = next((one.holder for one in every if one.resource == f"rollout:{rollout}"), None)
    if holder is None:
        names = sorted(_rollouts(every))
        others = f"; those that are held: {some_names(names, _NAMES)}" if names else ", nor any other rollout"
        raise ValueError(f"No run holds the rollout {rollout}{others}.")
    where, process, _began_there = _process_of(holder)
    if where == node and not _is_dead(holder, node):
        raise ValueError(
            f"The run that holds the rollout {rollout} is at work on this machine as process {process}; let it end, or "
            "end it."
        )
    return [one for one in every if one.holder == holder]


def free(leases: Leases, held: Sequence[Lease]) -> None:
    """Free what was held."""
    for holder in sorted({one.holder for one in held}):
        leases.release([one.resource for one in held if one.holder == holder], holder)


def give_up(leases: Leases, rollout: str, hosts: Sequence[str], holder: Holder) -> None:
    """Give the leases back."""
    leases.release(_resources(rollout, hosts), holder.text)


def _resources(rollout: str, hosts: Sequence[str]) -> list[str]:
    return [f"rollout:{rollout}", *(f"host:{host}" for host in hosts)]


def _rollouts(leases: Sequence[Lease]) -> list[str]:
    """Return the names of the rollouts among what is held."""
    return [one.resource.partition(":")[2] for one in leases if one.resource.startswith("rollout:")]


def _sentence(in_the_way: Sequence[Lease], every: Sequence[Lease]) -> str:
    first = in_the_way[0]
    what = some_names([lease.resource.replace(":", " ", 1) for lease in in_the_way], _NAMES)
    node, process, _began_there = _process_of(first.holder)
    name = next(iter(_rollouts([one for one in every if one.holder == first.holder])), "NAME")
    return (
        f"Another run is changing them: {what} is held by process {process} on {node} since {utc_text(first.since)}, "
        f"until {utc_text(first.until)} at most. Let it end; where it is gone already, run this again after that time, "
        f"or free them now: ansible-playbook fleetaudit.kernel_memory.rollout_free -e kernel_mem_audit_rollout={name} "
        '-e \'{"kernel_mem_audit_free_reason": "how you know that it is gone"}\''
    )


def _process_of(holder: str) -> tuple[str, str, str]:
    """Return the machine of a holder, the number of its process there, and when that began."""
    node, process, began = (*holder.split(":"), "", "")[:3]
    return node, process, began


def _is_dead(holder: str, node: str) -> bool:
    where, process, began = _process_of(holder)
    return where == node and process.isdigit() and _began(int(process)) != began


def _began(process: int) -> str:
    """Return when a process of this machine began, as its kernel counts; empty where there is none."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as handle:
            return handle.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


@dataclass(frozen=True, slots=True)
class AllLeases:
    """Leases in several places at once: a run that keeps its state in the history and one that knows of none may be
    over the same hosts.
    """

    places: Sequence[Leases]

    def lease(self, resources: Collection[str], holder: str, seconds: int) -> Sequence[Lease]:
        """See ``Leases``."""
        for place in self.places:
            in_the_way = place.lease(resources, holder, seconds)
            if in_the_way:
                self.release(resources, holder)
                return in_the_way
        return ()

    def release(self, resources: Collection[str], holder: str) -> None:
        """See ``Leases``."""
        for place in self.places:
            place.release(resources, holder)

    def leases(self) -> Sequence[Lease]:
        """See ``Leases``."""
        return list(dict.fromkeys(one for place in self.places for one in place.leases()))


class FolderLeases:
    """Leases in the file ``leases.json`` of a folder, for runs that share that folder."""

    def __init__(self, folder: str, now: Callable[[], int]) -> None:
        self.folder = folder
        self.now = now

    def lease(self, resources: Collection[str], holder: str, seconds: int) -> Sequence[Lease]:
        """See ``Leases``."""
        with self._changing() as kept:
            now, wanted = self.now(), set(resources)
            live = [one for one in kept if one.until > now]
            in_the_way = [one for one in live if one.resource in wanted and one.holder != holder]
            if in_the_way:
                return in_the_way
            since = {one.resource: one.since for one in live if one.holder == holder}
            kept[:] = [one for one in live if one.resource not in wanted]
            kept += [Lease(one, holder, since.get(one, now), now + seconds) for one in sorted(wanted)]
            return ()

    def release(self, resources: Collection[str], holder: str) -> None:
        """See ``Leases``."""
        with self._changing() as kept:
            kept[:] = [one for one in kept if one.resource not in set(resources) or one.holder != holder]

    def leases(self) -> Sequence[Lease]:
        """See ``Leases``."""
        now = self.now()
        return [one for one in _read(os.path.join(self.folder, "leases.json")) if one.until > now]

    @contextmanager
    def _changing(self) -> Iterator[list[Lease]]:
        """Yield the leases, and write them back, while nobody else can."""
        path = os.path.join(self.folder, "leases.json")
        try:
            os.makedirs(self.folder, exist_ok=True)
            with open(os.path.join(self.folder, "leases.lock"), "a", encoding="utf-8") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                kept = _read(path)
                before = list(kept)
                yield kept
                if kept != before:
                    text = json.dumps([asdict(one) for one in kept], indent=1) + "\n"
                    replace_file(path, text.encode("ascii"))
        except OSError as exc:
            raise ValueError(f"The leases {path} can't be kept: {exc.strerror}; without them the gate stops.") from exc


def _read(path: str) -> list[Lease]:
    try:
        with open(path, encoding="utf-8") as handle:
            rows = json.load(handle)
        return [Lease(str(one["resource"]), str(one["holder"]), int(one["since"]), int(one["until"])) for one in rows]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as exc:
        raise ValueError(
            f"The leases {path} can't be read ({exc}); where no other run is at work, remove that file."
        ) from exc
