# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is asked, and what its words come to. The real collector answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import End, Said
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.question import OrdinaryWay, Question
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import GatheringError
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.fanout.questions import (
    answered,
    failed,
    question,
)


def understood(asked: Question, said: Said, **more: Any) -> Any:
    """What the words come to."""
    return asked.understood(said, "r1", **{"become": "", "password_sent": False, **more})


def test_facts_are_those_of_the_account() -> None:
    """Transport and run stand in them as in those of a task."""
    asked = question()
    facts = understood(asked, answered(asked))
    assert facts["host"]["memory_total_bytes"] == 24683656 * 1024
    assert (facts["transport"], facts["transport_reason"], facts["run_id"]) == ("lean", None, "r1")


def test_a_shell_is_asked_at_once_where_that_is_wanted() -> None:
    """The transport of the user."""
    asked = question("shell")
    facts = understood(asked, answered(asked))
    assert facts["transport"] == "shell" and facts["transport_reason"] is None


@pytest.mark.parametrize(
    ("said", "outcome", "cause"),
    [
        (failed(b"ssh: connect to host 10.0.0.1 port 22: Connection refused\n"), "unreachable", "refused"),
        (failed(b"", -9), "unreachable", None),
        (failed(b"no service today\n", 3), "no_answer", None),
        (failed(b"Your password has expired.\n", 1), "no_answer", "account_expired"),
        (Said(End.LATE, -9, b"", b""), "timed_out", None),
        (Said(End.FLOODED, -9, b"x" * 999, b""), "no_answer", "flood"),
        (Said(End.INTERRUPTED, -9, b"", b""), "failed", "interrupted"),
        (Said(End.WRONG_PASSWORD, -9, b"", b""), "failed", "become_password_wrong"),
        (Said(End.MISSING_PASSWORD, -9, b"", b""), "failed", "become_password_missing"),
        (Said(End.SILENT, -9, b"", b""), "unreachable", None),
        (Said(End.NOT_STARTED, -1, b"", b"No such file"), "failed", None),
    ],
)
def test_why_there_are_no_facts(said: Said, outcome: str, cause: str | None) -> None:
    """Outcome and cause are those of a task, and each has a sentence."""
    problem = understood(question(), said, become="sudo")
    assert isinstance(problem, GatheringError)
    assert (problem.outcome, problem.cause) == (outcome, cause)
    assert len(str(problem)) > 10


def test_a_host_that_demands_a_terminal_goes_the_ordinary_way() -> None:
    """There the program travels in the command."""
    found = understood(question(), failed(b"sudo: sorry, you must have a tty to run sudo\n", 1))
    assert found == OrdinaryWay("sudo on the host demands a terminal")


@pytest.mark.parametrize(
    "body", [b"[1]", b"{}", b'{"reading": {}}', b'{"reading": {"files": 7}}', b"\xff\x00", b"[" * 9999]
)
def test_what_a_host_makes_up_costs_itself_alone(body: bytes) -> None:
    """One process asks all: an exception here would be the end of the run."""
    asked = question()
    out = b"<<" + asked.nonce.encode() + b"\n" + body + b"\n" + asked.nonce.encode() + b">>\n"
    assert isinstance(understood(asked, Said(End.ENDED, 0, out, b"")), GatheringError)


def test_programs_and_marks_are_new_for_each() -> None:
    """An answer can't be prepared, nor taken for another host's."""
    one, two = question(), question()
    assert one.nonce != two.nonce and replace(one, nonce=two.nonce).program() == two.program()
