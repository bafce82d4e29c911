# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a rollout: one file a host, one for the rollout, the decision, and a trail to which lines are only
added.

A host's file is written by the one worker that looks at the host, or by the one task that decides, never by both at
once. Every file is replaced in one step, so a reader sees the old or the new one and never half.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import cast
from urllib.parse import quote

from ..files import atomic
from .before_after import UPTIME_REACH
from .rollout_shapes import HostRecord, Plain, Records, RolloutState

FORMAT = 1
MAXIMUM_EARLIER = 6
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_LONGEST_FILE_NAME = 150


def check_rollout_name(name: str) -> str:
    """Return the name of a rollout. Raises ValueError if it can't be the name of a folder."""
    if _NAME.fullmatch(name):
        return name
    raise ValueError(
        f"The rollout is named {name[:120]!r}; use up to 100 letters, digits, '-', '_' and '.', not beginning with "
        "'.' or '-'."
    )


class GateFolder:
    """The files of the rollout *rollout* below the folder *base*. Every method raises ValueError where a file can't
    be used.
    """

    def __init__(self, base: str, rollout: str) -> None:
        self.base = base
        self.rollout = check_rollout_name(rollout)
        self.path = os.path.join(base, rollout)
        self.told: str | None = None
        """A file that gets a line for each decision, for whoever has started the play and waits for its answer."""

    @property
    def knows_all(self) -> bool:
        """Whether a rollout that is not here has never been: a folder may have been lost."""
        return False

    def read_rollout(self) -> RolloutState | None:
        """Return the state of the rollout, or None before it has begun."""
        where = self.kept_elsewhere()
        if where is not None:
            raise ValueError(
                f"The state of the rollout {self.rollout} is in the history {where}, and this run was not told of it; "
                f"give kernel_mem_audit_history as the runs before did. Where that history is lost for good, begin a "
                "rollout of another name."
            )
        return cast("RolloutState | None", _read(os.path.join(self.path, "rollout.json")))

    def kept_elsewhere(self) -> str | None:
        """Return the name of the history that has the state of this rollout; None where it is in this folder."""
        found = _read(os.path.join(self.path, "kept_in.json"))
        return None if found is None else str(found.get("history") or "of the runs before")

    def note_elsewhere(self, history: str) -> None:
        """Note that the state is in a history, so that a run that is not told of it does not begin anew."""
        if self.kept_elsewhere() != history:
            _write(os.path.join(self.path, "kept_in.json"), {"format": FORMAT, "history": history})

    def write_rollout(self, state: RolloutState) -> None:
        """Replace the state of the rollout."""
        _write(os.path.join(self.path, "rollout.json"), {"format": FORMAT, **state})

    def read_host(self, host: str) -> HostRecord:
        """Return what is known of a host in this rollout; an untouched host where nothing is."""
        record = _read(self._host_path(host)) or {}
        if record.get("host", host) != host:
            raise ValueError(
                f"The gate's file {self._host_path(host)} is of the host {str(record['host'])[:120]}, and not of "
                f"{host}; restore it, or begin a rollout of another name."
            )
        return cast(HostRecord, {"host": host, "status": "untouched", **record})

    def read_hosts(self, hosts: Iterable[str]) -> Records:
        """Return what is known of each host."""
        return {host: self.read_host(host) for host in hosts}

    def all_hosts(self) -> list[HostRecord]:
        """Return what is known of every host that has a file, whether or not it is a target."""
        folder = os.path.join(self.path, "hosts")
        try:
            names = sorted(name for name in os.listdir(folder) if name.endswith(".json"))
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise ValueError(f"The gate's folder {folder} can't be read: {exc.strerror}.") from exc
        found = [_read(os.path.join(folder, name)) for name in names]
        return [cast(HostRecord, record) for record in found if record is not None]

    def write_host(self, record: HostRecord) -> None:
        """Replace what is known of the host that *record* names."""
        _write(self._host_path(str(record["host"])), {"format": FORMAT, **record})

    def write_decision(self, decision: Plain) -> str:
        """Replace ``decision.json`` and return its path."""
        path = os.path.join(self.path, "decision.json")
        _write(path, decision)
        if self.told is not None:
            told = {name: decision[name] for name in ("decision", "phase", "sentence")}
            _append(self.told, {"path": path, **told})
        return path

    def read_decision(self) -> Plain | None:
        """Return the last decision, or None."""
        return _read(os.path.join(self.path, "decision.json"))

    def write_text(self, path: str, text: str) -> None:
        """Write another output, such as a JUnit file."""
        replace_file(path, text.encode("utf-8"))

    def add_to_trail(self, entry: Plain) -> None:
        """Add one line to the audit trail, which is never rewritten."""
        _append(os.path.join(self.path, "trail.jsonl"), entry)

    def read_trail(self) -> list[Plain]:
        """Return the lines of the audit trail, the oldest first; none where there is no trail."""
        path = os.path.join(self.path, "trail.jsonl")
        try:
            with open(path, encoding="utf-8") as handle:
                lines = [json.loads(line) for line in handle]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, RecursionError) as exc:
            raise ValueError(f"The audit trail {path} can't be read ({exc}); restore it.") from exc
        return [line for line in lines if isinstance(line, dict)]

    def earlier(self, host: str) -> list[Plain]:
        """Return the earlier looks at a host of all rollouts, for comparisons at equal uptime."""
        kept = (_read(self._earlier_path(host)) or {}).get("looks") or []
        return [one for one in kept if isinstance(one, dict) and isinstance(one.get("amounts"), dict)]

    def add_earlier(self, host: str, one: Plain) -> None:
        """Keep a look at a host for the next rollout, the last six and one for each boot and about the same uptime."""
        kept = self.earlier(host)
        if one["uptime_seconds"] is None or any(_is_alike(look, one) for look in kept):
            return
        _write(
            self._earlier_path(host), {"format": FORMAT, "host": host, "looks": [*kept, dict(one)][-MAXIMUM_EARLIER:]}
        )

    def _host_path(self, host: str) -> str:
        return os.path.join(self.path, "hosts", f"{_file_name(host)}.json")

    def _earlier_path(self, host: str) -> str:
        return os.path.join(self.base, "earlier", f"{_file_name(host)}.json")


