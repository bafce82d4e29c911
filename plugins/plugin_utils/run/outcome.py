# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gathering of one host comes to: its facts and a short row, or a failure with a name."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from ..model.times import utc_text
from .no_data import cause_of, without_noise
from .spool import TASK, Record, record

MAXIMUM_MESSAGE_CHARACTERS = 500

INTERRUPTED = "The run was interrupted before this host had answered."
NOT_IN_TIME = "The host was connected to or asked, and did not answer within the timeout of the task."


class GatheringError(ValueError):
    """A host gave no facts. *outcome* is one of the spool's outcomes, *cause* one of the causes where it is known; the
    text is a complete sentence.
    """

    def __init__(self, outcome: str, sentence: str, cause: str | None = None) -> None:
        super().__init__(sentence)
        self.outcome, self.cause = outcome, cause


def failure(outcome: str, said: str, *, password_sent: bool = False, through_jump: bool = False) -> GatheringError:
    """Return what a host's, ssh's or Ansible's words come to: *outcome* with its cause, and the words on one line."""
    cause = cause_of(outcome, said, password_sent=password_sent, through_jump=through_jump)
    return GatheringError(outcome, ending(without_noise(said)), cause)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose answer a record is: the run, the host with its inventory groups, the environment that its variables name,
    and the way of asking it.
    """

    run_id: str
    host: str
    groups: Iterable[str]
    environment: str | None
    way: str = TASK

    def record(self, given: Mapping[str, object] | GatheringError) -> Record:
        """Return the spool's record of facts, or of why there are none, written now."""
        problem = given if isinstance(given, GatheringError) else None
        return record(
            run_id=self.run_id,
            host=self.host,
            written_at=utc_text(time.time()),
            outcome=problem.outcome if problem else "facts",
            cause=problem.cause if problem else None,
            message=str(problem) if problem else None,
            groups=self.groups,
            environment=self.environment,
            way=self.way,
            facts=given if isinstance(given, Mapping) else None,
        )


def with_origin(facts: Mapping[str, object], transport: str, why: str | None, run_id: str | None) -> dict[str, object]:
    """Return *facts* with the transport that brought them, why it was not the first choice, and the run that they
    belong to.
    """
    return {**facts, "transport": transport, "transport_reason": why, "run_id": run_id}


class Row(TypedDict):
    """The few numbers that go back into the play when the facts go to the spool (under 600 bytes of JSON)."""

    outcome: str
    transport: str
    auditable: bool
    kernel_total_bytes: int | None
    kernel_unreclaimable_bytes: int | None
    duration_ms: int


def row(facts: Mapping[str, Any]) -> Row:
    """Return the row of facts."""
    return {
        "outcome": "facts",
        "transport": facts["transport"],
        "auditable": facts["platform"]["auditable"],
        "kernel_total_bytes": facts["kernel_total_bytes"],
        "kernel_unreclaimable_bytes": facts["kernel_unreclaimable_bytes"],
        "duration_ms": facts["duration_ms"],
    }


def module_failure(message: str, standard_error: str, exit_code: object) -> GatheringError:
    """Return what it means that the ordinary module gave no reading. A shell says 126 or 127 where it can't start a
    Python.
    """
    said = " ".join(part for part in (message, standard_error) if part) or "The module returned no reading."
    missing = exit_code in (126, 127) or "interpreter" in message and "not found" in message
    return failure("no_python" if missing else "failed", said)


def ending(text: str) -> str:
    """Return the end of *text* (where the cause stands) on one line, without control characters, in at most 500
    characters.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if len(line) <= MAXIMUM_MESSAGE_CHARACTERS:
        return line
    return "... " + line[-(MAXIMUM_MESSAGE_CHARACTERS - 4) :]
