# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which environment hosts will be judged: hosts of none, names that are none, environments without a host.

A host whose groups name no environment is judged as the policy's default, which is right for most fleets, and a silent
mistake for one whose groups are called ``env_prod`` and ``env_stage``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from ..policy.policy import Policy
from ..words.labels import hosts_phrase, some_names

SETTING = "kernel_mem_audit_environment"
MOST_NAMES = 3
MOST_GROUPS = 6

_KINDS = {
    "production": ("prod", "production", "prd", "live"),
    "staging": ("stage", "staging", "stg", "preprod", "uat", "qa"),
    "development": ("dev", "devel", "development", "test", "testing", "lab", "sandbox", "int", "integration"),
}
_WORDS = {word: kind for kind, words in _KINDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class HostGroups:
    """The inventory groups of each host that will be judged, and the environment that its variables name.

    *partial* says that the run is of a part of the inventory only.
    """

    groups: Mapping[str, Sequence[str]]
    named: Mapping[str, str] = field(default_factory=dict)
    partial: bool = False


def environment_notes(hosts: HostGroups, policy: Policy) -> list[str]:
    """Return sentences on what is odd about the environments of hosts; none where nothing is."""
    by_default: list[str] = []
    of_none: dict[str, list[str]] = {}
    used = set()
    for host, groups in hosts.groups.items():
        named = hosts.named.get(host)
        if named is not None and named not in policy.environments:
            of_none.setdefault(named, []).append(host)
            named = None
        environment, source = policy.environment_of(groups, named)
        used.add(environment)
        if source == "default":
            by_default.append(host)
    notes = [_of_none(name, found, policy) for name, found in sorted(of_none.items())]
    notes += _by_default(by_default, hosts, policy)
    if not hosts.partial:
        notes += _without_hosts(used, policy)
    return notes


def _of_none(name: str, hosts: list[str], policy: Policy) -> str:
    near = get_close_matches(name.lower(), list(policy.environments), 1, 0.4)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(policy.environments)}."
    return (
        f"{SETTING} is {name[:60]!r} on {hosts_phrase(len(hosts))} ({some_names(hosts, MOST_NAMES)}) and does not "
        f"count there, since the policy has no such environment; {hint}"
    )


def _by_default(by_default: list[str], hosts: HostGroups, policy: Policy) -> list[str]:
    if not by_default:
        return []
    alike = _groups_like_environments(by_default, hosts.groups)
    judged = (
        f"{len(by_default):,} of {hosts_phrase(len(hosts.groups))} are judged as {policy.default_environment} by "
        "default"
    )
    if alike:
        written: dict[str, list[str]] = {}
        for group, _number in alike[:MOST_GROUPS]:
            written.setdefault(_kind(group) or "", []).append(group)
        lines = ", ".join(f"{kind}: {{groups: [{', '.join(groups)}]}}" for kind, groups in written.items())
        shown = ", ".join(f"{group} ({number:,})" for group, number in alike[:MOST_GROUPS])
        return [
            f"{judged}, though groups look like environments: {shown}. If they are, write into the policy: "
            f"environments: {{{lines}}}"
        ]
    if policy.source != "default" and len(by_default) < len(hosts.groups):
        return [f"{judged}, since no group of theirs is an environment's: {some_names(by_default, MOST_NAMES)}."]
    return []


def _groups_like_environments(names: Sequence[str], groups: Mapping[str, Sequence[str]]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for name in names:
        for group in groups[name]:
            if _kind(group):
                found[group] = found.get(group, 0) + 1
    return sorted(found.items(), key=lambda one: (-one[1], one[0]))


def _kind(group: str) -> str | None:
    """Return the environment that a group's name speaks of: one of its words is like the environment's."""
    words = re.split(r"[^a-z]+", group.lower())
    return next((_WORDS[word] for word in words if word in _WORDS), None)


def _without_hosts(used: set[str], policy: Policy) -> list[str]:
    if policy.source == "default":
        return []
    empty = [
        name
        for name in policy.environments
        # What is built in is there whether a fleet has such hosts or not.
        if name not in used and not (name in _KINDS and policy.plain["environments"][name]["groups"] == [name])
    ]
    if not empty:
        return []
    one = len(empty) == 1
    return [
        f"The policy's environment{'' if one else 's'} {', '.join(empty)} {'has' if one else 'have'} no host in this "
        "inventory; check the names of the groups."
    ]
