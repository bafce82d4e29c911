# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a rollout in the history store: any runner that reaches the store goes on with the same rollout.

The folder keeps what people and pipelines read on the runner (``decision.json``), and the earlier looks. What is
changed is changed only where it is still as this run has seen it, so two runs can't overwrite each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from ..model.rollout import Rollout, RolloutEvent, RolloutHost, Step
from .folder import GateFolder
from .host_record import HostRecord, Records
from .json_files import Plain
from .rollout_record import RolloutRecord
from .stored_form import host_document, host_record, rollout_document, rollout_record

UNDER_WAY = "under way"
_UNKNOWN_TARGET = ""


class Kept(Protocol):
    """What this file needs of the store. ``history/store.py`` has the same calls."""

    def begin(self, name: str, target: str, *, state: str, policy_digest: str, document: str, step: Step) -> Rollout:
        """Begin a rollout."""

    def get(self, name: str) -> Rollout | None:
        """Return a rollout."""

    def all(self) -> Sequence[Rollout]:
        """Return all rollouts."""

    def change(self, was: Rollout, *, state: str, policy_digest: str, document: str, step: Step) -> Rollout | None:
        """Change a rollout if it is still as it was."""

    def hosts(self, rollout: str) -> Sequence[RolloutHost]:
        """Return the hosts of a rollout."""

    def host(self, rollout: str, host: str) -> RolloutHost | None:
        """Return one host of a rollout."""

    def add_hosts(self, rollout: str, hosts: Sequence[str], *, state: str, document: str, step: Step) -> int:
        """Add hosts to a rollout."""

    def change_host(
        self, rollout: str, was: RolloutHost, *, state: str, document: str, step: Step
    ) -> RolloutHost | None:
        """Change a host of a rollout if it is still as it was."""

    def note(self, rollout: str, step: Step) -> None:
        """Add a line to the trail."""

    def trail(self, rollout: str) -> Sequence[RolloutEvent]:
        """Return the trail."""


