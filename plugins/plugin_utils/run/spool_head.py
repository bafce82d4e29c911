# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The head of a spool: which run it is of, which process holds it, and the command that makes the report from it.

The spool lies beside the report and goes when the report is complete. One that is found later is of a run that ended
early: what its hosts answered is still good.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from .spool import FORMAT, SpoolFile

PREFIX, SUFFIX = "kernel-memory-", ".spool"
"""What the name of a spool begins and ends with where the run chose it itself."""

MOST_SPOOLS_OF_ONE_RUN = 1000

_ENDED = ("Z", "X")  # states of a process in proc(5)
_LARGEST_PROCESS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Holder:
    """A process, so that it can be told whether it is still there. *started* is in clock ticks since the boot; where
    there is no ``/proc``, it is 0 and *boot* is empty.
    """

    machine: str
    boot: str
    process: int
    started: int

    @classmethod
    def of(cls, process: int) -> Holder:
        """Return the holder that a process of this machine is."""
        return cls(socket.gethostname(), _boot(), process, _started(process) or 0)

    def is_alive(self) -> bool | None:
        """Return whether the process is still there; of another machine nobody can tell here: None."""
        if self.machine != socket.gethostname():
            return None
        if self.boot != _boot():
            return False
        if self.started:
            return _started(self.process) == self.started
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


@dataclass(frozen=True, slots=True)
class SpoolHead:
    """What the plan of a run writes first. *keep* says that somebody chose the spool's place and wants to have it;
    *command* makes the report from it.
    """

    run_id: str
    started_at: str
    report_dir: str
    keep: bool
    command: str
    holder: Holder

    def write(self, path: str, written_at: str) -> None:
        """Append it to the spool at *path*. Raises ValueError where that fails."""
        head = asdict(self)
        entry = {"format": FORMAT, "run_id": head.pop("run_id"), "written_at": written_at, "head": head}
        SpoolFile(path).append(entry)

    @classmethod
    def read(cls, path: str) -> SpoolHead | None:
        """Return the last head of a spool, or None where it has none. Raises ValueError where it can't be read."""
        found = None
        for line in SpoolFile(path).lines(key="head"):
            if line is not None and isinstance(line.get("head"), dict):
                found = _head(line["run_id"], line["head"]) or found
        return found


def chosen_path(report_dir: str, run_id: str) -> str:
    """Return where the spool of a run lies if nobody says otherwise: beside the report's folder, under a new name.

    Where nothing can be written beside it, the spool lies inside.
    """
    beside = os.path.dirname(report_dir)
    folder = report_dir if os.path.isdir(report_dir) and not os.access(beside, os.W_OK | os.X_OK) else beside
    for number in range(1, MOST_SPOOLS_OF_ONE_RUN):
        more = f"-{number}" if number > 1 else ""
        path = os.path.join(folder, f"{PREFIX}{run_id}{more}{SUFFIX}")
        if not os.path.lexists(path):
            return path
    raise ValueError(f"The folder {folder} is full of spools of the run {run_id}; remove those that nobody needs.")


def remove_when_reported(path: str) -> str | None:
    """Remove the spool of a run whose report is complete, unless somebody wants to keep it; return why not, or None."""
    try:
        head = SpoolHead.read(path)
        if head is not None and not head.keep:
            os.unlink(path)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        return f"The report is complete, but its spool {path} could not be removed: {exc}"
    return None


def _head(run_id: str, given: Mapping[str, object]) -> SpoolHead | None:
    """Return the head that a line holds, or None where anything of it is missing or of another type."""
    started_at, report_dir, command, keep = (
        given.get(name) for name in ("started_at", "report_dir", "command", "keep")
    )
    holder = _holder(given.get("holder"))
    if (
        isinstance(started_at, str)
        and isinstance(report_dir, str)
        and isinstance(command, str)
        and isinstance(keep, bool)
        and holder is not None
    ):
        return SpoolHead(run_id, started_at, report_dir, keep, command, holder)
    return None


def _holder(given: object) -> Holder | None:
    if not isinstance(given, Mapping):
        return None
    machine, boot, process, started = (given.get(name) for name in ("machine", "boot", "process", "started"))
    # 0 and less are no process but groups of them, which the system would be asked about.
    if not isinstance(process, int) or not 0 < process <= _LARGEST_PROCESS or not isinstance(started, int):
        return None
    return Holder(machine, boot, process, started) if isinstance(machine, str) and isinstance(boot, str) else None


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def _started(process: int) -> int | None:
    """Return when a process was started, in clock ticks since the boot; None where it is not there, or has ended and
    only waits for its parent to ask how (in a container without an init nobody asks).
    """
    try:
        values = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return None if values[0] in _ENDED else int(values[19])
    except (OSError, ValueError, IndexError):
        return None
