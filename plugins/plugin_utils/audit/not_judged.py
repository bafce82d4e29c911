# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a host has no verdict: each reason with its sentence and one next step."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..model.plain import Plain

MAXIMUM_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class NoData(Plain):
    """Why a host has no verdict."""

    reason: str
    message: str
    next_step: str


# reason: (sentence, next step). {host} is the inventory name, quoted for a shell; {message} is what the host or Ansible
# said.
_SENTENCES: dict[str, tuple[str, str]] = {
    "unreachable": (
        "Ansible could not connect to the host",
        "Check that the host is up and that the connection works: ansible {host} -m ansible.builtin.ping",
    ),
    "timed_out": (
        "The host did not answer in time",
        "See whether the host is overloaded (uptime, and dmesg for hung tasks); then audit it again with a larger "
        "kernel_mem_audit_timeout and --limit {host}",
    ),
    "failed": (
        "Gathering failed on the host",
        "Read the message, put right what it names, and audit the host again with --limit {host} -vvv",
    ),
    "no_python": (
        "No usable Python was found on the host",
        "Leave kernel_mem_audit_transport at auto, which needs no Python, or point ansible_python_interpreter at "
        "one; then audit it again with --limit {host}",
    ),
    "not_linux": (
        "The host does not run Linux",
        "Take the host out of the audited hosts: only Linux kernels can be audited",
    ),
    "no_answer": (
        "The host ran the collector but gave back no complete answer",
        "Audit the host again with --limit {host} -vvv and look for text that the login shell or sudo adds",
    ),
    "not_run": (
        "The gathering never reached the host, so nothing is known about it",
        "Audit the host again with --limit {host} -vvv and look for an undefined variable or an unknown connection",
    ),
    "not_auditable": ("The host can't see a kernel of its own", "Audit the machine that the container runs on instead"),
    "shared_kernel": (
        "The host shares its kernel with another name",
        "See the other name for the verdict; if they are two machines (a cloned snapshot), reboot one of them",
    ),
    "unreadable": (
        "The answer of the host is not what the collector writes",
        "Audit the host again with --limit {host}; if it stays so, find out what on the host changes the answer",
    ),
}

REASONS = tuple(_SENTENCES)

# Whose message is a sentence of our own, which needs no introduction.
_SAID_BY_THE_COLLECTOR = ("timed_out", "no_python", "not_linux", "no_answer")


def no_data(reason: str, host: str, message: str | None = None) -> NoData:
    """Return why *host* has no verdict: the reason, a sentence with the *message* of the host, and a next step.

    Raises ValueError for a reason that is not known.
    """
    if reason not in _SENTENCES:
        raise ValueError(f"The reason {reason!r} is not known; it must be one of {', '.join(REASONS)}.")
    sentence, next_step = _SENTENCES[reason]
    detail = (message or "").strip()
    if len(detail) > MAXIMUM_MESSAGE:
        detail = "..." + detail[-(MAXIMUM_MESSAGE - 3) :]
    return NoData(reason, _message(reason, sentence, detail), next_step.replace("{host}", shlex.quote(host)))


def _message(reason: str, sentence: str, detail: str) -> str:
    if not detail:
        return f"{sentence}."
    return detail if reason in _SAID_BY_THE_COLLECTOR else f"{sentence}: {detail}"


def outcome_of(record: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the outcome and the message of a spool record; one that is no outcome is ``unreadable`` with a
    sentence.
    """
    outcome, message = record.get("outcome"), record.get("message")
    if outcome == "facts":
        return "facts", None
    if isinstance(outcome, str) and outcome in (
        "unreachable",
        "failed",
        "timed_out",
        "no_python",
        "not_linux",
        "no_answer",
    ):
        return outcome, message if isinstance(message, str) else None
    return "unreadable", "its record has an outcome that is not known."
