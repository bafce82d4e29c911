# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each process makes the kernel hold: page tables, threads, descriptors, children that nobody waits for.

Command lines and environments are never read. This file is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .files import number

FIELDS = re.compile(r"^(Name|State|PPid|Uid|VmPTE|VmPin|Threads|FDSize|SigQ):[ \t]*(.*)$", re.M)
KINDS = (
    "page_tables",
    "pinned",
    "threads",
    "descriptors",
    "zombies",
    "command_page_tables",
    "command_processes",
    "command_threads",
    "command_descriptors",
    "signals",
)
WALK_SECONDS = 3.0
# Where the number of descriptors must be listed, a process with more than this says the size of its table instead.
LISTED = 65536


def processes(host, without=()):
    """Return ``{kind: {name: value}}`` and whether descriptors were listed one by one.

    Parameters: without, the numbers of processes that are left out (the reader itself). Names of processes are
    ``NUMBER COMMAND``; kinds that begin with ``command`` add up all processes of one command.
    """
    found, listed, began = {kind: {} for kind in KINDS}, False, host.clock()
    numbers = [int(name) for name in host.names("proc") if name.isdigit()]
    for place, pid in enumerate(sorted(numbers)):
        if place & 63 == 0 and host.is_late(began, WALK_SECONDS):
            host.errors["proc/PID"] = "deadline"
            break
        if pid in without:
            continue
        fields = dict(FIELDS.findall(host.text("proc/%d/status" % pid, 8192)))
        if "Name" in fields:
            listed = _add(host, found, pid, fields) or listed
    return found, listed


def _add(host, found, pid, fields):
    command = fields["Name"]
    user = (fields.get("Uid", "").split() or ["?"])[0]
    found["signals"][user] = number(fields.get("SigQ", "0").partition("/")[0])
    if fields.get("State", "")[:1] == "Z":
        parent = fields.get("PPid", "0")
        found["zombies"][parent] = found["zombies"].get(parent, 0) + 1
        return False
    threads = number(fields.get("Threads", "0"))
    if "VmPTE" not in fields:
        # Threads of the kernel; their names end with what they are working at.
        command = "[%s]" % re.split(r"[/:]|\d", command)[0]
        _sum(found, command, {"command_threads": threads})
        return False
    who = "%d %s" % (pid, command)
    tables = _bytes(fields, "VmPTE")
    open_now, listed = descriptors(host, pid, number(fields.get("FDSize", "0")))
    found["page_tables"][who], found["pinned"][who] = tables, _bytes(fields, "VmPin")
    found["threads"][who] = threads
    sums = {"command_page_tables": tables, "command_processes": 1, "command_threads": threads}
    if open_now >= 0:
        found["descriptors"][who] = sums["command_descriptors"] = open_now
    _sum(found, command, sums)
    return listed


def _bytes(fields, name):
    return number((fields.get(name, "").split() or ["0"])[0]) * 1024


def _sum(found, command, values):
    for kind in values:
        found[kind][command] = found[kind].get(command, 0) + values[kind]


def descriptors(host, pid, table_size):
    """Return how many descriptors a process has (-1: not to be known), and whether they had to be listed.

    Linux 6.2 and later tell it by stat(), to everybody. Listing makes inodes and dentries: the reader would see itself.
    """
    told = host.held_size("proc/%d/fd" % pid)
    if told != 0:
        return told, False
    if table_size > LISTED:
        return table_size, False
    names = host.names("proc/%d/fd" % pid)
    return (len(names) if names else -1), True
