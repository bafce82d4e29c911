# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that say nothing in place of names that say something: of hosts, commands, units, control groups, devices."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

OF_PROCESSES = ("page_tables", "pinned", "threads", "descriptors")
OF_COMMANDS = ("command_page_tables", "command_processes", "command_threads", "command_descriptors")
IN_INTERRUPT = "interrupt"


class Pseudonyms:
    """One set of names; the same name has the same pseudonym everywhere."""

    def __init__(self) -> None:
        self._given: dict[str, dict[str, str]] = {}

    def meant(self) -> dict[str, dict[str, str]]:
        """Return the real name of each pseudonym, by kind."""
        return {kind: {new: old for old, new in names.items()} for kind, names in self._given.items()}

    def _of(self, kind: str, name: str) -> str:
        given = self._given.setdefault(kind, {})
        return given.setdefault(name, f"{kind}-{len(given) + 1}")

    def host(self, name: str) -> str:
        """Return a host's pseudonym."""
        return self._of("host", name)

    def command(self, name: str) -> str:
        """Return a command's pseudonym; threads of the kernel keep their names, which the kernel gave them."""
        return name if name.startswith("[") or name == IN_INTERRUPT else self._of("process", name)

    def readings(self, readings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the readings of a host with pseudonyms, and without what tells which host it is."""
        told = copy.deepcopy(dict(readings))
        told["watch"]["machine"]["boot_id"] = None
        for part in ("growing", "largest"):
            for kind, rows in told["watch"][part].items():
                for row in rows:
                    row[0] = self._row(kind, row[0])
        look = told["look"]
        look["processes"] = {pid: self._process(process) for pid, process in look["processes"].items()}
        for held in look["descriptors"].values():
            held["kinds"] = {self._kind(kind): sums for kind, sums in held["kinds"].items()}
        look["tracing"]["root"] = "tracefs" if look["tracing"]["root"] else None
        for trace in told.get("trace", {}).get("traces", ()):
            if trace["result"]:
                for entry in (*trace["result"]["sites"], trace["result"]):
                    entry["who"] = self._who(entry["who"])
        return told

    def _row(self, kind: str, name: str) -> str:
        if kind in OF_PROCESSES:
            pid, _space, command = name.partition(" ")
            return f"{pid} {self.command(command)}"
        if kind in OF_COMMANDS:
            return self.command(name)
        return (
            "/".join(self._of("group", part) if part else "" for part in name.split("/")) if kind == "group" else name
        )

    def _kind(self, kind: str) -> str:
        return f"device {self._of('device', kind[7:])}" if kind.startswith("device ") else kind

    def _process(self, process: Mapping[str, Any]) -> dict[str, Any]:
        told = dict(process)
        for field in ("command", "parent_command"):
            if told.get(field):
                told[field] = self.command(told[field])
        if told.get("unit"):
            told["unit"] = self._of("unit", told["unit"])
        return told

    def _who(self, who: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **who,
            "processes": [self._process(process) for process in who["processes"]],
            "command": self.command(who["command"]) if who["command"] else who["command"],
        }
