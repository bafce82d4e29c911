# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The spool: one file a run, to which one line is appended for each host at once, and which the report reads back.

Many processes append at the same time. Each line is one write to a file opened for appending, and begins with a
newline, so that a line cut short (by a full disk, say) can't spoil the next. A line ends with a check value (CRC-32 of
what stands before it). Lines of format 1, written by version 0.1.0, have none and are read, too.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypedDict

from ..model.times import is_time_text
from . import checked_line
from .checked_line import ToldFacts
from .no_data import CAUSES

FORMAT = 2
FORMATS = (1, FORMAT, checked_line.FORMAT)
OUTCOMES = ("facts", "unreachable", "failed", "timed_out", "no_python", "not_linux", "no_answer")
TASK, FANOUT = WAYS = ("task", "fanout")
"""The two ways of asking a host: a task of its own, or one process for many hosts."""

MAXIMUM_LINE_BYTES = 256 * 1024
MOST_REASONS = 5
LINES_TO_LOOK_AT = 20
"""So many lines of a file are looked at to tell whether it is a spool."""

_HEAD_OF_A_LINE = 400
_CHECK_VALUE = b',"crc":"%08x"}'
_FACTS, _NO_FACTS = b'"facts":{', b'"facts":null}'
_ALIKE = ("version", "run_id", "outcome", "way")
_CHECK_VALUE_BYTES = len(_CHECK_VALUE % 0)


class Record(TypedDict):
    """What one host gave: plain data, as a line holds it. *facts* is null unless *outcome* is ``facts``."""

    format: int
    run_id: str
    host: str
    written_at: str
    outcome: str
    cause: str | None
    message: str | None
    groups: list[str]
    environment: str | None
    way: str
    facts: dict[str, object] | None


def record(
    *,
    run_id: str,
    host: str,
    written_at: str,
    outcome: str,
    message: str | None,
    groups: Iterable[str],
    environment: str | None,
    facts: Mapping[str, object] | None,
    cause: str | None = None,
    way: str = TASK,
) -> Record:
    """Return one record. Raises ValueError for an *outcome*, a *cause* or a *way* that is not known.

    *cause* is one of :data:`causes.CAUSES` where more is known than the outcome says.
    """
    for name, given, known in (("outcome", outcome, OUTCOMES), ("cause", cause, (None, *CAUSES)), ("way", way, WAYS)):
        if given not in known:
            raise ValueError(f"The {name} {given!r} is not known; it must be one of {', '.join(map(str, known))}.")
    return {
        "format": FORMAT,
        "run_id": run_id,
        "host": host,
        "written_at": written_at,
        "outcome": outcome,
        "cause": cause,
        "message": message,
        "groups": list(groups),
        "environment": environment,
        "way": way,
        "facts": None if facts is None else dict(facts),
    }


class TooLongError(ValueError):
    """A line is longer than the spool takes: a fault of one host, not of the spool."""


