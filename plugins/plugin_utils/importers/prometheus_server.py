# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a Prometheus server in shards: some instances, some days at a time, so that no answer is large.

Days are whole in a shard, and shards come in the order of time, as a history wants them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ..model.times import DAY
from . import prometheus
from .names import Matcher, renamed
from .points import STEP_SECONDS, Point

INSTANCES = 40
DAYS = 14
"""A shard: at an hour a point and eleven series an instance 148,000 values, or some 5 MB of JSON."""

Ask = Callable[[str], str]
"""An address in, the body of the answer out. Raises ValueError with a sentence."""

MIXED = (
    "is in several series at the same time; give a selector that leaves one of them "
    '(kernel_mem_audit_import_selector), such as job="node"'
)


@dataclass(frozen=True, slots=True)
class Server:
    """A server, how it is asked, and which of its series: *selector* is PromQL, as it stands between braces."""

    url: str
    ask: Ask
    selector: str = ""


def instances(server: Server, days: int, now: int) -> list[str]:
    """Return the label `instance` of everything that has kernel memory. Servers before 2.24 tell all instances."""
    query = {"match[]": _braces(server.selector), "start": _first_day(days, now), "end": now}
    return prometheus.names_of(_asked(server, "label/instance/values", query))


def shards(server: Server, days: int, now: int, matcher: Matcher) -> Iterator[list[Point]]:
    """Yield the points of all instances that are hosts, under the inventory's names, shard by shard."""
    hosts = matcher.match(instances(server, days, now))
    for start in range(_first_day(days, now), now, DAYS * DAY):
        wanted = sorted(name for name in hosts if name in matcher.found.hosts)
        for place in range(0, len(wanted), INSTANCES):
            yield _shard(server, start, now, wanted[place : place + INSTANCES], matcher)


def _shard(server: Server, start: int, now: int, wanted: Sequence[str], matcher: Matcher) -> list[Point]:
    query = {
        "query": _braces(server.selector, wanted),
        "start": start,
        "end": min(now, start + DAYS * DAY - STEP_SECONDS),
        "step": STEP_SECONDS,
    }
    answer = prometheus.answer_of(_asked(server, "query_range", query))
    for name in answer.mixed:
        matcher.refuse(name, MIXED)
    return renamed(answer.points, matcher)


def _asked(server: Server, path: str, query: Mapping[str, object]) -> str:
    return server.ask(f"{server.url.rstrip('/')}/api/v1/{path}?{urlencode(query)}")


def _first_day(days: int, now: int) -> int:
    return (now - days * DAY) // DAY * DAY


def _braces(selector: str, wanted: Sequence[str] = ()) -> str:
    parts = [prometheus.EVERYTHING, selector.strip().strip("{},").strip()]
    if wanted:
        # The text is a string of Go, which takes what JSON does; in it, a regular expression.
        parts.append("instance=~" + json.dumps("|".join(map(re.escape, wanted)), ensure_ascii=False))
    return "{" + ",".join(part for part in parts if part) + "}"
