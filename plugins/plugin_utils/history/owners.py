# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The owners of hosts over time, in a table of their own, so that they cost nothing where nobody asks for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import NamedTuple
from zlib import crc32

from ..model.owners import OwnerKind, OwnersHistory, OwnersPoint, OwnersSample
from .engine import Engine, chunks
from .guard import guarded
from .ids import known_host_ids
from .owner_log import (
    COUNTED,
    LARGEST_AMOUNT,
    LARGEST_ENTRY,
    LARGEST_LOG,
    LONGEST_LOG,
    OwnersState,
    entry,
    largest,
    points,
)
from .owner_names import LONGEST_NAME, OwnerNames
from .schema import clean_text, marks

PAGE = 4096
_CHECK_BYTES = 4
HOSTS_AT_ONCE = 500
MOST_MODULES = 2000


class StoredOwners:
    """See ``store.Owners`` for the calls."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @guarded
    def of(self, hosts: Collection[str], since: int = 0) -> Iterator[OwnersHistory]:
        """Yield the owners of each host that has some, from the last point before *since* on."""
        if self.engine.version < 2:
            return
        ids = known_host_ids(self.engine, sorted({clean_text(name) for name in hosts}))
        names, modules = OwnerNames.read(self.engine), _modules(self.engine)
        for some in chunks(sorted(ids.items(), key=lambda item: item[1])):
            logs = _logs(self.engine, [host_id for _name, host_id in some])
            for host, host_id in some:
                found = _history(names, modules, logs.get(host_id, []))
                earlier = [point for point in found if point.at <= since]
                kept = (*earlier[-1:], *(point for point in found if point.at > since))
                if kept:
                    yield OwnersHistory(host, kept)


class OwnersWriter:
    """Keeps owners, inside of transactions."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._names: OwnerNames | None = None

    def keep(self, samples: Iterable[OwnersSample], ids: Mapping[str, int], now: int) -> None:
        """Keep the owners of hosts (one sample each; their ids by clean name). What is not later than what is there
        already is left out: a second try of a run, or a clock that stepped back.
        """
        for chunk in chunks(samples, HOSTS_AT_ONCE):
            names = self._names = self._names or OwnerNames.read(self._engine)
            self._keep({ids[clean_text(sample.host)]: sample for sample in chunk}, names, now)

    def _keep(self, of_host: Mapping[int, OwnersSample], names: OwnerNames, now: int) -> None:
        engine = self._engine
        names.add(engine, chain.from_iterable(sample.amounts for sample in of_host.values()), now)
        _keep_modules(engine, of_host.values(), now)
        query = f"SELECT host_id, first_at, newest_at, state, data FROM owners WHERE host_id IN {marks(len(of_host))}"
        there = {
            host_id: _Log(host_id, first_at, newest_at, bytes(state), bytes(data))
            for host_id, first_at, newest_at, state, data in engine.rows(query, list(of_host))
        }
        logs: list[_Log] = []
        past: list[tuple[int, int, int, bytes]] = []
        for host_id, sample in of_host.items():
            known = there.get(host_id)
            if known is not None and sample.collected_at <= known.newest_at:
                continue
            seen = _seen(sample, names)
            longer = None if known is None else _longer(known, seen, names)
            if longer is None and known is not None and known.is_sound:
                past.append((host_id, known.first_at, known.newest_at, _checked(known.log, host_id)))
            logs.append(longer or _begun(host_id, seen, names))
        engine.put("owners_past", past)
        engine.put("owners", logs, replacing=("first_at", "newest_at", "state", "data"))


class _Log(NamedTuple):
    """The owners of a host as they are in the store."""

    host_id: int
    first_at: int
    newest_at: int
    state: bytes
    data: bytes

    @property
    def log(self) -> bytes:
        """The entries, without the check value."""
        return self.data[:-_CHECK_BYTES]

    @property
    def is_sound(self) -> bool:
        """Whether the bytes are those that were written."""
        return _is_sound(self.host_id, self.state, self.data)


