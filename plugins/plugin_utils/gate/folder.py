# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of a rollout: one file a host, one for the rollout, the decision, and a trail to which lines are only
added.

A host's file is written by the one worker that looks at the host, or by the one task that decides, never by both at
once.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from .before_after import UPTIME_REACH
from .host_record import HostRecord, Look, Records
from .json_files import FORMAT, Plain, add_line, file_name, read_json, read_lines, replace_file, write_json
from .migration import HOST_FORMAT
from .rollout_record import RolloutRecord
from .stored_form import (
    earlier_looks,
    host_document,
    host_record,
    look_document,
    look_of,
    rollout_document,
    rollout_record,
)

MAXIMUM_EARLIER = 6
_HOST_FORMATS = range(1, HOST_FORMAT + 1)
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


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

    def read_rollout(self) -> RolloutRecord | None:
        """Return the record of the rollout, or None before it has begun."""
        where = self.kept_elsewhere()
        if where is not None:
            raise ValueError(
                f"The state of the rollout {self.rollout} is in the history {where}, and this run was not told of it; "
                f"give kernel_mem_audit_history as the runs before did. Where that history is lost for good, begin a "
                "rollout of another name."
            )
        path = os.path.join(self.path, "rollout.json")
        found = read_json(path)
        return None if found is None else rollout_record(found, f"The gate's file {path}")

    def kept_elsewhere(self) -> str | None:
        """Return the name of the history that has the state of this rollout; None where it is in this folder."""
        found = read_json(os.path.join(self.path, "kept_in.json"))
        return None if found is None else str(found.get("history") or "of the runs before")

    def note_elsewhere(self, history: str) -> None:
        """Note that the state is in a history, so that a run that is not told of it does not begin anew."""
        if self.kept_elsewhere() != history:
            write_json(os.path.join(self.path, "kept_in.json"), {"format": FORMAT, "history": history})

    def write_rollout(self, record: RolloutRecord) -> None:
        """Replace the record of the rollout."""
        write_json(os.path.join(self.path, "rollout.json"), {"format": FORMAT, **rollout_document(record)})

    def read_host(self, host: str) -> HostRecord:
        """Return what is known of a host in this rollout; one that is only planned where nothing is."""
        path = self._host_path("hosts", host)
        found = read_json(path, _HOST_FORMATS)
        return HostRecord(host) if found is None else host_record(found, host, f"The gate's file {path}")

    def read_hosts(self, hosts: Iterable[str]) -> Records:
        """Return what is known of each host."""
        return {host: self.read_host(host) for host in hosts}

    def all_hosts(self) -> list[HostRecord]:
        """Return what is known of every host that has a file, whether or not it is a target."""
        found = [(path, read_json(path, _HOST_FORMATS) or {}) for path in self._files("hosts")]
        return [host_record(one, str(one.get("host")), f"The gate's file {path}") for path, one in found]

    def write_host(self, record: HostRecord) -> None:
        """Replace what is known of a host."""
        write_json(self._host_path("hosts", record.host), host_document(record))

    def keep_look(self, host: str, one: Look) -> None:
        """Keep a look at a host until a phase that runs once takes it into the host's record: so no worker opens a
        store for it.
        """
        write_json(self._host_path("looks", host), {"format": FORMAT, "host": host, "look": look_document(one)})

    def kept_looks(self) -> dict[str, Look]:
        """Return the looks that were not taken into a record yet, by host."""
        kept = {}
        for path in self._files("looks"):
            found = read_json(path) or {}
            kept[str(found.get("host"))] = look_of(found, f"The gate's file {path}")
        return kept

    def drop_looks(self, hosts: Iterable[str]) -> None:
        """Forget the looks that were taken into records."""
        for host in hosts:
            try:
                os.unlink(self._host_path("looks", host))
            except FileNotFoundError:
                continue
            except OSError as exc:
                raise ValueError(f"The gate's file of {host} can't be removed: {exc.strerror}.") from exc

    def write_decision(self, decision: Plain) -> str:
        """Replace ``decision.json`` and return its path."""
        path = os.path.join(self.path, "decision.json")
        write_json(path, decision)
        if self.told is not None:
            told = {name: decision[name] for name in ("decision", "phase", "sentence")}
            add_line(self.told, {"path": path, **told})
        return path

    def read_decision(self) -> Plain | None:
        """Return the last decision, or None."""
        return read_json(os.path.join(self.path, "decision.json"))

    def write_text(self, path: str, text: str) -> None:
        """Write another output, such as a JUnit file."""
        replace_file(path, text.encode("utf-8"))

    def add_to_trail(self, entry: Plain) -> None:
        """Add one line to the audit trail, which is never rewritten."""
        add_line(os.path.join(self.path, "trail.jsonl"), entry)

    def read_trail(self) -> list[Plain]:
        """Return the lines of the audit trail, the oldest first; none where there is no trail."""
        return read_lines(os.path.join(self.path, "trail.jsonl"))

    def earlier(self, host: str) -> list[Plain]:
        """Return the earlier looks at a host of all rollouts, for comparisons at equal uptime."""
        path = self._earlier_path(host)
        return earlier_looks((read_json(path) or {}).get("looks") or [], f"The gate's file {path}")

    def add_earlier(self, host: str, one: Plain) -> None:
        """Keep a look at a host for the next rollout, the last six and one for each boot and about the same uptime."""
        kept = self.earlier(host)
        if one["uptime_seconds"] is None or any(_is_alike(look, one) for look in kept):
            return
        looks = [*kept, dict(one)][-MAXIMUM_EARLIER:]
        write_json(self._earlier_path(host), {"format": FORMAT, "host": host, "looks": looks})

    def _files(self, folder: str) -> list[str]:
        path = os.path.join(self.path, folder)
        try:
            return sorted(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".json"))
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise ValueError(f"The gate's folder {path} can't be read: {exc.strerror}.") from exc

    def _host_path(self, folder: str, host: str) -> str:
        return os.path.join(self.path, folder, f"{file_name(host)}.json")

    def _earlier_path(self, host: str) -> str:
        return os.path.join(self.base, "earlier", f"{file_name(host)}.json")


def _is_alike(one: Plain, other: Plain) -> bool:
    reach = UPTIME_REACH * other["uptime_seconds"]
    return bool(one["boot_id"] == other["boot_id"] and abs(one["uptime_seconds"] - other["uptime_seconds"]) <= reach)
