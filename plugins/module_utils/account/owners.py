# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds the kernel's memory, in a short plain list for the history: two of them say who grew.

Private to the collection; pure.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

LONGEST_NAME = 48
# (kind, part of the attribution, its list, the label of a row, its amount, how many rows)
_LISTS = (
    ("slab", "slab_caches", "caches", "name", "bytes", 10),
    ("vmalloc", "vmalloc_callers", "callers", "caller", "bytes", 5),
    ("command_threads", "commands", "commands", "command", "threads", 5),
    ("command_page_tables", "commands", "commands", "command", "page_table_bytes", 5),
    ("cgroup", "cgroups", "cgroups", "path", "kernel_bytes", 5),
)
_OBJECTS = ("dentries", "inodes", "sockets")


def owners_of(facts):
    """Return [[kind, name, bytes or number]], the largest of each kind first.

    What was not gathered has no row, so that a missing row is no 0. A list that was cut is used all the same: its rows
    are true. Names are the kernel's, at most 48 characters, the end of a path; the last row is the fingerprint of the
    loaded modules, as the name, with their number. Objects that have limits stand in ``limits`` with their numbers.
    """
    attribution, rows = facts["attribution"], []
    for kind, part, listed, label, amount, most in _LISTS:
        found = [
            (row[amount], row[label][-LONGEST_NAME:] if kind == "cgroup" else row[label][:LONGEST_NAME])
            for row in attribution.get(part, {}).get(listed, ())
            if row.get(amount)
        ]
        found.sort(key=lambda one: (-one[0], one[1]))
        rows += [[kind, name, size] for size, name in found[:most]]
    objects = attribution.get("objects", {})
    rows += [["object", name, objects[name]] for name in _OBJECTS if objects.get(name) is not None]
    for name in ("cgroups_living", "cgroups_dying"):
        if facts["host"][name] is not None:
            rows.append(["object", name, facts["host"][name]])
    if facts["modules"]["fingerprint"]:
        rows.append(["modules", facts["modules"]["fingerprint"], facts["modules"]["count"]])
    return rows
