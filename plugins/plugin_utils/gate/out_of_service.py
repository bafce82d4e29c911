# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts that are out of service: how many may be, and who is and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..words.labels import hosts_phrase, some_names
from .decide import Verdict, allowed
from .host_record import HostRecord, Records
from .host_state import HostState
from .json_files import Plain
from .rollout_record import RolloutRecord
from .run import GateRun

_NAMES = 5
_SO_FAR = {
    HostState.DRAINING: "being drained",
    HostState.DRAINED: "drained, perhaps changed",
    HostState.CHANGING: "perhaps changed",
    HostState.CHANGED: "changed",
    HostState.BACK: "changed, not judged",
    HostState.JUDGED: "changed, its batch not let through",
    HostState.FAILED: "failed",
}


def waiting_for_service(rollout: RolloutRecord, records: Records) -> list[str]:
    """Return the hosts that were let through and must still be brought back into service."""
    return [name for name, record in records.items() if record.waits_for_service(rollout.serves)]


def tried_or_away(run: GateRun, rollout: RolloutRecord, records: Records) -> list[str]:
    """Return the hosts that are out of service and will not be brought back by a batch of this run that is to come."""
    return [
        name
        for name in waiting_for_service(rollout, records)
        if name not in run.targets or _was_tried(records[name], run) or records[name].run_id == run.run_id
    ]


def add_out_of_service(verdict: Verdict, run: GateRun, records: Records, names: Sequence[str]) -> None:
    """Hold where more hosts can't be brought back into service than may be bad in the whole rollout."""
    for environment, members in run.by_environment([records[name] for name in names]).items():
        settings = run.settings(environment)
        targets = sum(run.environment(record) == environment for record in records.values())
        limit = allowed(settings["maximum_bad_hosts_in_all"], settings["maximum_bad_percent_in_all"], targets)
        out = sorted(record.host for record in members)
        messages = [record.service.message for record in members if record.service is not None]
        why = next((f" ({message.rstrip('.')})" for message in messages if message), "")
        is_over = limit is not None and len(out) > limit
        verdict.add(
            "hold" if is_over else None,
            "out_of_service",
            f"{hosts_phrase(len(out))} in {environment} {'is' if len(out) == 1 else 'are'} done and not back in "
            f"service: {some_names(out, _NAMES)}{why}; run the same command again to bring "
            f"{'it' if len(out) == 1 else 'them'} back.",
        )


def add_still_out(verdict: Verdict, rollout: RolloutRecord, records: Iterable[HostRecord]) -> None:
    """Say which hosts were begun and stay out of service, and how far each has come, where nothing goes on with
    them.
    """
    if not rollout.drains:
        return
    out = [record for record in records if record.state.is_touched and not record.was_there]
    if out:
        kinds: dict[str, list[str]] = {}
        for record in out:
            kinds.setdefault(_SO_FAR[record.state], []).append(record.host)
        named = "; ".join(f"{some_names(sorted(names), _NAMES)} ({how})" for how, names in kinds.items())
        it = "it" if len(out) == 1 else "them"
        verdict.add(
            None,
            "still_out",
            f"{hosts_phrase(len(out))} {'stays' if len(out) == 1 else 'stay'} out of service: {named}; the same "
            f"command goes on with {it}, or bring {it} back by hand.",
        )


def not_in_service_yet(decision: Plain, serve: Sequence[str]) -> Plain:
    """Return a decision as it is on disk while hosts are being brought back into service: no pass yet."""
    if not serve or decision["decision"] != "pass":
        return dict(decision)
    sentence = f"{hosts_phrase(len(serve))} {'is' if len(serve) == 1 else 'are'} being brought back into service."
    reason = {"decision": "inconclusive", "code": "not_in_service_yet", "sentence": sentence}
    return {**decision, "decision": "inconclusive", "sentence": sentence, "reasons": [reason, *decision["reasons"]]}


def _was_tried(record: HostRecord, run: GateRun) -> bool:
    return record.service is not None and record.service.run_id == run.run_id
