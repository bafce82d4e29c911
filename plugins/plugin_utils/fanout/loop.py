# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many ssh clients at once, from one thread.

Calls are drawn one by one, so that only those that run are in memory. Whatever ends the loop, no client is left.
"""

from __future__ import annotations

import errno
import heapq
import itertools
import resource
import selectors
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import replace

from .client import Call, Client, End, Said

Finished = Callable[[Call, Said], "Call | None"]
"""What is done with what a call came to; it may return another call for the same host."""

MOST_THROUGH_ONE_JUMP = 8
"""sshd drops connections from the tenth at once on that has not logged in yet (MaxStartups 10:30:100)."""

_TICK_SECONDS = 0.25
_DESCRIPTORS_EACH, _OTHER_DESCRIPTORS = 4, 64
_STARTED_IN_A_ROW = 4
_PAUSE_WHEN_EXHAUSTED = 1.0
_EXHAUSTED = (errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


class Loop:
    """Runs calls, at most *at_once* at a time, and gives what each came to to *finished*.

    *may_go_on* is asked four times a second; when it says no, the running clients are ended as interrupted and nothing
    more is started.
    """

    def __init__(self, at_once: int, finished: Finished, may_go_on: Callable[[], bool]) -> None:
        self._at_once = _descriptors_allow(at_once)
        self._finished, self._may_go_on = finished, may_go_on
        self._clients: set[Client] = set()
        self._through: Counter[bytes] = Counter()
        self._behind: dict[bytes, deque[Call]] = {}
        self._later: list[tuple[float, int, Call]] = []
        self._numbers = itertools.count()
        self._calls: Iterator[Call] = iter(())

    def run(self, calls: Iterator[Call]) -> bool:
        """Make all calls; return whether it came to the end of them."""
        self._calls = calls
        with selectors.DefaultSelector() as selector:
            looked = time.monotonic()
            try:
                while True:
                    there_may_be_more = self._start(selector)
                    if not (there_may_be_more or self._clients or self._later):
                        return True
                    for key, _events in selector.select(0 if there_may_be_more else self._patience()):
                        client: Client = key.data
                        self._end(client, client.ready(key.fd))
                    now = time.monotonic()
                    if now - looked >= _TICK_SECONDS:
                        looked = now
                        if not self._may_go_on():
                            return False
                        for client in list(self._clients):
                            self._end(client, client.look(now))
            finally:
                self._end_all()

    def _start(self, selector: selectors.BaseSelector) -> bool:
        """Start as many as may run, but so few that those who speak meanwhile are heard; return whether there may
        be more to start at once.
        """
        for _number in range(_STARTED_IN_A_ROW):
            call = self._next() if len(self._clients) < self._at_once else None
            if call is None:
                return False
            self._begin(call, selector)
        return True

    def _next(self) -> Call | None:
        """Return a call that can be made now: one whose pause is over, one that waited for its jump host, a new one."""
        while self._later and self._later[0][0] <= time.monotonic():
            call = self._if_free(heapq.heappop(self._later)[2])
            if call is not None:
                return call
        for jump, waiting in self._behind.items():
            if waiting and self._through[jump] < MOST_THROUGH_ONE_JUMP:
                return waiting.popleft()
        while sum(map(len, self._behind.values())) < self._at_once:
            drawn = next(self._calls, None)
            call = drawn and self._if_free(drawn)
            if call is not None or drawn is None:
                return call
        return None

    def _begin(self, call: Call, selector: selectors.BaseSelector) -> None:
        try:
            client = Client(call, selector)
        except OSError as exc:
            if exc.errno in _EXHAUSTED and self._clients:
                self._postpone(replace(call, pause=_PAUSE_WHEN_EXHAUSTED))
            else:
                said = Said(End.NOT_STARTED, -1, b"", str(exc).encode("utf-8", "replace"))
                self._postpone(self._finished(call, said))
            return
        self._clients.add(client)
        self._through[call.jump] += 1

    def _end(self, client: Client, end: End | None) -> None:
        if end is None or client not in self._clients:
            return
        self._clients.discard(client)
        self._through[client.call.jump] -= 1
        self._postpone(self._finished(client.call, client.close(end)))

    def _end_all(self) -> None:
        """End what still runs. All are ended before anything is done with what they said, which may go wrong."""
        ended = [(client.call, client.close(End.INTERRUPTED)) for client in self._clients]
        self._clients.clear()
        for call, said in ended:
            self._finished(call, said)

    def _postpone(self, call: Call | None) -> None:
        if call is not None:
            heapq.heappush(self._later, (time.monotonic() + call.pause, next(self._numbers), call))

    def _if_free(self, call: Call) -> Call | None:
        """Return the call, or put it behind the others that wait for its jump host."""
        if not call.jump or self._through[call.jump] < MOST_THROUGH_ONE_JUMP:
            return call
        self._behind.setdefault(call.jump, deque()).append(call)
        return None

    def _patience(self) -> float:
        """Return how long nothing need be done if no client says anything."""
        until_due = self._later[0][0] - time.monotonic() if self._later else _TICK_SECONDS
        return max(0.0, min(_TICK_SECONDS, until_due))


def _descriptors_allow(at_once: int) -> int:
    """Return how many clients there are descriptors for; the soft limit is raised where that helps."""
    wanted = _DESCRIPTORS_EACH * at_once + _OTHER_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return at_once
    return max(1, (soft - _OTHER_DESCRIPTORS) // _DESCRIPTORS_EACH)
