# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Question 1: several readings some seconds apart, reduced to what became more and to what is most.

Nothing is judged here: which growth counts is decided on the controller. This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import time

from .counters import system
from .groups import groups
from .processes import processes

GROWING = 40
LARGEST = 8
NAME = 200


def watch(host, windows, seconds):
    """Return *windows* + 1 readings, *seconds* apart.

    The result: times, seconds since the first reading; memory, ``{counter: values}``; growing and largest,
    ``{kind: [[name, values]]}``, the rows that grew most and those that were most at the end; seen, how many names a
    kind had; listed, whether descriptors were counted by listing them; errors, why what could not be read.
    """
    own, readings, times, listed = _own_processes(host), [], [], False
    for place in range(windows + 1):
        if place:
            time.sleep(max(0.0, times[0] + place * seconds - host.clock()))
        times.append(host.clock())
        reading = system(host)
        told, one_by_one = processes(host, own)
        listed = listed or one_by_one
        reading.update(told, group=groups(host))
        readings.append(reading)
    result = reduce_readings(readings)
    result["times"] = [round(moment - times[0], 3) for moment in times]
    result["took"] = round(host.clock() - times[-1], 3)
    result["listed"] = listed
    return result


def reduce_readings(readings):
    """Return memory, growing, largest and seen of *readings*, each a dict ``{kind: {name: value}}``."""
    growing, largest, seen = {}, {}, {}
    for kind in readings[-1]:
        names = set()
        for reading in readings:
            names.update(reading[kind])
        rows = [[name[:NAME], [reading[kind].get(name, 0) for reading in readings]] for name in names]
        seen[kind] = len(rows)
        if kind == "memory":
            memory = dict(rows)
            continue
        more = sorted([row for row in rows if row[1][-1] > row[1][0]], key=lambda row: (row[1][0] - row[1][-1], row[0]))
        growing[kind] = more[:GROWING]
        most = sorted([row for row in rows if row[1][-1] > 0], key=lambda row: (-row[1][-1], row[0]))
        largest[kind] = [[row[0], row[1][-1]] for row in most[:LARGEST]]
    return {"memory": memory, "growing": growing, "largest": largest, "seen": seen}


def _own_processes(host):
    """Return the numbers of this process and of the next three that it was started by: they are the reader."""
    own, pid = set(), host.own_number()
    while pid > 1 and len(own) < 4:
        own.add(pid)
        told = host.text("proc/%d/stat" % pid, 1024).rpartition(")")[2].split()
        pid = int(told[1]) if len(told) > 1 and told[1].isdigit() else 0
    return own
