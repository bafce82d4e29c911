# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes of each host, and when it is asked once more."""

from __future__ import annotations

from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.client import Call, End, Said
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.interviews import Found, Interviews
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.fanout.question import OrdinaryWay, Question
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.run.outcome import GatheringError
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.fanout.questions import (
    answered,
    failed,
    question,
)

CLOSED = b"kex_exchange_identification: Connection closed by remote host\r\n"
DENIED = b"root@10.0.0.1: Permission denied (publickey,password).\r\n"


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
    found = only.understood(answered(only), "r1")
    assert isinstance(found, GatheringError) and found.outcome == "no_python"


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
