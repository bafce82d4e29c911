# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The line of a host whose facts were checked where its answer arrived, and what the report takes of it.

There they are encoded, too: the report puts the JSON of a host together of these texts, and reads only what it judges
by. A tab stands before each piece. JSON takes it for a space between two members, and no text holds one that is not
escaped, so a line is JSON as any other and can be cut without being read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..facts.facts import checked_facts
from ..model.plain import ENCODER, Json
from ..model.ready_json import READY, ReadyJson
from ..model.version import VERSION

FORMAT = 3
_BEGINNING = f'{{"format":{FORMAT},"version":{ENCODER.encode(VERSION)},'
_BEFORE = [f'{"," if number else ""}"{name}":' for number, name in enumerate(READY)]
_ATTRIBUTION = ',"attribution":{'
_END = "}}"
_LEAST_PIECES = len(READY) + len(("rest", _ATTRIBUTION, _END))


@dataclass(frozen=True, slots=True)
class ToldFacts:
    """What a line tells of a host: plain facts, to be checked as any; and their JSON, where the line can be trusted."""

    facts: object
    ready: ReadyJson | None = None


class _Parts(Mapping[str, object]):
    """The parts of an attribution, each decoded when it is asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def __getitem__(self, name: str) -> object:
        text = self._texts[name]
        try:
            return json.loads(text)
        except ValueError:
            return None

    def __contains__(self, name: object) -> bool:
        return name in self._texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


def encoded(entry: Mapping[str, object]) -> str | None:
    """Return the JSON of a record with its facts checked and in pieces, without the last brace; None where its facts
    are none: what is wrong with them is for the report to say.
    """
    try:
        facts = checked_facts(entry.get("facts")).as_plain()
        parts = facts.pop("attribution")
        rest = {name: value for name, value in facts.items() if name not in READY}
        members = [before + ENCODER.encode(facts[name]) for before, name in zip(_BEFORE, READY, strict=True)]
        members.append(f",{ENCODER.encode(rest)[1:-1]}")
        return "\t".join((_head(entry), *members, _ATTRIBUTION, *_pieces(parts), _END))
    except ValueError:
        return None


def told(line: str) -> ToldFacts | None:
    """Return what a line of this format and version says of its host's facts; None of any other line, which is to be
    read as a whole. Its check value must have been found right.
    """
    if not line.startswith(_BEGINNING):
        return None
    _head_of_line, *pieces = line.split("\t")
    members, parts = pieces[: len(READY)], pieces[len(READY) + 2 : -1]
    texts = [piece.removeprefix(",")[1:].split('":', 1) for piece in parts]
    if len(pieces) < _LEAST_PIECES or not all(len(text) == len(("name", "value")) for text in texts):
        return None
    by_name = dict(texts)
    try:
        facts = json.loads(f"{{{''.join(pieces[: len(READY) + 1])}}}")
    except ValueError:
        return None
    facts["attribution"] = _Parts(by_name)
    ready = {name: text[len(before) :] for name, before, text in zip(READY, _BEFORE, members, strict=True)}
    return ToldFacts(facts, ReadyJson(ready, by_name))


def _head(entry: Mapping[str, object]) -> str:
    head = {name: value for name, value in entry.items() if name not in ("format", "facts")}
    return f'{_BEGINNING}{json.dumps(head, separators=(",", ":"))[1:-1]},"facts":{{'


def _pieces(parts: Json) -> Iterator[str]:
    if isinstance(parts, dict):
        for number, name in enumerate(sorted(parts)):
            yield f'{"," if number else ""}"{name}":{ENCODER.encode(parts[name])}'
