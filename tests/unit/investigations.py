# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host answers to the questions of an investigation, made by hand: a healthy host, to which a test adds what
grows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.answer import Answer
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.asking import Asked, understood
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.document import (
    failed_document,
    host_document,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.settings import Settings
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.shapes import HostShape
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.whole import investigation
from ansible_collections.fleetaudit.kernel_memory.tests.unit.trace_formats import PRINTED, fields

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
WINDOWS, SECONDS = 4, 4.0
TIMES = [place * SECONDS for place in range(WINDOWS + 1)]
AT = "2026-11-24T12:00:00Z"
SETTINGS = Settings()

Plain = dict[str, Any]


def ramp(per_second: float, start: float = 0.0) -> list[float]:
    """Values that grow evenly."""
    return [start + per_second * moment for moment in TIMES]


def flat(value: float) -> list[float]:
    """Values that do not."""
    return [value] * len(TIMES)


def watch(growing: Mapping[str, Mapping[str, float]] | None = None, **memory: Sequence[float]) -> Plain:
    """The answer to question 1.

    *growing* has bytes or objects a second by kind and name; *memory* the values of counters of meminfo, of which a
    rise is taken off what is free.
    """
    counters = {
        "MemTotal": flat(16 * GIB),
        "MemFree": flat(8 * GIB),
        "Buffers": flat(64 * MIB),
        "Cached": flat(4 * GIB),
        "SwapCached": flat(0),
        "AnonPages": flat(2 * GIB),
        "Slab": flat(600 * MIB),
        "SReclaimable": flat(400 * MIB),
        "SUnreclaim": flat(200 * MIB),
        "KernelStack": flat(8 * MIB),
        "PageTables": flat(30 * MIB),
        "VmallocUsed": flat(40 * MIB),
        "VmallocChunk": flat(0),
        "Percpu": flat(4 * MIB),
        "socket buffers": flat(MIB),
        "per-CPU lists": flat(10 * MIB),
    }
    taken = flat(0)
    for name, values in memory.items():
        name = name.replace("_", " ")
        # Stacks lie in vmalloc memory, so that what is free falls once.
        if not (name == "KernelStack" and "VmallocUsed" in memory):
            taken = [old + new - values[0] for old, new in zip(taken, values, strict=True)]
        if name in ("SUnreclaim", "SReclaimable"):
            counters["Slab"] = [old + new - values[0] for old, new in zip(counters["Slab"], values, strict=True)]
        if name != "unaccounted":
            counters[name] = list(values)
    counters["MemFree"] = [free - size for free, size in zip(counters["MemFree"], taken, strict=True)]
    kinds = growing or {}
    return {
        "question": "watch",
        "times": TIMES,
        "took": 0.1,
        "memory": counters,
        "growing": {kind: [[name, ramp(rate, 1000)] for name, rate in rows.items()] for kind, rows in kinds.items()},
        "largest": {"cache": [["dentry", 300 * MIB]], "caller": []},
        "seen": {"cache": 150, "caller": 40, "threads": 120, "descriptors": 120},
        "listed": False,
        "errors": {"proc/allocinfo": "ENOENT"},
        "python": "3.9.18",
        "machine": {
            "kernel": "5.14.0-570.el9.x86_64",
            "build": "Linux version 5.14.0-570.el9.x86_64",
            "architecture": "x86_64",
            "page_bytes": 4096,
            "cpus": 8,
            "boot_id": "2f1b6f6e-0000-4000-8000-000000000001",
            "taint": 0,
            "modules": [["ext4", ""], ["nf_tables", ""]],
            "user": 0,
            "load": ["0.50", "0.40", "0.30", "1/512"],
            "contained": False,
        },
    }


def look(
    *,
    caches: Mapping[str, Plain] | None = None,
    descriptors: Mapping[int, Mapping[str, Mapping[str, int]]] | None = None,
    processes: Mapping[int, Plain] | None = None,
    sockets: Mapping[str, int] | None = None,
    tracing: str | None = "6.18",
    profiling: str | None = None,
) -> Plain:
    """The answer to question 3; *tracing* is the kernel whose trace events the host has, or None."""
    events = PRINTED[tracing] if tracing else {}
    return {
        "question": "look",
        "caches": {
            name: {"object_bytes": 2048, "reclaimable": False, "aliases": [], **told}
            for name, told in (caches or {}).items()
        },
        "descriptors": {
            str(pid): {"kinds": {kind: dict(sums) for kind, sums in kinds.items()}, "reason": None}
            for pid, kinds in (descriptors or {}).items()
        },
        "sockets": dict(sockets or {}),
        "processes": {str(pid): {**process("x", pid), **told} for pid, told in (processes or {}).items()},
        "profiling": profiling,
        "tracing": {
            "root": "/sys/kernel/tracing" if tracing else None,
            "reason": None if tracing else "not_mounted",
            "lockdown": None,
            "events": {name: {"fields": fields(text), "printed": text} for name, text in events.items()},
        },
        "errors": {},
        "python": "3.9.18",
    }


def process(command: str, pid: int, **told: Any) -> Plain:
    """A process as a host describes it."""
    return {
        "pid": pid,
        "command": command,
        "user": 0,
        "unit": "capture.service",
        "parent": 1,
        "parent_command": "systemd",
        **told,
    }


LEAKER = process("leaker", 4242)
"""The one who is to be found."""


def site(stack: Sequence[str], size: float, who: Sequence[tuple[Plain, float]]) -> Plain:
    """A place of a trace."""
    commands: dict[str, float] = {}
    for one, amount in who:
        commands[one["command"]] = commands.get(one["command"], 0.0) + amount
    command = max(commands, key=lambda name: commands[name]) if commands else None
    return {
        "stack": list(stack),
        "bytes": size,
        "objects": 10,
        "who": {
            "processes": [{**one, "bytes": amount} for one, amount in who],
            "number": len(who),
            "command": command,
            "command_bytes": commands.get(command or "", 0),
        },
    }


def trace(
    dimension: str,
    sites: Sequence[Plain],
    *,
    lost: int = 0,
    seconds: float = 2.0,
    functions: Sequence[tuple[str, float]] = (),
) -> Plain:
    """The answer to question 4 of one dimension; *seconds* is half of its length."""
    total = sum(one["bytes"] for one in sites)
    everybody: dict[int, tuple[Plain, float]] = {}
    for one in sites:
        for who in one["who"]["processes"]:
            known = {key: value for key, value in who.items() if key != "bytes"}
            everybody[who["pid"]] = (known, everybody.get(who["pid"], (known, 0.0))[1] + who["bytes"])
    return {
        "dimension": dimension,
        "on": ["kmem/kmalloc if (bytes_alloc == 2048)", "kmem/kfree"],
        "entries": 40000,
        "lost": lost,
        "kept": 1,
        "seconds": 2 * seconds,
        "events_a_second": 10000,
        "late": False,
        "removed": True,
        "result": {
            "total_bytes": total,
            "half_seconds": seconds,
            "sites": list(sites),
            "functions": [[name, size, place] for place, (name, size) in enumerate(functions)],
            "who": site((), total, list(everybody.values()))["who"],
        },
    }


def traced(*traces: Plain, refused: Sequence[object] | None = None) -> Plain:
    """The answer to question 4."""
    return {"question": "trace", "refused": refused, "traces": list(traces), "errors": {}}


def readings(watched: Plain, looked: Plain | None = None, trace_answer: Plain | None = None) -> dict[str, Plain]:
    """All answers of a host."""
    told = {"watch": watched, "look": looked or look()}
    return told | ({"trace": trace_answer} if trace_answer else {})


def asked(*answers: Plain | None, settings: Settings = SETTINGS) -> Asked:
    """What is made of the answers of a host."""
    watched, looked, trace_answer = (*answers, None, None)[:3]
    assert watched is not None
    return understood(readings(watched, looked, trace_answer), settings)


def answer(*answers: Plain | None, settings: Settings = SETTINGS) -> Answer:
    """The answer of a host."""
    return asked(*answers, settings=settings).answer


def host_of(name: str, told: Asked, role: str = "asked", settings: Settings = SETTINGS) -> HostShape:
    """A host's document."""
    return host_document(name, told, settings, transport="lean", at=AT, seconds=21.4, role=role)


def document(name: str, told: Asked, role: str = "asked", settings: Settings = SETTINGS) -> Plain:
    """The same as plain data, which a test may change."""
    return {**host_of(name, told, role, settings)}


def packet_rings() -> tuple[Plain, Plain, Plain]:
    """A host on which tcpdump takes more and more rings, traced."""
    who = process("tcpdump", 4242)
    return (
        watch({"descriptors": {"4242 tcpdump": 0.8}}, unaccounted=ramp(3.1 * MIB)),
        look(descriptors={4242: {"socket (packet)": {"count": 9}}}, processes={4242: who}),
        traced(
            trace(
                "unaccounted",
                [
                    site(["packet_set_ring", "packet_setsockopt"], 6.08 * MIB, [(who, 6.08 * MIB)]),
                    site(["other"], 0.12 * MIB, [(process("cc1", 9), 0.12 * MIB)]),
                ],
            )
        ),
    )


def three_hosts() -> Plain:
    """The investigation of a sick, a healthy and a lost host."""
    told = packet_rings()
    told[0]["growing"]["group"] = [["/app.slice/capture.service", told[0]["growing"]["descriptors"][0][1]]]
    hosts = [
        host_of("web1.example", asked(*told), "sick"),
        host_of("web2.example", asked(watch()), "healthy"),
        failed_document("web3.example", "unreachable", "No route to web3.example.", "sick"),
    ]
    notes = ["1 host with findings is not here: web9.example."]
    return {**investigation(hosts, at=AT, audit_run_id="run-7", notes=notes)}


def sick(name: str) -> Plain:
    """A host with packet rings."""
    return document(name, asked(*packet_rings()), "sick")


def healthy(name: str) -> Plain:
    """A host on which nothing grows."""
    return document(name, asked(watch()), "healthy")


def page_tables(name: str, command: str, role: str = "sick") -> Plain:
    """A host on which the page tables of a process grow."""
    told = asked(
        watch({"page_tables": {f"7 {command}": MIB}}, PageTables=ramp(MIB)), look(processes={7: process(command, 7)})
    )
    return document(name, told, role)


def lost(name: str) -> Plain:
    """A host that gave no answer."""
    return {**failed_document(name, "unreachable", "No route to host."), "role": "sick"}


def whole(*hosts: Any) -> Plain:
    """All of them."""
    return {**investigation(hosts, at=AT)}
