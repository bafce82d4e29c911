# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One gate run over a rollout: what it is told, which environment a host is in, and what it notes in the trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..model.owners import OwnersHistory
from ..model.sample import Series
from ..policy.gate_settings import plain_gate_settings
from ..policy.policy import Policy
from .folder import GateFolder
from .host_record import HostRecord, Look
from .json_files import Plain
from .judgement import HostJudgement, Judge, Seen

SHORTEST_REASON = 10


@dataclass(frozen=True)
class GateRun:
    """What one run of a play tells the gate. ``targets`` are all hosts of the play, ``batch`` those that are still
    in it now.
    """

    folder: GateFolder
    run_id: str
    now: str
    policy: Policy
    tool_version: str
    targets: Sequence[str] = ()
    batch: Sequence[str] = ()
    lost: Sequence[str] = ()
    """Targets that a task before the gate's has lost."""
    groups: Mapping[str, list[str]] = field(default_factory=dict)
    expected_kernel: str | None = None
    override: str | None = None
    actor: Mapping[str, str] = field(default_factory=dict)
    series: Mapping[str, Series] | None = None
    """What the history knows of hosts; None where no history is kept."""
    owners: Mapping[str, OwnersHistory] = field(default_factory=dict)
    """What it knows of who held their memory."""
    history_note: str | None = None
    """Why the history could not be asked, where it should have been."""
    remarks: list[str] = field(default_factory=list)
    """With what hosts could not be judged, such as the profiles of their environment; a decision says so."""

    def environment(self, record: HostRecord) -> str:
        """Return the environment of a host: the one its own look found, else by its groups."""
        if record.environment in self.policy.environments:
            return str(record.environment)
        return self.policy.environment_of(self.groups.get(record.host, ()))[0]

    def judge(self, looks: Mapping[str, Look]) -> dict[str, HostJudgement]:
        """Return the judgement of the audit on each host whose look has facts, all of them as one pool."""
        seen = [
            Seen(
                host,
                self.environment(HostRecord(host, environment=one.get("environment"))),
                tuple(self.groups.get(host, ())),
                one["taken_at"],
                one["facts"],
            )
            for host, one in looks.items()
            if one is not None and one["outcome"] == "facts"
        ]
        return Judge(self.policy, self.series, self.owners, self.remarks).judge(seen, self.now)

    def note(self, event: str, **said: object) -> None:
        """Add a line to the trail: what was done, when, by which run and by whom."""
        line: Plain = {"at": self.now, "run_id": self.run_id, "event": event, **said, "actor": dict(self.actor)}
        self.folder.add_to_trail(line)

    def settings(self, environment: str) -> Plain:
        """Return the plain gate settings of an environment."""
        return plain_gate_settings(self.policy.environments[environment].gate)

    def by_environment(self, records: Iterable[HostRecord]) -> dict[str, list[HostRecord]]:
        """Return records by environment, in the order of the policy."""
        found: dict[str, list[HostRecord]] = {}
        for record in records:
            found.setdefault(self.environment(record), []).append(record)
        return {name: found[name] for name in self.policy.environments if name in found}


def checked_override(run: GateRun, allowed: bool) -> str | None:
    """Return the reason of an override, or None where none is given. Raises ValueError where it can't stand."""
    if run.override is None or not run.override.strip():
        return None
    if not allowed:
        raise ValueError("The policy allows no override here (gate.allow_override is false), so the stop stands.")
    return checked_reason(run.override, "An override")


def checked_reason(given: str | None, what: str) -> str:
    """Return the reason that a person has given for *what*, in one line. Raises ValueError where it is none."""
    reason = " ".join((given or "").split())
    if len(reason) < SHORTEST_REASON or reason.lower() in ("true", "yes", "1", "force"):
        raise ValueError(
            f"{what} needs a reason that somebody can understand next year, of {SHORTEST_REASON} characters at "
            f"least; {reason!r} is none."
        )
    return reason
