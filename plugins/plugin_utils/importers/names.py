# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose data is it? What another tool calls a host, matched to the names of the inventory.

A wrong match mixes the pasts of two hosts, so what may be two hosts is refused and named, never guessed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..text.safe import one_line
from .points import Point

BY_RULE, BY_NAME, BY_ADDRESS, BY_SHORT_NAME = range(4)
"""How sure a match is; a surer one wins."""


@dataclass(frozen=True, slots=True)
class InventoryHost:
    """A host of the inventory: its name, and its ``ansible_host`` where it has one."""

    name: str
    address: str | None = None


@dataclass(slots=True)
class Matches:
    """The inventory's names by what the tool calls a host; who matched nobody; and who was refused, with the reason."""

    hosts: dict[str, str] = field(default_factory=dict)
    unmatched: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NameRules:
    """How names are matched.

    *names* are the user's own pairs. *pattern* is the user's rule: its first group is the inventory's name. *hosts* is
    the inventory; with None every host is taken, under its name without a port.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None
    hosts: Sequence[InventoryHost] | None = None


class Matcher:
    """Matches what a tool calls its hosts, also where they come in several parts."""

    def __init__(self, rules: NameRules) -> None:
        self.found = Matches()
        self._rules = rules
        self._by: list[dict[str, set[str]]] = [{}, {}, {}, {}]
        for host in rules.hosts or ():
            self._know(host)
        self._claims: dict[str, dict[str, int]] = {}

    def match(self, called: Iterable[str]) -> Mapping[str, str]:
        """Return the inventory's names of those of *called* that are a host without doubt."""
        wanted = sorted(set(called))
        for name in wanted:
            if not self._is_known(name):
                self._claim(name)
        for host in sorted({self.found.hosts[name] for name in wanted if name in self.found.hosts}):
            self._settle(host)
        return {name: self.found.hosts[name] for name in wanted if name in self.found.hosts}

    def refuse(self, name: str, why: str) -> None:
        """Take no data of a name any more."""
        self.found.hosts.pop(name, None)
        self.found.refused[name] = why

    def _is_known(self, name: str) -> bool:
        return name in self.found.hosts or name in self.found.unmatched or name in self.found.refused

    def _claim(self, name: str) -> None:
        how, candidates = self._candidates(name)
        if not candidates:
            self.found.unmatched.add(name)
        elif len(candidates) > 1:
            self.found.refused[name] = "may be " + " or ".join(map(one_line, sorted(candidates)[:3]))
        else:
            (host,) = candidates
            self.found.hosts[name] = host
            self._claims.setdefault(host, {})[name] = how

    def _settle(self, host: str) -> None:
        """Keep the surest of several names of one host; what the user's own rule says may be several."""
        claims = self._claims[host]
        if len(claims) == 1:
            return
        surest = min(claims.values())
        kept = [name for name, how in claims.items() if how == surest]
        if len(kept) > 1 and surest != BY_RULE:
            kept = []
        for name in claims:
            if name not in kept and name in self.found.hosts:
                others = ", ".join(one_line(other) for other in sorted(claims) if other != name)
                self.refuse(name, f"would be {one_line(host)}, and so would {others}")

    def _candidates(self, name: str) -> tuple[int, set[str]]:
        rules, bare = self._rules, without_port(name)
        given = rules.names.get(name) or rules.names.get(bare)
        if given is None and rules.pattern is not None:
            match = rules.pattern.search(name)
            given = match.group(1) if match and match.group(1) else None
        if given is not None:
            if rules.hosts is None:
                return BY_RULE, {given}
            return BY_RULE, self._by[BY_NAME].get(given.lower(), set())
        if rules.hosts is None:
            return BY_NAME, {bare}
        key = _key(bare)
        for how in (BY_NAME, BY_ADDRESS):
            if key in self._by[how]:
                return how, self._by[how][key]
        return BY_SHORT_NAME, self._by_short_name(key)

    def _by_short_name(self, key: str) -> set[str]:
        """The hosts of that short name: one of the two names has no domain, or they are two hosts."""
        if _is_address(key):
            return set()
        short, _dot, domain = key.partition(".")
        if not domain:
            return self._by[BY_SHORT_NAME].get(short, set())
        return self._by[BY_NAME].get(short, set()) | self._by[BY_ADDRESS].get(short, set())

    def _know(self, host: InventoryHost) -> None:
        self._by[BY_NAME].setdefault(host.name.lower(), set()).add(host.name)
        for place, text in ((BY_ADDRESS, host.address), (BY_SHORT_NAME, host.name), (BY_SHORT_NAME, host.address)):
            key = _key(text) if text else ""
            if place == BY_SHORT_NAME:
                key = "" if _is_address(key) else key.partition(".")[0]
            if key:
                self._by[place].setdefault(key, set()).add(host.name)


def renamed(points: Sequence[Point], matcher: Matcher) -> list[Point]:
    """Return points under the inventory's names; those of nobody are left out."""
    hosts = matcher.match({point.host for point in points})
    return [replace(point, host=hosts[point.host]) for point in points if point.host in hosts]


def without_port(name: str) -> str:
    """Return a name without its port; the colons of an IPv6 address are none."""
    if name.startswith("["):
        return name[1:].partition("]")[0]
    host, colon, port = name.rpartition(":")
    return host if colon and port.isdigit() and ":" not in host else name


def _key(text: str) -> str:
    """A name or an address in the one form in which it is compared."""
    text = text.strip().lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def _is_address(key: str) -> bool:
    try:
        ipaddress.ip_address(key)
    except ValueError:
        return False
    return True