def _seen(sample: OwnersSample, names: OwnerNames) -> OwnersState:
    """Return a sample by the numbers of names, bounded."""
    numbers = names.numbers
    amounts: dict[int, int] = {}
    for key, amount in sample.amounts.items():
        number = numbers[key]
        if key.kind not in COUNTED:
            amount = -(-amount // PAGE)
        amounts[number] = amounts[number] + amount if number in amounts else amount
    if amounts and not 0 <= min(amounts.values()) <= max(amounts.values()) <= LARGEST_AMOUNT:
        amounts = {number: min(max(amount, 0), LARGEST_AMOUNT) for number, amount in amounts.items()}
    return OwnersState(
        at=sample.collected_at,
        mask=sum(1 << kind for kind in sample.read),
        fingerprint=fingerprint(sample.modules),
        amounts=largest(amounts, names.kinds),
    )


def _longer(known: _Log, seen: OwnersState, names: OwnerNames) -> _Log | None:
    """Return the log of a host with one more sample; None where a new one has to begin."""
    if seen.at - known.first_at >= LONGEST_LOG or len(known.data) > LARGEST_LOG or not known.is_sound:
        return None
    state = OwnersState.unpacked(known.state)
    more = entry(state, seen, names.kinds)
    if len(more) > LARGEST_ENTRY:
        return None
    return _log(known.host_id, known.first_at, seen.at, state, known.log + more)


def _begun(host_id: int, seen: OwnersState, names: OwnerNames) -> _Log:
    """Return a log of a host that begins now."""
    state = OwnersState(at=seen.at)
    log = entry(state, seen, names.kinds)
    return _log(host_id, seen.at, seen.at, state, log)


def _log(host_id: int, first_at: int, newest_at: int, state: OwnersState, log: bytes) -> _Log:
    packed = state.packed()
    return _Log(host_id, first_at, newest_at, packed, _checked(log, host_id, packed))


def _history(
    names: OwnerNames, modules: Mapping[int, tuple[str, ...]], logs: Sequence[tuple[int, int, bytes]]
) -> list[OwnersPoint]:
    """Return what logs (first time, last time, bytes), the oldest first, say."""
    found: list[OwnersPoint] = []
    for first_at, _newest_at, log in logs:
        for point in points(log, first_at):
            amounts = {
                key: amount if key.kind.is_counted else amount * PAGE
                for number, amount in point.amounts.items()
                if (key := names.key(number)) is not None
            }
            read = frozenset(kind for kind in OwnerKind if point.mask >> kind & 1)
            found.append(OwnersPoint(point.at, amounts, read, modules.get(point.fingerprint)))
    if found and found[-1].at < logs[-1][1]:
        # What has not moved since is not written again.
        found.append(replace(found[-1], at=logs[-1][1]))
    return found


def _logs(engine: Engine, hosts: Sequence[int]) -> dict[int, list[tuple[int, int, bytes]]]:
    """Return the logs of hosts, the oldest first. One that is damaged is left out: nothing is better than wrong."""
    found: dict[int, list[tuple[int, int, bytes]]] = {}
    these = f"host_id IN {marks(len(hosts))}"
    for host_id, first_at, newest_at, data in engine.rows(
        f"SELECT host_id, first_at, newest_at, data FROM owners_past WHERE {these} ORDER BY host_id, first_at", hosts
    ):
        if _is_sound(host_id, b"", bytes(data)):
            found.setdefault(host_id, []).append((first_at, newest_at, bytes(data)[:-_CHECK_BYTES]))
    for host_id, first_at, newest_at, state, data in engine.rows(
        f"SELECT host_id, first_at, newest_at, state, data FROM owners WHERE {these}", hosts
    ):
        if _is_sound(host_id, bytes(state), bytes(data)):
            found.setdefault(host_id, []).append((first_at, newest_at, bytes(data)[:-_CHECK_BYTES]))
    return found


@lru_cache(maxsize=1024)
def fingerprint(modules: tuple[str, ...] | None) -> int:
    """Return a number of four bytes for a list of modules; 0 for None."""
    return 0 if modules is None else crc32("\n".join(sorted(modules)).encode("utf-8", "backslashreplace")) or 1


def _modules(engine: Engine) -> dict[int, tuple[str, ...]]:
    return {
        number: tuple(names.split("\n")) if names else ()
        for number, names in engine.rows("SELECT fingerprint, names FROM modules")
    }


def _keep_modules(engine: Engine, samples: Iterable[OwnersSample], now: int) -> None:
    """Keep each list of modules once."""
    lists = {fingerprint(one.modules): one.modules for one in samples if one.modules is not None}
    rows = [
        (number, now, "\n".join(clean_text(name)[:LONGEST_NAME] for name in sorted(modules)[:MOST_MODULES]))
        for number, modules in lists.items()
    ]
    engine.put("modules", rows, replacing=("seen_at",))


def forget_owners(engine: Engine, before: int) -> int:
    """Remove what was seen last before a time, inside of a transaction; return how many logs."""
    gone = engine.change("DELETE FROM owners WHERE newest_at < ?", (before,))
    gone += engine.change("DELETE FROM owners_past WHERE newest_at < ?", (before,))
    # A log that is still there may have begun thirty days before.
    for table in ("owner_name", "modules"):
        engine.change(f"DELETE FROM {table} WHERE seen_at < ?", (before - 2 * LONGEST_LOG,))
    return gone


def damaged_owners(engine: Engine, hosts: Sequence[int]) -> list[int]:
    """Return those of *hosts* (ids) of which a log is not as it was written."""
    found: set[int] = set()
    for chunk in chunks(hosts):
        these = f"host_id IN {marks(len(chunk))}"
        for host_id, data in engine.rows(f"SELECT host_id, data FROM owners_past WHERE {these}", chunk):
            if not _is_sound(host_id, b"", bytes(data)):
                found.add(host_id)
        for host_id, state, data in engine.rows(f"SELECT host_id, state, data FROM owners WHERE {these}", chunk):
            if not _is_sound(host_id, bytes(state), bytes(data)):
                found.add(host_id)
    return sorted(found)


def _checked(log: bytes, host_id: int, state: bytes = b"") -> bytes:
    return log + crc32(state, crc32(log, host_id & 0xFFFFFFFF)).to_bytes(_CHECK_BYTES, "little")


def _is_sound(host_id: int, state: bytes, data: bytes) -> bool:
    return len(data) >= _CHECK_BYTES and _checked(data[:-_CHECK_BYTES], host_id, state) == data
