# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Question 4: trace what grows, for some seconds, in a private instance, and say what was not freed by whom.

What to trace was decided on the controller; here the kernel's answers are taken into account: which filters it knows,
and how many events there are. This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import time

from . import tracefs
from .files import PAGE, number
from .identity import process
from .instance import Instance, Refused
from .matching import IN_INTERRUPT, Matcher

TOTAL_KIB = 64 << 10
# What a new instance takes for each CPU before it can be made smaller.
FIRST_KIB = 1500
MOST_THINNED = 255
PROBE_SECONDS = 0.3
PROBE_KIB = 1024
WHO = 4


def refusal(host, bounds):
    """Return why this host must not be traced now, as ``[reason, figure, bound]``, or None.

    Parameters: bounds, a dict with load_per_cpu, pressure_percent and available_percent.
    """
    cpus = host.cpus()
    load = _figure(host.text("proc/loadavg", 64))
    if load > bounds["load_per_cpu"] * cpus:
        return ["load", round(load / cpus, 2), bounds["load_per_cpu"]]
    for line in host.text("proc/pressure/memory", 512).splitlines():
        if line[:5] == "some ":
            pressure = _figure(line.partition("avg10=")[2])
            if pressure > bounds["pressure_percent"]:
                return ["pressure", pressure, bounds["pressure_percent"]]
    sizes = {}
    for words in host.rows("proc/meminfo", 0):
        sizes[words[0].rstrip(":")] = number(words[1]) if len(words) > 1 else 0
    available = sizes.get("MemAvailable", sizes.get("MemFree", 0))
    share = 100.0 * available / max(sizes.get("MemTotal", 0), 1)
    if share < bounds["available_percent"]:
        return ["memory", round(share, 1), bounds["available_percent"]]
    if available < 8 * FIRST_KIB * cpus:
        return ["memory_for_cpus", available, 8 * FIRST_KIB * cpus]
    return None


def _figure(text):
    """Return the first word of a text as a number, 0 where it is none."""
    try:
        return float((text.split() or ["0"])[0])
    except ValueError:
        return 0.0


def trace(host, request):
    """Return refused, or traces, one for each plan of the request.

    Parameters: request, a dict with plans, seconds, events (how many at most), buffer_kib (for each CPU), bounds, noise
    (a pattern).
    """
    why = refusal(host, request["bounds"])
    if why:
        return {"refused": why, "traces": []}
    root = tracefs.mounted(host)
    if root is None:
        return {"refused": ["not_mounted", None, None], "traces": []}
    traces = []
    for plan in request["plans"]:
        try:
            traces.append(_one(host, root, plan, request))
        except Refused as error:
            return {"refused": ["instance", str(error), None], "traces": traces}
    return {"refused": None, "traces": traces}


def _one(host, root, plan, request):
    probe = Recording(host, root, plan, 0, PROBE_KIB).run(PROBE_SECONDS, request["events"])
    rate = probe["seen"] / max(probe["seconds"], 0.05)
    mask = 0
    while rate * request["seconds"] / (mask + 1) > request["events"] and mask < MOST_THINNED:
        mask = mask * 2 + 1

    def matcher(events):
        return Matcher(events, mask + 1, PAGE, request["noise"], plan["leave_out"], plan["keep"])

    recording = Recording(host, root, plan, mask, request["buffer_kib"])
    told = recording.run(request["seconds"], 2 * request["events"], matcher)
    if told["result"]:
        for entry in told["result"]["sites"] + [told["result"]]:
            entry["who"] = _who(host, entry["who"])
    return dict(told, dimension=plan["dimension"], kept=mask + 1, events_a_second=int(rate))


