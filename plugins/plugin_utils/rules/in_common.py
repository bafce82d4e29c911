# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts with the same finding have in common that other hosts have not: a kernel, a role, an environment,
hardware, a boot parameter.

It is named only where at least five hosts have both, where their rate is at least twice that of the rest, and where
chance is no good explanation: among many kernels and groups, one is always above the others by luck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import log

from ..model.plain import Json
from ..model.quick import quickly_made
from ..model.subject import Subject
from ..text.safe import one_line
from .fleet_words import share_sentence
from .similar_hosts import bucket, memory_bucket, memory_words, role_groups

FEWEST_HOSTS = 5
TIMES_THE_REST = 2
NAMED = 7.0
"""The weight from which something is named: chance alone would do that less than once in exp(7), about 1,100, tries."""
CERTAIN = 12.0
"""The weight from which it raises a severity: less than once in exp(12), about 160,000, tries."""

WHATS = ("kernel", "role", "environment", "hardware", "boot_parameter")
Trait = tuple[str, str]

_MOST_PARAMETERS = 64
# Different on each host, or on none.
_OWN_PARAMETERS = (
    "boot_image",
    "initrd",
    "root",
    "resume",
    "ip",
    "hostname",
    "rd.",
    "uuid",
    "ro",
    "rw",
    "quiet",
    "splash",
    "rhgb",
)


@dataclass(frozen=True)
class Shared:
    """Something that hosts have in common, and how many hosts with and without it have the finding."""

    what: str
    name: str
    hosts_with: int
    hosts_there: int
    rest_with: int
    rest: int

    @property
    def weight(self) -> float:
        """How far this is from chance; 0 where it is not worth a word."""
        return weight(self.hosts_with, self.hosts_there, self.rest_with, self.rest)

    def sentence(self, did: str = "have it") -> str:
        """Return the sentence that says so."""
        return share_sentence(self.what, self.name, self.hosts_with, self.hosts_there, self.rest_with, self.rest, did)

    def record(self, did: str = "have it") -> dict[str, Json]:
        """Return it as the audit has it."""
        return {
            "what": self.what,
            "name": one_line(self.name),
            "hosts_with": self.hosts_with,
            "hosts_there": self.hosts_there,
            "rate_percent": round(100 * self.hosts_with / self.hosts_there, 2),
            "rest_rate_percent": round(100 * self.rest_with / self.rest, 2),
            "sentence": self.sentence(did),
        }


def weight(hosts_with: int, hosts_there: int, rest_with: int, rest: int) -> float:
    """Return the weight of a difference of two rates; 0 below five hosts, below twice the rate of the rest, and without
    a rest.

    It is Chernoff's bound on the chance (as a natural logarithm) that so many of *hosts_there* have something that the
    rest has at its rate; one more host of the rest is thought to have it, since none in few says little.
    """
    if hosts_with < FEWEST_HOSTS or rest <= 0 or hosts_with * rest < TIMES_THE_REST * rest_with * hosts_there:
        return 0.0
    rate, usual = hosts_with / hosts_there, (rest_with + 1) / (rest + 2)
    if rate <= usual:
        return 0.0
    unlike = (1 - rate) * log((1 - rate) / (1 - usual)) if rate < 1 else 0.0
    return hosts_there * (rate * log(rate / usual) + unlike)


class Traits:
    """What each of some hosts has. Only hosts that were judged are in it: the others can't have a finding."""

    def __init__(self, traits: Mapping[str, Collection[Trait]]) -> None:
        self.of = traits
        self.there = Counter(trait for own in traits.values() for trait in own)

    def candidates(
        self, members: Collection[str], least: float = NAMED, whats: Collection[str] = WHATS
    ) -> list[Shared]:
        """Return what *members* have in common and the rest has not, the weightiest first."""
        known = [name for name in members if name in self.of]
        found = []
        for (what, name), number in Counter(trait for host in known for trait in self.of[host]).items():
            if number >= FEWEST_HOSTS and what in whats:
                there = self.there[what, name]
                shared = Shared(what, name, number, there, len(known) - number, len(self.of) - there)
                if shared.weight >= least:
                    found.append(shared)
        return sorted(found, key=lambda shared: (-shared.weight, WHATS.index(shared.what), shared.name))

    def best(self, members: Collection[str]) -> Shared | None:
        """Return what tells *members* apart best, or None."""
        return next(iter(self.candidates(members)), None)


@quickly_made
@dataclass(frozen=True, slots=True)
class Member:
    """What can tell one host from another: where it stands in the inventory, what it is, what it runs."""

    name: str
    groups: tuple[str, ...]
    environment: str | None
    kernel_release: str | None
    architecture: str | None
    machine: str | None
    memory_total_bytes: float | None
    cpus_possible: float | None
    command_line: object = None

    def traits(self, roles: Collection[str]) -> list[Trait]:
        """Return what it is and has; of its groups those that can be a role."""
        architecture = self.architecture or "unknown"
        found: list[Trait] = [("role", group) for group in dict.fromkeys(self.groups) if group in roles]
        if self.kernel_release:
            found.append(("kernel", f"{self.kernel_release} {architecture}"))
        if self.environment:
            found.append(("environment", self.environment))
        if self.memory_total_bytes:
            cpus = f"up to {bucket(self.cpus_possible):,} CPUs" if self.cpus_possible else "unknown CPUs"
            memory = memory_words(memory_bucket(self.memory_total_bytes))
            found.append(("hardware", f"{architecture}, {self.machine or 'unknown'}, {cpus}, {memory}"))
        found += [("boot_parameter", parameter) for parameter in boot_parameters(self.command_line)]
        return found


def traits_of(members: Collection[Member], no_roles: Collection[str]) -> Traits:
    """Return the traits of hosts; groups in *no_roles* are not among them."""
    roles = role_groups({one.name: one.groups for one in members}, no_roles)
    return Traits({one.name: one.traits(roles) for one in members})


def traits_of_subjects(subjects: Iterable[Subject], no_roles: Collection[str]) -> Traits:
    """Return the traits of subjects; groups in *no_roles* are not among them."""
    return traits_of([member_of(subject) for subject in subjects], no_roles)


def member_of(subject: Subject) -> Member:
    """Return a subject as one of a fleet."""
    sample = subject.sample
    return Member(
        subject.name,
        subject.groups,
        subject.environment,
        sample.kernel_release,
        sample.architecture,
        subject.platform.kind,
        sample.memory_total_bytes,
        sample.cpus_possible,
    )


def boot_parameters(line: object) -> list[str]:
    """Return the parameters of a kernel's command line that hosts can have in common; none of what is no text.

    An audit that somebody hands back for a merge may hold anything here.
    """
    if not isinstance(line, str):
        return []
    words = dict.fromkeys(word[:100] for word in line[:4096].split())
    return [
        word
        for word in words
        if word.lower().split("=", 1)[0] not in _OWN_PARAMETERS and not word.lower().startswith("rd.")
    ][:_MOST_PARAMETERS]
