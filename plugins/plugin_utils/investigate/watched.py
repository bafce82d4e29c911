# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer to question 1: what a host showed in several readings, and what machine it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from .checking import amount, flag, mapping, optional_text, sequence, text, texts, unsound, whole

MOST_READINGS = 25

Series = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One name with a value for each reading."""

    name: str
    values: Series


@dataclass(frozen=True, slots=True)
class Machine:
    """The host, as an answer and a vendor want to know it.

    ``modules`` are names with their marks (``OE``); ``contained`` is a reader that does not see all processes.
    """

    kernel: str
    build: str
    architecture: str
    page_bytes: int
    cpus: int
    boot_id: str | None
    taint: int
    modules: tuple[tuple[str, str], ...]
    user: int
    load: tuple[str, ...]
    contained: bool = False

    @property
    def is_root(self) -> bool:
        """Whether the host was read by root."""
        return self.user == 0

    @property
    def foreign_modules(self) -> tuple[str, ...]:
        """Modules from outside of the kernel's own sources, or proprietary."""
        return tuple(name for name, marks in self.modules if set(marks) & set("OP"))

    @property
    def load_per_cpu(self) -> float | None:
        """The load average of a minute for each CPU; None where it is not known."""
        try:
            load = float(self.load[0])
        except (ValueError, IndexError):
            return None
        return load / max(1, self.cpus) if 0 <= load < math.inf else None

    @property
    def threads(self) -> int | None:
        """How many threads there are on the host; None where it is not known."""
        try:
            return int(self.load[3].partition("/")[2])
        except (ValueError, IndexError):
            return None


@dataclass(frozen=True, slots=True)
class Watched:
    """Several readings of one host.

    ``times`` are seconds since the first; ``memory`` counters in bytes by their names in meminfo; ``growing`` the rows
    that became more, by kind; ``largest`` those that are most at the end, with that value; ``seen`` how many names each
    kind had; ``listed`` whether descriptors were counted by listing them, which makes inodes and dentries; ``errors``
    why what could not be read.
    """

    times: Series
    memory: dict[str, Series]
    growing: dict[str, tuple[Row, ...]]
    largest: dict[str, tuple[tuple[str, float], ...]]
    seen: dict[str, int]
    listed: bool
    errors: dict[str, str]
    machine: Machine
    python: str | None

    @property
    def windows(self) -> int:
        """How many windows lie between the readings."""
        return len(self.times) - 1

    @property
    def window_seconds(self) -> float:
        """The mean length of a window."""
        return (self.times[-1] - self.times[0]) / self.windows


def watched(answer: Mapping[str, object]) -> Watched:
    """Return the answer of a host to question 1, checked. Raises ValueError with one sentence."""
    times = tuple(amount(entry, "a time") for entry in sequence(answer.get("times"), "times", MOST_READINGS))
    if len(times) < 2 or any(after <= before for before, after in zip(times, times[1:], strict=False)):
        raise unsound("times", "rising list of two times or more")
    length = len(times)
    return Watched(
        times=times,
        memory={
            name: _series(values, f"memory {name}", length)
            for name, values in mapping(answer.get("memory"), "memory").items()
        },
        growing={kind: _rows(rows, kind, length) for kind, rows in mapping(answer.get("growing"), "growing").items()},
        largest={kind: _largest(rows, kind) for kind, rows in mapping(answer.get("largest"), "largest").items()},
        seen={kind: whole(number, f"seen {kind}") for kind, number in mapping(answer.get("seen"), "seen").items()},
        listed=flag(answer.get("listed"), "listed"),
        errors={key: text(why, f"the error of {key}", 40) for key, why in mapping(answer["errors"], "errors").items()}
        if "errors" in answer
        else {},
        machine=_machine(mapping(answer.get("machine"), "machine")),
        python=optional_text(answer.get("python"), "python", 40),
    )


def _series(value: object, what: str, length: int) -> Series:
    numbers = tuple(amount(entry, f"a value of {what}") for entry in sequence(value, what, MOST_READINGS))
    if len(numbers) != length:
        raise unsound(what, f"series of {length} values")
    return numbers


def _rows(value: object, kind: str, length: int) -> tuple[Row, ...]:
    rows = []
    for entry in sequence(value, kind):
        pair = sequence(entry, f"a row of {kind}", 2)
        if len(pair) != 2:
            raise unsound(f"a row of {kind}", "pair of a name and values")
        rows.append(Row(text(pair[0], f"a name of {kind}"), _series(pair[1], kind, length)))
    return tuple(rows)


def _largest(value: object, kind: str) -> tuple[tuple[str, float], ...]:
    rows = []
    for entry in sequence(value, kind):
        pair = sequence(entry, f"a row of {kind}", 2)
        if len(pair) != 2:
            raise unsound(f"a row of {kind}", "pair of a name and a value")
        rows.append((text(pair[0], f"a name of {kind}"), amount(pair[1], f"a value of {kind}")))
    return tuple(rows)


def _machine(told: Mapping[str, object]) -> Machine:
    modules = []
    for entry in sequence(told.get("modules"), "modules"):
        pair = texts(entry, "a module", 2)
        if len(pair) != 2:
            raise unsound("a module", "pair of a name and marks")
        modules.append((pair[0], pair[1]))
    return Machine(
        kernel=text(told.get("kernel"), "kernel"),
        build=text(told.get("build"), "build", 512),
        architecture=text(told.get("architecture"), "architecture", 40),
        page_bytes=max(1, whole(told.get("page_bytes"), "page_bytes")),
        cpus=max(1, whole(told.get("cpus"), "cpus")),
        boot_id=optional_text(told.get("boot_id"), "boot_id", 64),
        taint=whole(told.get("taint"), "taint"),
        modules=tuple(modules),
        user=whole(told.get("user"), "user"),
        load=texts(told.get("load"), "load", 8),
        contained=flag(told.get("contained", False), "contained"),
    )
