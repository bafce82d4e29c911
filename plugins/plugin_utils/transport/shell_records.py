# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the shell program answers, as the reading that the host's Python would have given.

One record a line; its first sign is its kind, its fields stand between tabs: H heading, F file, ``' '`` line of that
file, E error, C cut, S sum, N sign found, M modules, O module from outside, L link, R row of a part, T total of a part,
A link of a cache, X note on a part, K without awk, Z the end. A line of another kind came from neither program and is
left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...module_utils.collect import bound as _bound
from ...module_utils.collect import parts as _parts
from ...module_utils.collect import reader as _reader
from ...module_utils.collect import slabinfo as _slabinfo

_OF_PROCESSES = ("page_tables", "threads", "pinned", "commands", "groups")
_TABLES = {"errors": "part_errors", "cut": "part_cut", "skipped": "part_skipped", "ms": "part_ms"}
_WORDS = {"proc/vmstat": _reader.VMSTAT} | {
    key.removeprefix("+"): words for key, _blank, words in (line.partition(" ") for line in _reader.FILES.split("\n"))
}


def reading_from_shell(text: str) -> dict[str, Any]:
    """Return the reading in *text*, what the shell program wrote between its marks; nothing in it is trusted.

    Raises ValueError with a sentence where it is no such answer.
    """
    records = _Records()
    for line in text.split("\n"):
        line = line.rstrip("\r")  # a tty in between turns line ends into CR LF
        read = _Records.KINDS.get(line[:1])
        if read is None:
            continue
        try:
            read(records, line[1:].removeprefix("\t").split("\t") if line[0] != " " else [line[1:]])
        except (IndexError, KeyError, ValueError):
            raise ValueError(
                f"The host's answer has a record that the shell collector does not write: {line[:80]!r}. It was not "
                "read."
            ) from None
    return records.reading()


_NUMBERS_OF_HEADING = frozenset(("collected_at", "duration_ms", "uid", "page_size"))


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 24:
        raise ValueError(text)
    return int(text)


def _optional(text: str) -> int | None:
    return _number(text) if text else None


