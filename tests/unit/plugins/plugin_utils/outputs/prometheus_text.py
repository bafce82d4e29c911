# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads Prometheus' text format as strictly as its own parser does, so that a file that the collector would refuse
fails here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|\})')
_NUMBER = re.compile(r"-?\d+(\.\d+)?(e[+-]?\d+)?")


class Sample(NamedTuple):
    """One sample."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


def samples_of(text: str) -> list[Sample]:
    """Return the samples of *text*; an AssertionError where it is not sound."""
    assert text.endswith("# EOF\n"), "the end is missing"
    found: list[Sample] = []
    described: list[str] = []
    typed: list[str] = []
    # Lines end with a newline and with nothing else that Python would take for one.
    for line in text[:-1].split("\n"):
        if line == "# EOF":
            continue
        if line.startswith("# HELP "):
            described.append(line.split(" ")[2])
        elif line.startswith("# TYPE "):
            _hash, _type, name, kind = line.split(" ")
            assert kind == "gauge" and described[-1] == name and name not in typed, line
            typed.append(name)
        else:
            sample = _sample(line)
            assert typed and typed[-1] == sample.name, f"{sample.name} stands outside of its family"
            found.append(sample)
    series = [(sample.name, sample.labels) for sample in found]
    assert len(series) == len(set(series)), "a series stands in it twice"
    return found


def _sample(line: str) -> Sample:
    name = _NAME.match(line)
    assert name, line
    rest, labels = line[name.end() :], []
    if rest.startswith("{"):
        rest, separator = rest[1:], ","
        while separator == ",":
            label = _LABEL.match(rest)
            assert label, line
            labels.append(
                (label[1], label[2].replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\0", "\\"))
            )
            rest, separator = rest[label.end() :], label[3]
    assert rest.startswith(" ") and _NUMBER.fullmatch(rest[1:]), f"no value, or a timestamp: {line}"
    return Sample(name[0], tuple(sorted(labels)), float(rest[1:]))
