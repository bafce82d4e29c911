# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many hosts, one culprit: what the sick hosts share and the healthy ones do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..words.labels import hosts_phrase, some_names
from .choose import HEALTHY
from .document import is_investigation
from .sentences import quoted
from .shapes import CulpritShape, HostShape, InvestigatedHost, SharedShape

Key = Callable[[CulpritShape], str | None]
MOST_NAMES = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """A culprit that hosts have in common; ``of_sick`` and ``of_healthy`` are how many answered."""

    sentence: str
    subject: str
    sick: tuple[str, ...]
    of_sick: int
    healthy: tuple[str, ...]
    of_healthy: int

    def plain(self) -> SharedShape:
        """As ``investigation.json`` holds it."""
        return {
            "sentence": self.sentence,
            "subject": self.subject,
            "sick": list(self.sick),
            "of_sick": self.of_sick,
            "healthy": list(self.healthy),
            "of_healthy": self.of_healthy,
        }


def shared_culprits(hosts: Sequence[HostShape]) -> tuple[Shared, ...]:
    """Return what two hosts or more have in common, what most have first.

    Function and command together are tried first, then the function alone, the command alone, and last the object.
    """
    answered = [host for host in hosts if is_investigation(host)]
    sick = [host for host in answered if host["role"] != HEALTHY]
    healthy = [host for host in answered if host["role"] == HEALTHY]
    found: list[Shared] = []
    covered: set[str] = set()
    for key in (_function_and_command, _function, _command, _what):
        by_subject: dict[str, list[str]] = {}
        for host in sick:
            subject = _first(host, key)
            if subject is not None and host["name"] not in covered:
                by_subject.setdefault(subject, []).append(str(host["name"]))
        for subject, names in sorted(by_subject.items(), key=lambda entry: (-len(entry[1]), entry[0])):
            if len(names) > 1:
                also = tuple(str(host["name"]) for host in healthy if _any(host, key, subject))
                found.append(_shared(subject, names, len(sick), also, len(healthy)))
                covered.update(names)
    return tuple(sorted(found, key=lambda one: -len(one.sick)))


def _shared(subject: str, names: Sequence[str], of_sick: int, also: tuple[str, ...], of_healthy: int) -> Shared:
    beside = ""
    if of_healthy and not also:
        beside = f", and on none of the {hosts_phrase(of_healthy)} of the same kernel that are healthy"
    elif also:
        beside = (
            f"; but also on {len(also)} of the {hosts_phrase(of_healthy)} that are healthy, so it alone makes no host "
            "sick"
        )
    sentence = f"{subject}: on {len(names)} of {hosts_phrase(of_sick)}{beside}."
    return Shared(sentence, subject, tuple(names), of_sick, also, of_healthy)


def fleet_sentence(hosts: Sequence[HostShape]) -> str:
    """Return the fleet's answer in one sentence."""
    answered = [host for host in hosts if is_investigation(host)]
    if not answered:
        return f"None of {hosts_phrase(len(hosts))} could be investigated."
    if len(hosts) == 1:
        return str(answered[0]["sentence"])
    shared = shared_culprits(hosts)
    if shared:
        return shared[0].sentence
    growing = [host for host in answered if host["grows"]]
    if not growing:
        return f"Nothing grows on {hosts_phrase(len(answered))}."
    named = [host for host in growing if host["culprits"]]
    if not named:
        return f"Something grows on {len(growing)} of {hosts_phrase(len(answered))}, and on none it could be named."
    first = named[0]
    return (
        f"The hosts have no culprit in common; {first['name']}, for example: {first['culprits'][0]['sentence']}"
        if len(named) > 1
        else f"Only on {first['name']}: {first['culprits'][0]['sentence']}"
    )


def differences(hosts: Sequence[HostShape]) -> tuple[str, ...]:
    """Return what else all sick hosts have and no healthy one: modules from outside of the kernel's sources."""
    answered = [host for host in hosts if is_investigation(host)]
    sick = [set(host["machine"]["foreign_modules"]) for host in answered if host["role"] != HEALTHY]
    healthy = [set(host["machine"]["foreign_modules"]) for host in answered if host["role"] == HEALTHY]
    if len(sick) < 2 or not healthy:
        return ()
    only = set.intersection(*sick) - set[str]().union(*healthy)
    if not only:
        return ()
    names = some_names([quoted(name) for name in sorted(only)], MOST_NAMES)
    return (f"All {hosts_phrase(len(sick))} that are sick, and none of the healthy, have loaded {names}.",)


def _first(host: InvestigatedHost, key: Key) -> str | None:
    culprits = [one for one in host["culprits"] if one["confidence"] in ("high", "medium")]
    return key(culprits[0]) if culprits else None


def _any(host: InvestigatedHost, key: Key, subject: str) -> bool:
    return any(key(one) == subject for one in host["culprits"])


def _function(one: CulpritShape) -> str | None:
    return quoted(one["functions"][0]) if one["functions"] else None


def _command(one: CulpritShape) -> str | None:
    return quoted(one["process"]["command"]) if one["process"] else None


def _function_and_command(one: CulpritShape) -> str | None:
    function, command = _function(one), _command(one)
    return f"{function}, called by {command}" if function and command else None


def _what(one: CulpritShape) -> str | None:
    return str(one["what"]) if one["what"] else None
