# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host is asked, what its words come to, and when it is asked once more. The real collector answers."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.subsets import DEFAULT
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import Call, End, Said
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.interviews import Found, Interviews
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.question import OrdinaryWay, Question
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import GatheringError

SAVED = Path(__file__).resolve().parents[4] / "samples" / "6.18-host"
CLOSED = b"kex_exchange_identification: Connection closed by remote host\r\n"
DENIED = b"root@10.0.0.1: Permission denied (publickey,password).\r\n"


def question(transport: str = "auto", candidates: tuple[str, ...] = (sys.executable,)) -> Question:
    """A question about a saved host."""
    return Question.first(transport, candidates, f"{SAVED}/proc", f"{SAVED}/sys", 30, DEFAULT)


def answered(asked: Question) -> Said:
    """What a host's shell says to a question."""
    done = subprocess.run(["/bin/sh", "-c", asked.command()], input=asked.program(), capture_output=True, check=False)
    return Said(End.ENDED, done.returncode, done.stdout, done.stderr)


def understood(asked: Question, said: Said, **more: Any) -> Any:
    """What the words come to."""
    return asked.understood(said, "r1", **{"become": "", "password_sent": False, **more})


def failed(err: bytes, code: int = 255, out: bytes = b"") -> Said:
    """The words of a client that did not succeed."""
    return Said(End.ENDED, code, out, err)


class Listener:
    """Interviews with hosts that a test plays."""

    def __init__(self, **more: Any) -> None:
        self.asked: list[Question] = []
        self.came: dict[str, Found] = {}
        self.more = more
        self.interviews = Interviews("r1", self._ask, self.came.__setitem__)

    def _ask(self, host: str, asked: Question) -> Call | OrdinaryWay:
        self.asked.append(asked)
        return Call(host, (b"ssh",), b"", **{"seconds": 60.0, **self.more})


def test_facts_are_those_of_the_account() -> None:
    """Transport and run stand in them as in those of a task."""
    asked = question()
    facts = understood(asked, answered(asked))
    assert facts["host"]["memory_total_bytes"] == 24683656 * 1024
    assert (facts["transport"], facts["transport_reason"], facts["run_id"]) == ("lean", None, "r1")


def test_a_host_without_python_is_asked_by_its_shell() -> None:
    """In a second round trip, and the facts say why; with the transport lean there is none."""
    listener = Listener()
    asked = question("auto", ("/no/python",))
    call = listener.interviews.begin("h", asked)
    assert call is not None
    assert listener.interviews.finished(call, answered(asked)) is not None
    second = listener.asked[-1]
    assert second.by == "shell" and second.nonce != asked.nonce and listener.came == {}
    assert listener.interviews.finished(call, answered(second)) is None
    facts = listener.came["h"]
    assert isinstance(facts, dict)
    assert facts["transport"] == "shell" and "/no/python" in facts["transport_reason"]
    only = question("lean", ("/no/python",))
    assert understood(only, answered(only)).outcome == "no_python"


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


def test_a_full_door_is_tried_again_after_a_while() -> None:
    """sshd turns away whom it has no place for; who comes back later is let in. There is an end to it."""
    listener = Listener()
    call = listener.interviews.begin("h", question())
    pauses = []
    while call is not None:
        following = listener.interviews.finished(call, failed(CLOSED))
        if following is not None:
            pauses.append(following.pause)
            assert following.seconds < call.seconds
        call = following
    assert len(pauses) == 3 and pauses == sorted(pauses) and pauses[0] >= 1
    found = listener.came["h"]
    assert isinstance(found, GatheringError) and found.cause == "connection_closed"


def test_a_jump_host_that_leads_nowhere_is_tried_once_more() -> None:
    """Hundreds of hosts may stand behind one that is down."""
    listener = Listener(jump=b"jump")
    call = listener.interviews.begin("h", question())
    assert call is not None
    again = listener.interviews.finished(call, failed(CLOSED))
    assert again is not None and listener.interviews.finished(again, failed(CLOSED)) is None
    found = listener.came["h"]
    assert isinstance(found, GatheringError) and found.cause == "jump_host"


def test_a_try_that_comes_too_late_hides_no_cause() -> None:
    """What the first try said is what helps."""
    listener = Listener()
    call = listener.interviews.begin("h", question())
    assert call is not None
    again = listener.interviews.finished(call, failed(CLOSED))
    assert again is not None and listener.interviews.finished(again, Said(End.LATE, -9, b"", b"")) is None
    found = listener.came["h"]
    assert isinstance(found, GatheringError) and found.cause == "connection_closed"


def test_as_many_tries_as_the_user_wants() -> None:
    """ansible_ssh_retries holds for the fan-out, too, with Ansible's pauses."""
    listener = Listener(retries=2)
    call = listener.interviews.begin("h", question())
    refused = failed(b"ssh: connect to host 10.0.0.1 port 22: Connection refused\n")
    pauses = []
    while call is not None:
        call = listener.interviews.finished(call, refused)
        pauses += [call.pause] if call else []
    assert pauses == [0.0, 1.0] and "h" in listener.came


def test_a_refused_password_is_not_tried_again() -> None:
    """Three tries lock an account."""
    listener = Listener(retries=5, environment={})
    call = listener.interviews.begin("h", question())
    assert call is not None and listener.interviews.finished(call, failed(DENIED)) is None
    found = listener.came["h"]
    assert isinstance(found, GatheringError) and found.cause == "login_password"


def test_tries_end_with_the_time_of_the_host() -> None:
    """The timeout is of the host, not of a try."""
    listener = Listener(retries=5, seconds=0.5)
    call = listener.interviews.begin("h", question())
    assert call is not None and listener.interviews.finished(call, failed(CLOSED)) is None


def test_a_host_that_can_not_be_asked_comes_to_its_end_at_once() -> None:
    """Then there is no call for the loop."""
    came: dict[str, Found] = {}
    interviews = Interviews("r1", lambda _host, _asked: OrdinaryWay("a token"), came.__setitem__)
    assert interviews.begin("h", question()) is None and came == {"h": OrdinaryWay("a token")}


def test_programs_and_marks_are_new_for_each() -> None:
    """An answer can't be prepared, nor taken for another host's."""
    one, two = question(), question()
    assert one.nonce != two.nonce and replace(one, nonce=two.nonce).program() == two.program()