def _is_alike(one: Plain, other: Plain) -> bool:
    reach = UPTIME_REACH * other["uptime_seconds"]
    return bool(one["boot_id"] == other["boot_id"] and abs(one["uptime_seconds"] - other["uptime_seconds"]) <= reach)


def _file_name(host: str) -> str:
    """Return a host's name as a file name: what is not a letter, digit, ``_``, ``.`` or ``-`` escaped; a long name
    by its hash.
    """
    name = quote(host, safe="").replace("~", "%7E")
    name = f"%{name}" if name.startswith(".") else name
    if len(name) <= _LONGEST_FILE_NAME:
        return name
    return f"{name[:80]}%{hashlib.sha256(host.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def _read(path: str) -> Plain | None:
    try:
        with open(path, encoding="utf-8") as handle:
            content = json.load(handle)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as exc:
        raise ValueError(
            f"The gate's file {path} can't be read ({exc}); restore it, or begin a rollout of another name."
        ) from exc
    if not isinstance(content, dict) or content.get("format", FORMAT) != FORMAT:
        raise ValueError(
            f"The gate's file {path} is of another version of this collection; begin a rollout of another name."
        )
    return content


def _write(path: str, content: Mapping[str, object]) -> None:
    replace_file(path, (json.dumps(content, ensure_ascii=True, indent=1) + "\n").encode("ascii"))


def _append(path: str, entry: Plain) -> None:
    line = (json.dumps(entry, ensure_ascii=True, sort_keys=True) + "\n").encode("ascii")
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)
    except OSError as exc:
        raise ValueError(f"The gate's file {path} can't be written: {exc.strerror}.") from exc


def replace_file(path: str, content: bytes) -> None:
    """Write a file in one step: a reader sees the old one or the new one. Raises ValueError."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        atomic.replace_file(path, content, atomic.READABLE)
    except OSError as exc:
        raise ValueError(
            f"The gate's file {path} can't be written: {exc.strerror}; without it the rollout has no memory, so it "
            "stops."
        ) from exc
