# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each host was asked, what came of it, and whether it is asked once more."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..run.no_data import cause_of, was_closed_too_early
from ..run.outcome import GatheringError
from .client import Call, End, Said
from .question import SSH_FAILED, OrdinaryWay, Question

Ask = Callable[[str, Question], "Call | OrdinaryWay"]
"""Makes the call that asks a host a question, or says why there is none."""

Found = dict[str, object] | GatheringError | OrdinaryWay
"""What a host comes to: facts, why there are none, or that it must be asked the ordinary way."""

MOST_TRIES_AT_A_FULL_DOOR = 3
MOST_TRIES_AT_A_JUMP_HOST = 1
"""Few are asked through one jump host at a time, so its door is seldom full: rather it leads nowhere."""

_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, until when there is time for it, and what the try before came to."""

    question: Question
    until: float
    before: Said | None = None


class Interviews:
    """Stands between the hosts and the loop. Each host's end is given to *deliver* once."""

    def __init__(self, run_id: str, ask: Ask, deliver: Callable[[str, Found], None]) -> None:
        self._run_id, self._ask, self._deliver = run_id, ask, deliver
        self._asked: dict[str, _Asked] = {}

    def begin(self, host: str, question: Question) -> Call | None:
        """Return the call that asks a host; None where it has come to its end already."""
        call = self._ask(host, question)
        if isinstance(call, OrdinaryWay):
            self._deliver(host, call)
            return None
        self._asked[host] = _Asked(question, time.monotonic() + call.seconds)
        return call

    def finished(self, call: Call, said: Said) -> Call | None:
        """Take what a call came to; return the next call for the same host, or None."""
        asked = self._asked.pop(call.host)
        again = _again(call, said, asked)
        if again is not None:
            self._asked[call.host] = replace(asked, before=said)
            return again
        if said.end is End.LATE and asked.before is not None:
            said = asked.before  # says more than that there was no time left for another try
        found = asked.question.understood(
            said,
            self._run_id,
            become=call.escalation.become.name if call.escalation else "",
            password_sent=call.environment is not None,
            through_jump=bool(call.jump),
        )
        if isinstance(found, Question):
            return self.begin(call.host, found)
        self._deliver(call.host, found)
        return None


def _again(call: Call, said: Said, asked: _Asked) -> Call | None:
    """Return the call for another try, as the user wants it, and where a daemon had too many at its door at once."""
    if said.end is not End.ENDED or said.exit_code != SSH_FAILED or asked.question.nonce.encode() in said.out:
        return None
    words = said.err.decode("utf-8", "replace")
    most = MOST_TRIES_AT_A_JUMP_HOST if call.jump else MOST_TRIES_AT_A_FULL_DOOR
    if was_closed_too_early(words) and call.tries < max(call.retries, most):
        # Not all of those that were turned away may come back in one moment.
        pause = random.uniform(1.0, 2.0) * 2.0**call.tries
    elif call.tries < call.retries and not _may_lock_the_account(call, words):
        pause = 2.0**call.tries - 1.0
    else:
        return None
    pause = min(pause, _LONGEST_PAUSE)
    left = asked.until - time.monotonic() - pause
    return replace(call, tries=call.tries + 1, pause=pause, seconds=left) if left > 0 else None


def _may_lock_the_account(call: Call, words: str) -> bool:
    return call.environment is not None and cause_of("unreachable", words, password_sent=True) == "login_password"