class StoredRollout(GateFolder):
    """The files of a rollout as ``GateFolder`` has them, with its state and its trail in a store. Every method raises
    ValueError (HistoryError is one) where the state can't be used.
    """

    def __init__(
        self, base: str, rollout: str, kept: Kept, who: str, history: str, has_runs: Callable[[], bool] = lambda: False
    ) -> None:
        super().__init__(base, rollout)
        self.kept = kept
        self.who = who
        self.history = history
        self._has_runs = has_runs
        self._rollout: Rollout | None = None
        self._hosts: dict[str, RolloutHost] = {}

    @property
    def knows_all(self) -> bool:
        """Whether a rollout that is not here has never been. An empty store may be a new one in place of a lost one."""
        return bool(self.kept.all()) or self._has_runs()

    def read_rollout(self) -> RolloutRecord | None:
        """Return the record of the rollout, or None before it has begun."""
        self._rollout = self.kept.get(self.rollout)
        if self._rollout is None:
            where = self.kept_elsewhere()
            if where is not None:
                raise ValueError(
                    f"The state of the rollout {self.rollout} was in the history {where}, and the history "
                    f"{self.history} does not have it; name the one that has, or begin a rollout of another name."
                )
            return None
        of = f"the rollout {self.rollout}"
        return rollout_record(_plain(self._rollout.document, of), f"What the history says of {of}")

    def write_rollout(self, record: RolloutRecord) -> None:
        """Replace the record of the rollout, if nobody else has done so since it was read."""
        self._put(record)
        self.note_elsewhere(self.history)

    def _put(self, record: RolloutRecord) -> None:
        document = _text(rollout_document(record))
        step = Step(self.who, "rollout")
        if self._rollout is None:
            target = record.expected_kernel or _UNKNOWN_TARGET
            self._rollout = self.kept.begin(
                self.rollout, target, state=UNDER_WAY, policy_digest="", document=document, step=step
            )
            if self._rollout.document != document:
                raise _taken(f"the rollout {self.rollout}")
            return
        changed = self.kept.change(
            self._rollout, state=UNDER_WAY, policy_digest=self._rollout.policy_digest, document=document, step=step
        )
        if changed is None:
            raise _taken(f"the rollout {self.rollout}")
        self._rollout = changed

    def read_host(self, host: str) -> HostRecord:
        """Return what is known of a host in this rollout; one that is only planned where nothing is."""
        if self._begun() is None:
            return super().read_host(host)
        return self._record(host, self.kept.host(self.rollout, host))

    def read_hosts(self, hosts: Iterable[str]) -> Records:
        """Return what is known of each host, by one question."""
        if self._begun() is None:
            return super().read_hosts(hosts)
        found = {one.host: one for one in self.kept.hosts(self.rollout)}
        return {host: self._record(host, found.get(host)) for host in hosts}

    def all_hosts(self) -> list[HostRecord]:
        """Return what is known of every host."""
        if self._begun() is None:
            return super().all_hosts()
        found = self.kept.hosts(self.rollout)
        return [self._record(one.host, one) for one in found]

    def write_host(self, record: HostRecord) -> None:
        """Replace what is known of a host, if nobody else has done so since it was read."""
        host, state, document = record.host, record.state.value, _text(host_document(record))
        if self._begun() is None:
            # A look where there is no rollout, as that of a check: this run alone will ask for it.
            super().write_host(record)
            return
        step = Step(self.who, state)
        was = self._hosts.get(host) or self.kept.host(self.rollout, host)
        if was is None:
            self.kept.add_hosts(self.rollout, [host], state=state, document=document, step=step)
            found = self.kept.host(self.rollout, host)
            changed = found if found is not None and found.document == document else None
        else:
            changed = self.kept.change_host(self.rollout, was, state=state, document=document, step=step)
        if changed is None:
            raise _taken(f"{host} in the rollout {self.rollout}")
        self._hosts[host] = changed

    def add_to_trail(self, entry: Plain) -> None:
        """Add one line to the audit trail, which is never rewritten."""
        if self._begun() is None:
            super().add_to_trail(entry)
        else:
            self.kept.note(self.rollout, Step(self.who, str(entry["event"]), _text(entry)))

    def read_trail(self) -> list[Plain]:
        """Return the lines of the audit trail, the oldest first."""
        if self._begun() is None:
            return super().read_trail()
        lines = [event.step.detail for event in self.kept.trail(self.rollout) if event.step.detail]
        return [_plain(line, f"the trail of {self.rollout}") for line in lines]

    def take_over(self, folder: GateFolder) -> bool:
        """Bring a rollout that was begun in a folder into the store; return whether there was one to bring.

        Where this was cut short the next run goes on with it: that it is done is noted last.
        """
        if folder.kept_elsewhere() is not None:
            return False
        begun, there = folder.read_rollout(), self.read_rollout()
        if begun is None or (there is not None and there.created_at != begun.created_at):
            return False
        if there is None:
            self._put(begun)
        for entry in folder.read_trail()[len(self.read_trail()) :]:
            self.add_to_trail(entry)
        brought = {one.host for one in self.kept.hosts(self.rollout)}
        for host in begun.targets:
            if host not in brought:
                self.write_host(folder.read_host(host))
        self.note_elsewhere(self.history)
        return True

    def copy_to(self, folder: GateFolder) -> None:
        """Copy the state into a folder, for a run that must change nothing."""
        record = self.read_rollout()
        if record is None:
            return
        folder.write_rollout(record)
        for entry in self.read_trail():
            folder.add_to_trail(entry)
        for host in self.all_hosts():
            folder.write_host(host)

    def _begun(self) -> Rollout | None:
        if self._rollout is None:
            self._rollout = self.kept.get(self.rollout)
        return self._rollout

    def _record(self, host: str, found: RolloutHost | None) -> HostRecord:
        if found is None:
            self._hosts.pop(host, None)
            return HostRecord(host)
        self._hosts[host] = found
        return host_record(_plain(found.document, host), host, f"What the history says of {host}")


def _text(document: Mapping[str, object]) -> str:
    return json.dumps(document, ensure_ascii=True, sort_keys=True)


def _plain(text: str, of: str) -> Plain:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"What the history says of {of} can't be read; begin a rollout of another name.")
    return found


def _taken(what: str) -> ValueError:
    return ValueError(f"Another run has changed {what} in the meantime, so this one stops; run it again.")
