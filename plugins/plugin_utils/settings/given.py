# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user has set, and where: once for the run, or for some of its hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..words.labels import some_names

Variables = Mapping[str, object]

MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Given:
    """One value of one variable. *hosts* are those that have it; none: it is given for the whole run."""

    name: str
    value: object
    hosts: Sequence[str] = ()

    @property
    def place(self) -> str:
        """Where it is given, in words that follow a value; empty for the command line."""
        return f" on {some_names(list(self.hosts), MOST_NAMES)}" if self.hosts else ""


@dataclass(frozen=True, slots=True)
class GivenSettings:
    """All variables of this collection that a run sees.

    *run* are those of the task that checks, templated, for the host that it runs for. *by_hand* are names of the
    command line, which win over all others. *of_hosts* are the variables of each host that will be asked, as the
    inventory has them. *unreadable* says of variables of *run* why their templates come to nothing.
    """

    run: Variables
    by_hand: frozenset[str] = frozenset()
    of_hosts: Mapping[str, Variables] = field(default_factory=dict)
    unreadable: Mapping[str, str] = field(default_factory=dict)

    def names(self) -> dict[str, bool]:
        """Return each name with whether a user has given it, and not the playbook."""
        inventory = {name for variables in self.of_hosts.values() for name in variables}
        return {name: name in self.by_hand for name in sorted({*self.run, *inventory, *self.by_hand})}

    def values(self) -> list[Given]:
        """Return each value that some host, or the run, is given, in the order of names."""
        found: dict[str, dict[str, tuple[object, list[str]]]] = {}
        for host, variables in self.of_hosts.items():
            for name, value in variables.items():
                if name not in self.by_hand:
                    seen = self.run.get(name, value) if _is_template(value) else value
                    found.setdefault(name, {}).setdefault(_key(seen), (seen, []))[1].append(host)
        once = [Given(name, value) for name, value in self.run.items() if name not in found]
        of_hosts = [Given(name, value, hosts) for name, by_value in found.items() for value, hosts in by_value.values()]
        return sorted((*once, *of_hosts), key=lambda one: one.name)

    def once(self, name: str) -> object:
        """Return the value of a setting that is one for the run: what the first host has, or None."""
        if name not in self.by_hand:
            for variables in self.of_hosts.values():
                if name in variables and not _is_template(variables[name]):
                    return variables[name]
        return self.run.get(name)

    def text(self, name: str) -> str | None:
        """Return the same as text, or None where nothing is set."""
        value = self.once(name)
        return None if is_unset(value) else str(value)


def is_unset(value: object) -> bool:
    """Return whether a value means that nothing is set."""
    return value is None or (isinstance(value, str) and not value.strip())


def _is_template(value: object) -> bool:
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def _key(value: object) -> str:
    # Whatever YAML can hold, names of any type in one mapping among them.
    return repr(value)
