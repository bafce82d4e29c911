# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a trace, understood by the ``format`` files of the kernel that wrote them.

Text is read as Latin-1, so that a command of the host takes its 16 columns whatever its bytes are. This file is sent to
hosts as source, opens nothing and imports nothing but ``re``.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

# "          bash-1234    [001] d..1.  123.456789: kmalloc: call_site=..."; the command may hold anything.
LINE = re.compile(r"^(.{16})-(\d+)\s+(?:\([-\d\s]+\)\s+)?\[(\d+)\]\s+(\S+)\s+(\d+\.\d+): (.*)$")
FRAME = re.compile(r"^ => ([\w.$]+)(?:\+0x[0-9a-f]+(?:/0x[0-9a-f]+)?)?((?: \[[\w-]+\])?)\s*$")
PLACE = re.compile(r"%[-+ #0-9.]*(?:hh|h|ll|l|z|t)?(p[A-Za-z]{0,4}|[a-zA-Z])")
NAME = re.compile(r"(\w+)(?:=|: ?)(?:0x)?$")
# The third sign of the flags: in an interrupt, where the process that runs has nothing to do with it.
INTERRUPTED = frozenset("hHsZz")


class Form:
    """How one event is printed: a pattern made of its ``print fmt``."""

    def __init__(self, printed):
        self.names, pattern, end = [], "", 0
        for place in PLACE.finditer(printed):
            before = printed[end : place.start()]
            named = NAME.search(before)
            self.names.append(named.group(1) if named else "")
            # A command, the name of a cache and a function with its module may hold spaces; a number can't. What is
            # printed as hexadecimal keeps its sign, since another event may print the same number otherwise.
            loose = place.group(1) == "s" or place.group(1)[1:2] in ("S", "s", "F", "f", "B")
            sign = "0x" if before[-2:] == "0x" else ""
            pattern += re.escape(before[: len(before) - len(sign)]) + ("(.*?)" if loose else "(" + sign + r"\S+)")
            end = place.end()
        self.pattern = re.compile("^" + pattern + re.escape(printed[end:]) + r"\s*$")

    def values(self, text):
        """Return ``{name: text}`` of one event's text, or None where it is not of this form."""
        found = self.pattern.match(text)
        return {name: found.group(place) for place, name in enumerate(self.names, 1)} if found else None


def event(line):
    """Return (command, thread, cpu, whether in an interrupt, seconds, text) of a line, or None: it is no event."""
    found = LINE.match(line)
    if not found:
        return None
    command, thread, cpu, flags, moment, text = found.groups()
    return command.lstrip(" "), int(thread), int(cpu), flags[2:3] in INTERRUPTED, float(moment), text


def frame(line):
    """Return the function (with its module, where it is of one) in a line of a stack, or None."""
    found = FRAME.match(line)
    return found.group(1) + found.group(2) if found else None


def address(text):
    """Return what names an allocation: an address, the number of a page or of a thread, however it is printed."""
    try:
        return int(text, 16 if text[:2] == "0x" else 10)
    except ValueError:
        return text
