# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts are similar, so that one may be compared with the others: same role, kernel, memory and kind of machine.

The finest likeness that enough hosts share is taken. Where not even the coarsest is shared by enough, nothing is
compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..model.settings import SimilarHosts
from ..model.subject import Subject
from ..text.safe import one_line
from ..text.units import GIB

FEWEST_OF_A_ROLE = 8
NEARLY_ALL = 0.9
"""An inventory group with this share of all hosts says nothing of what a host does."""

DEFAULTS = SimilarHosts()

# What similar hosts share beside their memory and their kind of machine, the finest likeness first.
_LADDER = (("role", "kernel", "cpus"), ("role", "kernel"), ("role",), ("kernel", "cpus"), ("kernel",))


@dataclass(frozen=True, eq=False)
class Cohort:
    """Hosts that are similar, in the order of their names. ``shared`` says in words what they share."""

    members: tuple[Subject, ...]
    shared: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a host stands: its cohort, or None; ``others`` is how many similar hosts there are (at most, where there
    is no cohort).
    """

    cohort: Cohort | None
    others: int


@dataclass(frozen=True)
class Likeness:
    """What is compared of one host."""

    role: str | None
    kernel: str
    architecture: str
    machine: str
    kubernetes: bool | None
    memory: int
    cpus: int
    vmalloc_meaning: str

    def key(self, names: Sequence[str]) -> tuple[Any, ...]:
        """Return the key that similar hosts have in common on one step of the ladder."""
        return (
            self.memory,
            self.architecture,
            self.machine,
            self.kubernetes,
            self.vmalloc_meaning,
            *(getattr(self, name) for name in names),
        )

    def words(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the same key in words."""
        known = {
            "role": f"role {one_line(self.role or '', 60)}",
            "kernel": f"kernel {one_line(self.kernel, 40)}",
            "cpus": f"up to {self.cpus:,} CPUs",
        }
        machine = {"physical": "physical machines", "vm": "virtual machines"}.get(self.machine, "machines")
        node = ("Kubernetes nodes",) if self.kubernetes else ()
        return (
            *(known[name] for name in names),
            memory_words(self.memory),
            f"{one_line(self.architecture, 20)} {machine}",
            *node,
        )


def role_groups(groups: Mapping[str, Collection[str]], no_roles: Collection[str]) -> dict[str, int]:
    """Return the inventory groups that can be a role, with their number of hosts.

    *groups* are the groups of each host. A group is no role where it is in *no_roles* (those that choose an
    environment), or where nearly every host is in it.
    """
    sizes = Counter(group for names in groups.values() for group in set(names))
    most = NEARLY_ALL * len(groups)
    return {
        group: size
        for group, size in sizes.items()
        if group not in no_roles and group not in ("all", "ungrouped") and size < most
    }


def roles_of(groups: Mapping[str, Collection[str]], no_roles: Collection[str]) -> dict[str, str | None]:
    """Return the role of each host: the smallest group that can be one and has at least ``FEWEST_OF_A_ROLE`` hosts."""
    sizes = {group: size for group, size in role_groups(groups, no_roles).items() if size >= FEWEST_OF_A_ROLE}
    chosen: dict[tuple[str, ...], str | None] = {}
    roles = {}
    for host, names in groups.items():
        key = tuple(names)
        if key not in chosen:
            chosen[key] = min(
                (name for name in key if name in sizes), key=lambda name: (sizes[name], name), default=None
            )
        roles[host] = chosen[key]
    return roles


def environment_groups(subjects: Iterable[Subject]) -> set[str]:
    """Return the inventory groups that choose an environment, and the names of the environments."""
    seen = {subject.environment: subject.settings for subject in subjects}
    return {*seen, *(group for settings in seen.values() for group in settings.groups)}


def subject_roles(subjects: Sequence[Subject]) -> dict[str, str | None]:
    """Return the role of each subject by its name."""
    return roles_of({subject.name: subject.groups for subject in subjects}, environment_groups(subjects))


def bucket(number: float) -> int:
    """Return the power of two that a number fits in: 48 is 64, 64 is 64. 0 for what is not above 0."""
    return 1 << max(int(-(-number // 1)) - 1, 0).bit_length() if number > 0 else 0


def memory_bucket(memory_bytes: float | None) -> int:
    """Return the power of two of bytes that a host's RAM fits in. The kernel shows less than what is built in, so it
    is rounded up.
    """
    return bucket(memory_bytes or 0)


def memory_words(size: int) -> str:
    """Return a bucket of memory in words: ``32 to 64 GiB of RAM``."""
    if size <= 0:
        return "unknown RAM"
    if size <= GIB:
        return "up to 1 GiB of RAM"
    return f"{size // GIB // 2 or 1:,} to {size // GIB:,} GiB of RAM" if size > 2 * GIB else "1 to 2 GiB of RAM"


def major_minor(release: str | None) -> str:
    """Return the first two numbers of a kernel release: ``6.12`` of ``6.12.0-55.el10``."""
    parts = (release or "unknown").split("-", 1)[0].split(".")
    return ".".join(parts[:2])


def places_of(subjects: Sequence[Subject]) -> dict[str, Place]:
    """Return, for each subject by name, its similar hosts. ``minimum`` hosts have to be there, the host itself among
    them.
    """
    roles = subject_roles(subjects)
    # Hosts that are the same in everything go through the ladder as one.
    same: dict[tuple[Any, ...], list[Subject]] = {}
    for subject in sorted(subjects, key=lambda subject: subject.name):
        sample, platform = subject.sample, subject.platform
        minimum = (subject.settings.similar_hosts or DEFAULTS).minimum
        same.setdefault(
            (
                roles[subject.name],
                sample.kernel_release,
                sample.architecture,
                platform.kind,
                platform.kubernetes_node,
                memory_bucket(sample.memory_total_bytes),
                bucket(sample.cpus_possible or 0),
                sample.vmalloc_meaning,
                minimum,
            ),
            [],
        ).append(subject)
    likenesses = {raw: Likeness(raw[0], major_minor(raw[1]), raw[2] or "unknown", *raw[3:-1]) for raw in same}
    steps: list[dict[tuple[Any, ...], list[Subject]]] = []
    for names in _LADDER:
        found: dict[tuple[Any, ...], list[Subject]] = {}
        for raw, likeness in likenesses.items():
            # Hosts without a role have none in common.
            if likeness.memory and (likeness.role is not None or "role" not in names):
                found.setdefault(likeness.key(names), []).extend(same[raw])
        steps.append(found)
    cohorts: dict[tuple[int, tuple[Any, ...]], Cohort] = {}
    places: dict[str, Place] = {}
    for raw, members in same.items():
        place = _place(raw[-1], likenesses[raw], steps, cohorts)
        places.update((subject.name, place) for subject in members)
    return places


def _place(
    minimum: int,
    likeness: Likeness,
    steps: Sequence[Mapping[tuple[Any, ...], list[Subject]]],
    cohorts: dict[tuple[int, tuple[Any, ...]], Cohort],
) -> Place:
    most = 0
    for number, names in enumerate(_LADDER):
        key = likeness.key(names)
        members = steps[number].get(key, [])
        if len(members) >= max(minimum, 2):
            if (number, key) not in cohorts:
                cohorts[number, key] = Cohort(
                    tuple(sorted(members, key=lambda subject: subject.name)), likeness.words(names)
                )
            return Place(cohorts[number, key], len(members) - 1)
        most = max(most, len(members) - 1)
    return Place(None, most)