class SpoolFile:
    """One file of lines: written by many processes at once, read when they have ended.

    It belongs to the user alone, and is never opened through a symbolic link.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def append(self, entry: Mapping[str, object]) -> None:
        """Append one line, creating the file readable by its owner only. Raises ValueError where that fails, and
        TooLongError for a line that is too long.
        """
        line = _encoded(entry)
        if len(line) > MAXIMUM_LINE_BYTES:
            raise TooLongError(
                f"The facts of this host are {len(line)} bytes long; the spool takes {MAXIMUM_LINE_BYTES} at most."
            )
        try:
            handle = os.open(
                self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600
            )
            try:
                self._check_owner(handle)
                written = os.write(handle, line)
            finally:
                os.close(handle)
        except OSError as exc:
            raise ValueError(f"The spool {self.path} on the controller can't be written: {_reason(exc)}.") from exc
        if written != len(line):
            raise ValueError(f"The spool {self.path} on the controller was written in part only; is the disk full?")

    def lines(
        self, *, key: str = "", through_links: bool = False, in_short: bool = False
    ) -> Iterator[dict[str, Any] | None]:
        """Yield what each line holds, and None for one that is damaged or no line of a spool.

        A file that does not exist has no lines (no host came so far as to write). Raises ValueError where it can't be
        read. With *key*, lines that don't have it at their beginning are not read. *through_links* is for files that
        somebody named as an input. *in_short* leaves the facts of a host in the file: they are :class:`KeptFacts`.
        """
        wanted = f'"{key}":'.encode("ascii") if key else b""
        try:
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if through_links else os.O_NOFOLLOW)
            with open(os.open(self.path, flags), "rb") as file:
                offset = 0
                for line in file:
                    if line.strip() and wanted in line[:_HEAD_OF_A_LINE]:
                        short = self._in_short(line, offset) if in_short else None
                        yield short or (_decoded(line) if len(line) <= MAXIMUM_LINE_BYTES else None)
                    offset += len(line)
        except FileNotFoundError:
            return
        except OSError as exc:
            raise ValueError(f"The spool {self.path} can't be read: {_reason(exc)}.") from exc

    def _in_short(self, line: bytes, offset: int) -> dict[str, Any] | None:
        """Return what a line holds beside its facts; None where only the whole line can tell."""
        # No text of JSON holds a quote that is not escaped, so these signs are the name of the field.
        at = line.find(_FACTS)
        if at < 0 or len(line) > MAXIMUM_LINE_BYTES or not _is_checked(line.strip()):
            return None
        entry = _document(line[:at] + _NO_FACTS)
        if entry is None or entry["format"] == 1:
            return None
        return {**_interned(entry), "facts": KeptFacts(self.path, offset, len(line))}

    def _check_owner(self, handle: int) -> None:
        """Refuse a file that somebody else has put there: what hosts say is not for everybody to read."""
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"The spool {self.path} is no regular file; give another kernel_mem_audit_spool.")
        if found.st_uid != os.geteuid():
            raise ValueError(f"The spool {self.path} belongs to another user; give another kernel_mem_audit_spool.")


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """The facts in a line of a spool whose check value was right."""

    path: str
    offset: int
    length: int

    def read(self) -> object:
        """Return the facts, or None where the line is no longer what it was."""
        return _facts_in(self._line()[0])

    def told(self) -> ToldFacts:
        """Return the facts with what is ready of them. Trusted to be that is only a line of this version in a file of
        this user, which nobody else can have written.
        """
        line, is_own = self._line()
        line = line.strip()
        found = checked_line.told(line.decode("ascii")) if is_own and line.isascii() and _is_checked(line) else None
        return found or ToldFacts(_facts_in(line))

    def _line(self) -> tuple[bytes, bool]:
        """Return the line, and whether the file is of this user; nothing where it can't be read."""
        try:
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                is_own = os.fstat(handle).st_uid == os.geteuid()
                return os.pread(handle, self.length, self.offset), is_own
            finally:
                os.close(handle)
        except OSError:
            return b"", False