def _who(host, threads):
    """Return the processes of threads, the largest first, each with its bytes."""
    found = {}
    for command, thread, size in threads:
        if command == IN_INTERRUPT:
            who = {"pid": 0, "command": IN_INTERRUPT}
        else:
            who = process(host, thread) if len(found) < 64 else None
            who = who or {"pid": thread, "command": command, "gone": True}
        entry = found.setdefault((who["pid"], who["command"]), dict(who, bytes=0))
        entry["bytes"] += size
    by_command = {}
    for who in found.values():
        by_command[who["command"]] = by_command.get(who["command"], 0) + who["bytes"]
    command = max(by_command, key=lambda name: (by_command[name], name)) if by_command else None
    ordered = sorted(found.values(), key=lambda who: (-who["bytes"], who["pid"]))
    return {
        "processes": ordered[:WHO],
        "number": len(ordered),
        "command": command,
        "command_bytes": by_command.get(command, 0),
    }


class Recording:
    """One use of an instance: events on, some seconds, events off, and what the buffer says."""

    def __init__(self, host, root, plan, mask, buffer_kib):
        self.host, self.root, self.plan, self.mask = host, root, plan, mask
        self.buffer_kib = max(64, min(buffer_kib, TOTAL_KIB // host.cpus(configured=True)))
        self.on, self.events = [], {}

    def run(self, seconds, most, matcher=None):
        """Return entries, lost, seconds, on (the events with their filters), seen (entries and lost together) and,
        with a *matcher*, its result; removed, whether nothing is left.
        """
        instance = Instance(self.root, self.buffer_kib, seconds + 30)
        removed = False
        try:
            for step in self.plan["steps"]:
                self._switch_on(instance, step)
            roles = {told["role"] for told in self.events.values()}
            span = self._record(instance, seconds, most) if "alloc" in roles else 0.0
            instance.quiet()
            entries, lost = instance.counts()
            reader = matcher(self.events) if matcher and roles == {"alloc", "free"} else None
            late = self._read(instance, reader) if reader else False
            result = reader.result(sorted(lost)) if reader and not late else None
        finally:
            removed = instance.close()
        return {
            "on": self.on,
            "entries": entries,
            "lost": sum(lost.values()),
            "seen": entries + sum(lost.values()),
            "seconds": round(span, 3),
            "late": late,
            "read": reader.read if reader else 0,
            "not_read": reader.not_read if reader else 0,
            "result": result,
            "removed": removed,
        }

    def _switch_on(self, instance, step):
        """Switch an event on with the first of its filters that the kernel takes."""
        folder = "events/" + step["event"]
        told = tracefs.form(self.host, self.root, step["event"])
        if told is None:
            return
        for choice in step["filters"]:
            # The cheapest first, since the kernel stops at what does not hold; the name of a cache is the dearest.
            parts = [step["thin"]["form"] % (self.mask << step["thin"]["shift"])] if self.mask and step["thin"] else []
            parts += [choice] if choice else []
            if step["role"] == "alloc":
                parts.append("common_pid != %d" % self.host.own_number())
            text = " && ".join(parts)
            if not text or instance.put(folder + "/filter", text):
                break
        else:
            return
        if step["stack"] and not instance.put(folder + "/trigger", "stacktrace" + (" if " + text if text else "")):
            instance.put("options/stacktrace", 1)
        if instance.put(folder + "/enable", 1):
            self.on.append(step["event"] + (" if " + text if text else ""))
            name = step["event"].rpartition("/")[2]
            self.events[name] = {
                "role": step["role"],
                "key": step["key"],
                "size": step["size"],
                "printed": told["printed"],
            }

    @staticmethod
    def _record(instance, seconds, most):
        """Let the events come for some seconds; stop at the first that is lost, and where there are enough."""
        began = time.time()
        instance.put("tracing_on", 1)
        while time.time() - began < seconds:
            entries, lost = instance.counts()
            if lost or entries > most:
                break
            time.sleep(0.05)
        instance.put("tracing_on", 0)
        return time.time() - began

    def _read(self, instance, reader):
        """Give the trace to *reader*; return whether the deadline came before its end."""
        for place, line in enumerate(instance.lines()):
            if place & 1023 == 0 and self.host.clock() > self.host.end:
                return True
            reader.take(line)
        return False