class _Records:
    """One answer in the making."""

    def __init__(self) -> None:
        self.heading: dict[str, str] = {}
        self.numbers: dict[str, int | None] = {}
        self.files: dict[str, list[str]] = {}
        self.errors: dict[str, str] = {}
        self.sums: dict[str, int] = {}
        self.found: list[str] = []
        self.links: dict[str, str] = {}
        self.modules: dict[str, Any] = {}
        self.cut: list[str] = []
        self.rows: dict[str, list[list[Any]]] = {}
        self.totals: dict[str, dict[str, int]] = {}
        self.caches: list[tuple[str, str]] = []
        self.notes: dict[str, dict[str, Any]] = {table: {} for table in _TABLES.values()}
        self.lines: list[str] | None = None
        self.plain = self.whole = False

    def head(self, fields: list[str]) -> None:
        name, value = fields[:2]
        self.heading[name] = value
        if name in _NUMBERS_OF_HEADING:
            self.numbers[name] = _optional(value)

    def file(self, fields: list[str]) -> None:
        self.lines = self.files.setdefault(fields[0], [])

    def line(self, fields: list[str]) -> None:
        if self.lines is None:
            raise ValueError("a line without a file")
        self.lines.append(fields[0] + "\n")

    def error(self, fields: list[str]) -> None:
        self.errors[fields[0]] = fields[1]

    def late(self, fields: list[str]) -> None:
        self.cut.append(fields[0])

    def sum(self, fields: list[str]) -> None:
        self.sums[fields[0]] = _number(fields[1])

    def sign(self, fields: list[str]) -> None:
        self.found.append(fields[0])

    def loaded(self, fields: list[str]) -> None:
        self.modules = {"count": _number(fields[0]), "fingerprint": _number(fields[1]), "outside": []}

    def outside(self, fields: list[str]) -> None:
        self.modules["outside"].append(fields[:3])

    def link(self, fields: list[str]) -> None:
        self.links[fields[0]] = fields[1]

    def row(self, fields: list[str]) -> None:
        self.rows.setdefault(fields[0], []).append(_ROWS[fields[0]](fields[1:]))

    def total(self, fields: list[str]) -> None:
        self.totals.setdefault(fields[0], {})[fields[1]] = _number(fields[2])

    def cache(self, fields: list[str]) -> None:
        self.caches.append((fields[0], fields[1]))

    def note(self, fields: list[str]) -> None:
        self.notes[_TABLES[fields[1]]][fields[0]] = _number(fields[2]) if fields[1] == "ms" else fields[2]

    def without_awk(self, _fields: list[str]) -> None:
        self.plain = self.whole = True

    def end(self, _fields: list[str]) -> None:
        self.whole = True

    KINDS: dict[str, Callable[[_Records, list[str]], None]] = {
        "H": head,
        "F": file,
        " ": line,
        "E": error,
        "C": late,
        "S": sum,
        "N": sign,
        "M": loaded,
        "O": outside,
        "L": link,
        "R": row,
        "T": total,
        "A": cache,
        "X": note,
        "K": without_awk,
        "Z": end,
    }

    def reading(self) -> dict[str, Any]:
        """Return all of it in the reader's form."""
        if "system" not in self.heading:
            raise ValueError("The host's answer has no heading, so it is not the shell collector's. It was not read.")
        wanted = sorted(self.heading.get("subsets", "").split())
        if not self.whole:
            self.cut.append("collector")
        result = self._counters()
        if wanted:
            result |= {**self._whose(wanted), "subsets": wanted}
            _bound.trim(result)
        return result

    def _whose(self, wanted: list[str]) -> dict[str, Any]:
        """Return the parts, and why some are not there or not whole."""
        parts = self._parts()
        for name in _parts.ORDER:
            if name not in parts and not any(name in self.notes[table] for table in ("part_errors", "part_skipped")):
                reason = "not_asked" if name not in wanted else "ENOSYS" if self.plain else "deadline"
                self.notes["part_errors" if name in wanted else "part_skipped"][name] = reason
        for name in _parts.FILES:
            if name not in wanted:
                self.notes["part_skipped"][name] = "not_asked"
        return {"parts": parts, **self.notes}

    def _counters(self) -> dict[str, Any]:
        head = self.heading.get
        return {
            "format": 1,
            "proc_root": head("proc_root") or "/",
            "collected_at": self.numbers.get("collected_at"),
            "duration_ms": self.numbers.get("duration_ms"),
            "python": None,
            "uid": self.numbers.get("uid"),
            "system": head("system") or None,
            "machine": head("machine") or None,
            "page_size": self.numbers.get("page_size"),
            "live": head("live") == "1",
            "files": {key: self._text(key, lines) for key, lines in self.files.items() if key not in self.errors},
            "errors": self.errors,
            "sums": self.sums,
            "found": self.found,
            "links": self.links,
            "cut": self.cut,
            "modules": self.modules,
        }

    def _text(self, key: str, lines: list[str]) -> str:
        """Return a file's text; without awk the host could not choose the lines."""
        words = _WORDS.get(key, "").split() if self.plain else []
        return "".join(
            line for line in lines if not words or line.split(None, 1)[:1] and line.split(None, 1)[0] in words
        )

    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        for name in _parts.ORDER:
            if name not in self.totals:
                continue
            part: dict[str, Any] = dict(self.totals[name])
            if name == "processes":
                part |= {kind: self.rows.get(kind, []) for kind in _OF_PROCESSES}
                part |= {kind: sorted(part[kind]) for kind in ("commands", "groups")}
            elif name == "limits":
                part = _tables(self.totals[name]) | {"pids": self.rows.get("pids", [])}
            else:
                part["rows"] = (
                    sorted(self.rows.get(name, []), key=lambda row: int(row[0]))
                    if name == "numa"
                    else self.rows.get(name, [])
                )
            if name == "slab":
                part["aliases"] = _slabinfo.aliases_of([row[0] for row in part["rows"]], self.caches)
            if name == "cgroups":
                part = {"dying": None, "living": None} | part
            if name == "numa":
                part = {"rows": part["rows"]}
            parts[name] = part
        return parts


def _tables(totals: dict[str, int]) -> dict[str, Any]:
    """Return totals with the name of their table before a point, as the tables that Python brings."""
    tables: dict[str, dict[str, int]] = {}
    for name, number in totals.items():
        table, point, column = name.partition(".")
        if point:
            tables.setdefault(table, {})[column] = number
    return {**tables, "mounts": totals.get("mounts")}


def _numbers(fields: list[str]) -> list[Any]:
    return [fields[0], *(_number(field) for field in fields[1:])]


def _process(fields: list[str]) -> list[Any]:
    return [_number(fields[0]), fields[1], _number(fields[2]), fields[3] or None]


def _counted(fields: list[str], sign: str) -> dict[str, int]:
    pairs = [field.partition(sign) for field in fields]
    return {name: _number(value) for name, _sign, value in pairs}


_ROWS: dict[str, Callable[[list[str]], list[Any]]] = {
    "slab": _numbers,
    "vmalloc": _numbers,
    "allocinfo": _numbers,
    "page_tables": _process,
    "threads": _process,
    "pinned": _process,
    "commands": _numbers,
    "groups": _numbers,
    "descriptors": lambda fields: [fields[0], fields[1], _number(fields[2])],
    "pids": lambda fields: [fields[0], _number(fields[1]), _optional(fields[2])],
    "cgroups": lambda fields: [fields[0], _counted(fields[1:], "=")],
    "numa": lambda fields: [_number(fields[0]), _counted(fields[1:], ":")],
}