def whole(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with its facts, which may be those of a line in a spool."""
    facts = entry.get("facts")
    return {**entry, "facts": facts.read() if isinstance(facts, KeptFacts) else facts}


@dataclass
class Spool:
    """What the spools of one run hold: the last record of each host, and sentences on what was left out.

    *asked_otherwise* are the hosts that one process for many could not ask, with the reason; *paths* are the files;
    *begun* is how often the run was begun: more than once where it ended early and was resumed.
    """

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    asked_otherwise: dict[str, str] = field(default_factory=dict)
    paths: dict[str, None] = field(default_factory=dict)
    lines: int = 0
    begun: int = 0
    read_again: set[str] = field(default_factory=set)
    """The hosts that have answered more than once in one file."""
    _answered: dict[str, set[str]] = field(default_factory=dict)

    def add(self, path: str, line: dict[str, Any]) -> None:
        """Take one line. Of two records of a host the later one counts, of two of one second the one that stands
        later; but a host that has answered once is not lost by a second look that failed.
        """
        self.paths[path] = None
        if "host" not in line:
            self.begun += 1
            return
        if "outcome" not in line and isinstance(line.get("asked_otherwise"), str):
            self.asked_otherwise[line["host"]] = line["asked_otherwise"]
            return
        self.lines += 1
        host, answers = line["host"], line.get("outcome") == "facts"
        if answers:
            if path in self._answered.setdefault(host, set()):
                self.read_again.add(host)
            self._answered[host].add(path)
        before = self.records.get(host)
        has_answered = before is not None and before.get("outcome") == "facts"
        if before is None or (answers, line["written_at"]) >= (has_answered, before["written_at"]):
            self.records[host] = line

    def how(self) -> list[str]:
        """Return sentences on how the hosts were asked, where that is worth a word."""
        sentences = []
        if self.begun > 1:
            sentences.append("The run ended early and was resumed; this report is of all that it gathered.")
        if self.read_again:
            number = len(self.read_again)
            sentences.append(
                f"{number:,} {'host with a finding was' if number == 1 else 'hosts with a finding were'} read a second "
                "time, for who holds the memory."
            )
        by_one = sum(1 for record in self.records.values() if record.get("way") == FANOUT)
        if by_one or self.asked_otherwise:
            by_task = {host for host, record in self.records.items() if record.get("way") != FANOUT}
            others = by_task.union(host for host in self.asked_otherwise if host not in self.records)
            reasons = Counter(self.asked_otherwise.get(host, "of another reason") for host in others)
            why = "; ".join(f"{number:,}: {reason}" for reason, number in reasons.most_common(MOST_REASONS))
            more = f" ({why})" if why else ""
            were = "host was" if by_one == 1 else "hosts were"
            sentences.append(f"{by_one:,} {were} asked by one process, {len(others):,} by a task each{more}.")
        return sentences


@dataclass
class Spools:
    """What spools hold, by run."""

    runs: dict[str, Spool] = field(default_factory=dict)
    damaged: int = 0
    in_short: bool = False
    """Whether the facts stay in the files."""

    def add(self, path: str, *, through_links: bool = False) -> None:
        """Take all lines of the file at *path*."""
        for line in SpoolFile(path).lines(through_links=through_links, in_short=self.in_short):
            if line is None:
                self.damaged += 1
            else:
                self.runs.setdefault(line["run_id"], Spool()).add(path, line)

    def damage(self) -> list[str]:
        """Return a sentence on lines that could not be read, or none."""
        return [f"{self.damaged} spool lines could not be read and were left out."] if self.damaged else []


def read(paths: Iterable[str], run_id: str, *, in_short: bool = False) -> Spool:
    """Read spools and return what they hold of the run *run_id*.

    Records of other runs and lines that are no records are left out and counted in the notes. A spool that does not
    exist is empty. With *in_short* the facts stay in the files (:class:`KeptFacts`). Raises ValueError where one can't
    be read.
    """
    spools = Spools(in_short=in_short)
    for path in paths:
        spools.add(path)
    spool = spools.runs.pop(run_id, None) or Spool()
    foreign = sum(other.lines for other in spools.runs.values())
    if foreign:
        spool.notes.append(f"{foreign} spool records of other runs were left out.")
    spool.notes += spools.damage()
    return spool


def is_spool(path: str) -> bool:
    """Return whether one of the first lines of a file is one of a spool."""
    try:
        return any(line is not None for line in islice(SpoolFile(path).lines(through_links=True), LINES_TO_LOOK_AT))
    except ValueError:
        return False


def asked_otherwise(run_id: str, host: str, written_at: str, reason: str) -> dict[str, object]:
    """Return the line that says why a host could not be asked by one process for many."""
    return {"format": FORMAT, "run_id": run_id, "host": host, "written_at": written_at, "asked_otherwise": reason}


def _encoded(entry: Mapping[str, object]) -> bytes:
    checked = checked_line.encoded(entry) if entry.get("facts") is not None else None
    said = checked or json.dumps(entry, ensure_ascii=True, separators=(",", ":"), allow_nan=False)[:-1]
    text = said.encode("ascii")
    return b"\n" + text + _CHECK_VALUE % zlib.crc32(text) + b"\n"


def _decoded(line: bytes) -> dict[str, Any] | None:
    line = line.strip()
    checked = line[-_CHECK_VALUE_BYTES:].startswith(_CHECK_VALUE[:8])
    if checked and not _is_checked(line):
        return None
    entry = _document(line)
    if entry is None or not (checked or entry["format"] == 1):
        return None
    return entry


def _facts_in(line: bytes) -> object:
    entry = _decoded(line)
    return None if entry is None else entry.get("facts")


def _is_checked(line: bytes) -> bool:
    return _CHECK_VALUE % zlib.crc32(line[:-_CHECK_VALUE_BYTES]) == line[-_CHECK_VALUE_BYTES:]


def _document(line: bytes) -> dict[str, Any] | None:
    try:
        entry = _DECODER.decode(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or entry.get("format") not in FORMATS:
        return None
    entry.pop("crc", None)
    texts = (entry.get("run_id"), entry.get("host", ""), entry.get("written_at"))
    return entry if all(isinstance(text, str) for text in texts) and is_time_text(texts[2]) else None


def _interned(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with what many lines say alike as one object: the decoder makes new ones for each line."""
    alike: dict[str, object] = {name: sys.intern(entry[name]) for name in _ALIKE if isinstance(entry.get(name), str)}
    groups = entry.get("groups")
    if isinstance(groups, list) and all(isinstance(group, str) for group in groups):
        alike["groups"] = [*map(sys.intern, groups)]
    return {sys.intern(name): alike.get(name, value) for name, value in entry.items()}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number that a spool holds.")


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _reason(exc: OSError) -> str:
    if exc.errno == errno.ELOOP:
        return "it is a symbolic link, which is not followed"
    return exc.strerror or str(exc)
