# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rolling upgrades in the history: how far each has come, who may change what, and what was done.

Two runs can't do the same: whoever changes something says as what he has seen it (its revision), and a lease is taken
in one statement. Times are those of the database where it has a clock, so runners whose clocks differ agree on when a
lease has run out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..model.rollout import Lease, Rollout, RolloutEvent, RolloutHost, Step
from .engine import Engine
from .guard import guarded
from .schema import clean_text, marks
from .store import HistoryError

_ROLLOUT = "name, state, target, policy_digest, document, revision, began_at, changed_at"
_HOST = "host, state, document, revision, changed_at"


class StoredRollouts:
    """See ``store.Rollouts`` for the calls."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @guarded
    def begin(self, name: str, target: str, *, state: str, policy_digest: str, document: str, step: Step) -> Rollout:
        """Return the rollout of that name, begun now where there is none. Raises HistoryError where there is one with
        another *target*.
        """
        name, target = clean_text(name), clean_text(target)
        with self.engine.writing():
            now = self.engine.now()
            row = (name, clean_text(state), target, clean_text(policy_digest), clean_text(document), 1, now, now)
            if self.engine.put("rollout", [row]):
                self._note(self._key(name), now, None, step)
        found = self._get(name)
        if found is None or found.target != target:
            raise HistoryError(
                f"The rollout {name} in the history {self.engine.name} is of {found.target if found else 'nothing'}, "
                f"and not of {target}; give the new one a name of its own."
            )
        return found

    @guarded
    def get(self, name: str) -> Rollout | None:
        """Return a rollout."""
        return self._get(clean_text(name))

    @guarded
    def all(self) -> Sequence[Rollout]:
        """Return all rollouts, the latest first."""
        if self.engine.version < 2:
            return ()
        return [
            Rollout(*row) for row in self.engine.rows(f"SELECT {_ROLLOUT} FROM rollout ORDER BY began_at DESC, name")
        ]

    @guarded
    def change(self, was: Rollout, *, state: str, policy_digest: str, document: str, step: Step) -> Rollout | None:
        """Change a rollout if it is still as it *was*, with a line of its trail; None where somebody was faster."""
        with self.engine.writing():
            now = self.engine.now()
            changed = self.engine.change(
                "UPDATE rollout SET state = ?, policy_digest = ?, document = ?, revision = revision + 1, changed_at = "
                "? WHERE name = ? AND revision = ?",
                (clean_text(state), clean_text(policy_digest), clean_text(document), now, was.name, was.revision),
            )
            if not changed:
                return None
            self._note(self._key(was.name), now, None, step)
            return self._get(was.name)

    @guarded
    def hosts(self, rollout: str) -> Sequence[RolloutHost]:
        """Return the hosts of a rollout by name."""
        if self.engine.version < 2:
            return ()
        query = f"SELECT {_HOST} FROM rollout_host WHERE rollout_id = ? ORDER BY host"
        return [RolloutHost(*row) for row in self.engine.rows(query, (self._key(rollout),))]

    @guarded
    def add_hosts(self, rollout: str, hosts: Collection[str], *, state: str, document: str, step: Step) -> int:
        """Add those of *hosts* that a rollout does not have yet, each with a line of its trail; return how many."""
        with self.engine.writing():
            now, key = self.engine.now(), self._key(rollout)
            there = {row[0] for row in self.engine.rows("SELECT host FROM rollout_host WHERE rollout_id = ?", (key,))}
            new = sorted({clean_text(host) for host in hosts} - there)
            self.engine.put(
                "rollout_host", [(key, host, clean_text(state), clean_text(document), 1, now) for host in new]
            )
            for host in new:
                self._note(key, now, host, step)
        return len(new)

    @guarded
    def change_host(
        self, rollout: str, was: RolloutHost, *, state: str, document: str, step: Step
    ) -> RolloutHost | None:
        """Change a host of a rollout if it is still as it *was*, with a line of the trail; None where somebody else was
        faster.
        """
        with self.engine.writing():
            now, key = self.engine.now(), self._key(rollout)
            changed = self.engine.change(
                "UPDATE rollout_host SET state = ?, document = ?, revision = revision + 1, changed_at = ? "
                "WHERE rollout_id = ? AND host = ? AND revision = ?",
                (clean_text(state), clean_text(document), now, key, was.host, was.revision),
            )
            if not changed:
                return None
            self._note(key, now, was.host, step)
        return RolloutHost(was.host, clean_text(state), clean_text(document), was.revision + 1, now)

    @guarded
    def trail(self, rollout: str) -> Sequence[RolloutEvent]:
        """Return what happened in a rollout, the oldest first."""
        if self.engine.version < 2:
            return ()
        query = "SELECT at, host, who, what, detail FROM rollout_event WHERE rollout_id = ? ORDER BY event_id"
        return [
            RolloutEvent(at, host, Step(who, what, detail))
            for at, host, who, what, detail in self.engine.rows(query, (self._key(rollout),))
        ]

    @guarded
    def lease(self, resources: Collection[str], holder: str, seconds: int) -> Sequence[Lease]:
        """Take or lengthen leases, all or none. Return an empty sequence where *holder* has them all now, else those of
        others that are in the way.
        """
        wanted, holder = sorted({clean_text(resource) for resource in resources}), clean_text(holder)
        with self.engine.writing():
            now = self.engine.now()
            in_the_way = [one for one in self._leases(wanted, now) if one.holder != holder]
            if not in_the_way:
                for resource in wanted:
                    self.engine.change(_TAKE, (resource, holder, now, now + seconds, now))
            return in_the_way

    @guarded
    def release(self, resources: Collection[str], holder: str) -> None:
        """Give up leases; those of others stay."""
        with self.engine.writing():
            for resource in resources:
                self.engine.change(
                    "DELETE FROM lease WHERE resource = ? AND holder = ?", (clean_text(resource), clean_text(holder))
                )

    @guarded
    def leases(self) -> Sequence[Lease]:
        """Return all leases that have not run out."""
        if self.engine.version < 2:
            return ()
        query = "SELECT resource, holder, since, until FROM lease WHERE until > ? ORDER BY resource"
        return [Lease(*row) for row in self.engine.rows(query, (self.engine.now(),))]

    def _leases(self, resources: Sequence[str], now: int) -> list[Lease]:
        return [
            Lease(*row)
            for place in range(0, len(resources), 500)
            for row in self.engine.rows(
                "SELECT resource, holder, since, until FROM lease WHERE until > ? AND resource IN "
                f"{marks(len(resources[place : place + 500]))} ORDER BY resource",
                (now, *resources[place : place + 500]),
            )
        ]

    def _get(self, name: str) -> Rollout | None:
        if self.engine.version < 2:
            return None
        found = self.engine.rows(f"SELECT {_ROLLOUT} FROM rollout WHERE name = ?", (name,))
        return Rollout(*found[0]) if found else None

    def _key(self, name: str) -> int:
        found = self.engine.rows("SELECT rollout_id FROM rollout WHERE name = ?", (clean_text(name),))
        if not found:
            raise HistoryError(f"The history {self.engine.name} has no rollout {clean_text(name)}.")
        return int(found[0][0])

    def _note(self, key: int, now: int, host: str | None, step: Step) -> None:
        row = (key, now, host, clean_text(step.who), clean_text(step.what), clean_text(step.detail))
        self.engine.put("rollout_event", [row])


_TAKE = (
    "INSERT INTO lease (resource, holder, since, until) VALUES (?, ?, ?, ?) ON CONFLICT (resource) DO UPDATE SET "
    "since = CASE WHEN lease.holder = excluded.holder AND lease.until > excluded.since THEN lease.since "
    "ELSE excluded.since END, holder = excluded.holder, until = excluded.until "
    "WHERE lease.holder = excluded.holder OR lease.until <= ?"
)
