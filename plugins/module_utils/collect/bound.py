# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep a reading within its size: rows go from the end of the longest lists, and what lost some is noted as cut.

Private to the collection; imports nothing, and is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

LIMIT = 12288
# For the notes of what was cut, and for figures that are still to come.
RESERVE = 256
BUDDY = "proc/buddyinfo"
LISTS = "commands groups page_tables pinned rows threads".split()
CONTROLS = bytes(bytearray(list(range(32)) + [127]))
SHORT = (b"\n", b"\t", b"\r")
ESCAPED = (b'"', b"\\")


def trim(result):
    """Drop rows of a reading in place until its JSON is within the limit, or none is left; their part gets the note
    ``limit``.
    """
    excess = length(result) + RESERVE - LIMIT
    if excess <= 0:
        return
    lists = []
    for part in sorted(result["parts"]):
        found = result["parts"][part]
        lists += [(part, found[name]) for name in LISTS if name in found]
    zones = result["files"].get(BUDDY, "").splitlines(True)
    lists.append(("pressure", zones))
    sizes = [[length(row) for row in rows] for _part, rows in lists]
    totals = [sum(entries) for entries in sizes]
    while excess > 0 and max(totals) > 0:
        longest = totals.index(max(totals))
        part, rows = lists[longest]
        row, size = rows.pop(), sizes[longest].pop()
        excess -= size
        totals[longest] -= size
        if part == "slab":
            excess -= length(result["parts"][part]["aliases"].pop(row[0], ""))
        result["part_cut"].setdefault(part, "limit")
    if BUDDY in result["files"]:
        result["files"][BUDDY] = "".join(zones)


def length(value):
    """Return how long a value's ASCII JSON is at most, the same on every Python."""
    if isinstance(value, dict):
        return 2 + sum([4 + length(key) + length(value[key]) for key in value])
    if isinstance(value, (list, tuple)):
        return 2 + sum([2 + length(entry) for entry in value])
    if value is None or isinstance(value, (bool, float)):
        return 5 if value is None or value is True or value is False else 24
    try:
        return len("%d" % value)
    except TypeError:
        letters = value.encode("ascii", "ignore")
        controls = len(letters) - len(letters.translate(None, CONTROLS))
        # A character beyond ASCII has 2 to 4 bytes, and at most 12 letters in JSON.
        rest = len(value.encode("utf-8", "surrogatepass")) - len(letters)
        short = sum([letters.count(letter) for letter in SHORT])
        return (
            2 + len(letters) + 5 * controls - 4 * short + sum([letters.count(letter) for letter in ESCAPED]) + 3 * rest
        )
