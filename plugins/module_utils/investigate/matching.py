# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Match the allocations of a trace with what freed them: what was allocated in its first half and is there at its end.

This file is sent to hosts as source and opens nothing.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .trace_text import Form, address, event, frame

MOST_RECORDS = 400000
DEEP = 24
FRAMES = 4
SITES = 8
FUNCTIONS = 16
IN_INTERRUPT = "interrupt"


class Matcher:
    """Takes the lines of a trace one by one.

    Parameters: events, ``{event's last name: {role, key, size, printed}}``; role is ``alloc`` or ``free``; size says
    how many bytes an allocation is (see :meth:`_size`); scale, by what sampled sizes are multiplied; noise, a pattern
    of functions that say nothing (allocators and entries); leave_out and keep, patterns: a stack with a function of
    the first, or without one of the second, is counted elsewhere (empty: all count).
    """

    def __init__(self, events, scale, page_bytes, noise, leave_out, keep):
        self.events, self.scale, self.page_bytes = events, scale, page_bytes
        self.forms = {name: Form(events[name]["printed"]) for name in events}
        self.noise = re.compile(noise)
        self.leave_out = re.compile(leave_out) if leave_out else None
        self.keep = re.compile(keep) if keep else None
        # Each record: seconds, bytes, number of its stack, who, its call site, when it was freed.
        self.records, self.live, self.waiting = [], {}, {}
        self.stacks, self.numbers = [()], {(): 0}
        self.frames, self.frames_of = None, None
        self.first = self.last = None
        self.last_of_cpu, self.read, self.not_read = {}, 0, 0

    def take(self, line):
        """Take one line."""
        if line[:4] == " => ":
            name = frame(line)
            if name and self.frames is not None and len(self.frames) < DEEP:
                self.frames.append(name)
            return
        self._end_stack()
        found = event(line)
        if not found:
            return
        command, thread, cpu, interrupted, moment, text = found
        self.first = moment if self.first is None else self.first
        self.last = self.last_of_cpu[cpu] = moment
        if text.rstrip() == "<stack trace>":
            # The stack of the allocation before it on the same CPU; lines of other CPUs may stand between.
            self.frames, self.frames_of = [], self.waiting.pop(cpu, None)
            return
        name, _colon, rest = text.partition(": ")
        told = self.events.get(name)
        values = self.forms[name].values(rest) if told else None
        if values is None or told["key"] not in values:
            self.not_read += 1
            return
        self.read += 1
        key = address(values[told["key"]])
        self._free(key, moment)
        if told["role"] == "alloc" and len(self.records) < MOST_RECORDS:
            who = (IN_INTERRUPT, 0) if interrupted else (command, thread)
            record = [moment, self._size(told, values), 0, who, values.get("call_site", ""), None]
            self.live[key] = self.waiting[cpu] = record
            self.records.append(record)

    def _end_stack(self):
        if self.frames is not None and self.frames_of is not None:
            stack = tuple(self.frames)
            if stack not in self.numbers:
                self.numbers[stack] = len(self.stacks)
                self.stacks.append(stack)
            self.frames_of[2] = self.numbers[stack]
        self.frames = self.frames_of = None

    def _free(self, key, moment):
        """Also before an allocation: what had this address before must be gone, seen or not."""
        record = self.live.pop(key, None)
        if record is not None:
            record[5] = moment

    def _size(self, told, values):
        """Return how many bytes an allocation stands for: ``field`` bytes ``times`` so many, pages of an ``order``, or
        always so many ``bytes``; where the addresses are a sample, times the scale.
        """
        size = told["size"]
        if "order" in size:
            order = address(values.get(size["order"], "0"))
            pages = 1 << (order if isinstance(order, int) and 0 <= order < 64 else 0)
            return pages * self.page_bytes * (self.scale if pages == 1 else 1)
        if "field" in size:
            told_size = address(values.get(size["field"], "0"))
            return (told_size if isinstance(told_size, int) else 0) * size.get("times", 1) * self.scale
        return size["bytes"] * self.scale

    def result(self, lost_cpus):
        """Return what was allocated in the first half of the trace and was not freed.

        Parameters: lost_cpus, the CPUs that lost events: after the last event of one, frees may be missing, so
        nothing after it is looked at.

        The result: total_bytes; half_seconds; sites, the largest first, each with stack (functions, the innermost
        first), bytes, objects and who (``[[command, thread, bytes]]``); functions, ``[[name, bytes, depth]]``, those
        that lie in most stacks; who, of all sites.
        """
        self._end_stack()
        ends = [self.last_of_cpu[cpu] for cpu in lost_cpus if cpu in self.last_of_cpu]
        end = min(ends + [self.last if self.last is not None else 0.0])
        half = max(0.05, (end - (self.first or 0.0)) / 2)
        found = Survivors()
        for moment, size, number, who, call_site, freed in self.records:
            if moment > (self.first or 0.0) + half or moment > end or (freed is not None and freed <= end):
                continue
            functions = self._functions(number, call_site)
            if functions is not None:
                found.add(functions, size, who)
        return dict(found.result(), half_seconds=round(half, 3))

    def _functions(self, number, call_site):
        """Return the functions that say something of a stack; None where it is counted elsewhere."""
        stack = self.stacks[number]
        if self.leave_out and [name for name in stack if self.leave_out.search(name)]:
            return None
        if self.keep and not [name for name in stack if self.keep.search(name)]:
            return None
        told = tuple([name for name in stack if not self.noise.search(name)])
        return told or (call_site.partition("+")[0] or "unknown",)


class Survivors:
    """What was not freed, by site, by function and by who made it."""

    def __init__(self):
        self.total, self.sites, self.functions, self.who = 0, {}, {}, {}

    def add(self, functions, size, who):
        """Add an allocation, by the functions of its stack."""
        self.total += size
        self.who[who] = self.who.get(who, 0) + size
        site = self.sites.setdefault(functions[:FRAMES], [0, 0, {}])
        site[0] += size
        site[1] += 1
        site[2][who] = site[2].get(who, 0) + size
        for depth, name in enumerate(functions):
            entry = self.functions.setdefault(name, [0, 0, 0, None])
            # A function that stands in a stack twice counts once, where it is first.
            if entry[3] is not functions:
                self.functions[name] = [entry[0] + size, entry[1] + depth, entry[2] + 1, functions]

    def result(self):
        """Return the sums, the largest first."""
        most = sorted(self.sites, key=lambda name: (-self.sites[name][0], name))[:SITES]
        common = [name for name in self.functions if 2 * self.functions[name][0] >= self.total]
        return {
            "total_bytes": self.total,
            "sites": [
                {
                    "stack": list(name),
                    "bytes": self.sites[name][0],
                    "objects": self.sites[name][1],
                    "who": _ordered(self.sites[name][2]),
                }
                for name in most
            ],
            "functions": sorted(
                [
                    [name, self.functions[name][0], round(self.functions[name][1] / self.functions[name][2], 2)]
                    for name in common
                ],
                key=lambda entry: (entry[2], entry[0]),
            )[:FUNCTIONS],
            "who": _ordered(self.who),
        }


def _ordered(who):
    return [[key[0], key[1], who[key]] for key in sorted(who, key=lambda key: (-who[key], key))]
