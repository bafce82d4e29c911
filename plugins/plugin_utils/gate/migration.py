# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps from the form in which older versions kept the record of a host to that of today, one number at a time.

Form 1 (0.1.0) had a coarse ``status``, and whether a host was in service beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

HOST_FORMAT = 2
"""The form in which the record of a host is kept today."""

Document = Mapping[str, object]
_STATES = {
    "untouched": "planned",
    "unfit": "left_out",
    "fit": "fit",
    "refused": "judged",
    "bad": "failed",
    "overridden": "overridden",
    "accepted": "accepted",
}


def host_of_today(document: Document) -> Document:
    """Return the record of a host in the form of today. Raises ValueError where its number is none that is known."""
    number = document.get("format", 1)
    while isinstance(number, int) and number in _STEPS:
        document = _STEPS[number](document)
        number = document["format"]
    if number != HOST_FORMAT:
        raise ValueError("it is of another version of this collection")
    return document


def _from_1(document: Document) -> Document:
    """Split the status ``begun``, and make service a part of the state."""
    gone = ("status", "in_service", "allowed", "candidate")
    kept = {name: value for name, value in document.items() if name not in gone}
    status = str(document.get("status", "untouched"))
    attempt = kept.get("attempt")
    if isinstance(attempt, dict):
        kept["attempt"] = _attempt_from_1(attempt, document.get("reference"))
    return {
        **kept,
        "format": 2,
        "state": _state_from_1(status, document),
        "is_allowed": document.get("allowed") is True,
        "is_overridden": status == "overridden",
    }


def _state_from_1(status: str, document: Document) -> str:
    attempt = document.get("attempt")
    was_there = isinstance(attempt, dict) and attempt.get("was_there") is True
    if status == "begun":
        # Form 1 does not say how far its change had come.
        return "back" if document.get("after") or was_there else "changing"
    if status in ("accepted", "overridden"):
        if document.get("in_service") is True or was_there:
            return "in_service"
        if document.get("service") is not None:
            return "returning"
    return _STATES.get(status, status)


def _attempt_from_1(found: Document, reference: object) -> Document:
    """Return from where a host was changed: form 1 put the boot after the change there when it was judged again."""
    made = {name: value for name, value in found.items() if name != "judged_again"}
    if not found.get("judged_again") or found.get("was_there"):
        return made
    facts = reference.get("facts") if isinstance(reference, dict) else None
    host = facts.get("host") if isinstance(facts, dict) else None
    if not isinstance(host, dict):
        # Nobody knows any more from which boot it was changed.
        return {**made, "boot_id": None, "kernel": ""}
    kernel = f"{host.get('kernel_release') or 'unknown'} {host.get('architecture') or 'unknown'}"
    return {**made, "boot_id": host.get("boot_id"), "kernel": kernel}


_STEPS: Mapping[int, Callable[[Document], Document]] = {1: _from_1}
