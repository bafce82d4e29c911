# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the gathering of one host comes to: its facts and a short row, or a failure with a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAXIMUM_MESSAGE_CHARACTERS = 500


class GatheringError(ValueError):
    """A host gave no facts. *outcome* is one of the spool's outcomes; the text is a complete sentence."""

    def __init__(self, outcome: str, sentence: str) -> None:
        super().__init__(sentence)
        self.outcome = outcome


def with_origin(facts: Mapping[str, Any], transport: str, why: str | None, run_id: str | None) -> dict[str, Any]:
    """Return *facts* with the transport that brought them, why it was not the first choice, and the run that they
    belong to.
    """
    return {**facts, "transport": transport, "transport_reason": why, "run_id": run_id}


def row(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the few numbers that go back into the play when the facts themselves go to the spool (under 600 bytes
    of JSON).
    """
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
    sentence = (
        one_line(" ".join(part for part in (message, standard_error) if part)) or "The module returned no reading."
    )
    missing = exit_code in (126, 127) or "interpreter" in message and "not found" in message
    return GatheringError("no_python" if missing else "failed", sentence)


def one_line(text: str) -> str:
    """Return *text* on one line, without control characters, at most 500 characters, its end kept (where the cause
    stands).
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if len(line) <= MAXIMUM_MESSAGE_CHARACTERS:
        return line
    return "... " + line[-(MAXIMUM_MESSAGE_CHARACTERS - 4) :]
