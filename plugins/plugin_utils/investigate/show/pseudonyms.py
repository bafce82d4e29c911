# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that say nothing in place of names that say something: of hosts, commands, units, control groups, devices."""

from __future__ import annotations

from collections.abc import Mapping

from ..checking import Plain, mapping, sequence

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

    def readings(self, readings: Mapping[str, Plain]) -> dict[str, Plain]:
        """Return the readings of a host with pseudonyms, and without what tells which host it is."""
        told = {**readings, "watch": self._watch(readings["watch"]), "look": self._look(readings["look"])}
        if "trace" in readings:
            traces = sequence(readings["trace"]["traces"], "traces")
            told["trace"] = {
                **readings["trace"],
                "traces": [self._trace(mapping(trace, "a trace")) for trace in traces],
            }
        return told

    def _watch(self, watch: Plain) -> Plain:
        told = {**watch, "machine": {**mapping(watch["machine"], "machine"), "boot_id": None}}
        for part in ("growing", "largest"):
            told[part] = {
                kind: [self._row(kind, sequence(row, kind)) for row in sequence(rows, kind)]
                for kind, rows in mapping(watch[part], part).items()
            }
        return told

    def _row(self, kind: str, row: list[object]) -> list[object]:
        return [self._name(kind, str(row[0])), *row[1:]]

    def _name(self, kind: str, name: str) -> str:
        if kind in OF_PROCESSES:
            pid, _space, command = name.partition(" ")
            return f"{pid} {self.command(command)}"
        if kind in OF_COMMANDS:
            return self.command(name)
        if kind == "group":
            return "/".join(self._of("group", part) if part else "" for part in name.split("/"))
        return name

    def _look(self, look: Plain) -> Plain:
        tracing = mapping(look["tracing"], "tracing")
        return {
            **look,
            "processes": {
                pid: self._process(mapping(process, "a process"))
                for pid, process in mapping(look["processes"], "processes").items()
            },
            "descriptors": {
                pid: self._held(mapping(held, "descriptors"))
                for pid, held in mapping(look["descriptors"], "descriptors").items()
            },
            "tracing": {**tracing, "root": "tracefs" if tracing["root"] else None},
        }

    def _held(self, held: Plain) -> Plain:
        kinds = mapping(held["kinds"], "kinds")
        return {**held, "kinds": {self._kind(kind): sums for kind, sums in kinds.items()}}

    def _kind(self, kind: str) -> str:
        return f"device {self._of('device', kind[7:])}" if kind.startswith("device ") else kind

    def _process(self, process: Plain) -> Plain:
        told = dict(process)
        for field in ("command", "parent_command"):
            if told.get(field):
                told[field] = self.command(str(told[field]))
        if told.get("unit"):
            told["unit"] = self._of("unit", str(told["unit"]))
        return told

    def _trace(self, trace: Plain) -> Plain:
        if not trace["result"]:
            return trace
        result = mapping(trace["result"], "result")
        sites = [mapping(site, "a site") for site in sequence(result["sites"], "sites")]
        return {
            **trace,
            "result": {
                **result,
                "sites": [{**site, "who": self._who(mapping(site["who"], "who"))} for site in sites],
                "who": self._who(mapping(result["who"], "who")),
            },
        }

    def _who(self, who: Plain) -> Plain:
        processes = sequence(who["processes"], "processes")
        return {
            **who,
            "processes": [self._process(mapping(process, "a process")) for process in processes],
            "command": self.command(str(who["command"])) if who["command"] else who["command"],
        }
