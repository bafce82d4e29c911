# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who uses the kernel's memory: from the parts of a reading to ``facts["attribution"]``.

Private to the collection; pure, and it trusts nothing: a part in which anything has a wrong type
becomes ``{"complete": False, "reason": sentence}``. Every part says whether it is whole and, if not, why.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json

from . import attribution_files as files
from . import attribution_processes as processes
from . import attribution_rows as rows
from .attribution_values import Wrong
from .attribution_words import why_absent, why_cut
from .counters import TEXT, whole_number

# The most bytes of the facts as compact JSON: with everything asked for, a spool of 10,000 hosts stays under 160 MiB.
MOST_BYTES = 16384
# What the sentence about dropped rows adds to a part.
_SENTENCE_BYTES = 100

# (name of the part, the subset that gathers it, what makes it of the reading's part)
_REDUCED = (
    ("slab_caches", "slab", rows.slab_caches),
    ("vmalloc_callers", "vmalloc", rows.vmalloc_callers),
    ("page_table_processes", "processes", processes.page_table_processes),
    ("thread_processes", "processes", processes.thread_processes),
    ("pinning_processes", "processes", processes.pinning_processes),
    ("commands", "processes", processes.commands),
    ("process_cgroups", "processes", processes.process_cgroups),
    ("cgroups", "cgroups", rows.cgroups),
    ("ipc", "limits", rows.ipc),
    ("descriptors", "descriptors", processes.descriptors),
    ("numa_nodes", "numa", rows.numa_nodes),
    ("alloc_sites", "allocinfo", rows.alloc_sites),
)
# (name, subset, what makes it of the reading's small files, the files that are read for it alone)
_FROM_FILES = (
    ("pressure", "pressure", files.pressure, ("proc/pressure/memory",)),
    ("fragmentation", "pressure", files.fragmentation, ("proc/buddyinfo",)),
    ("objects", "objects", files.objects, ("proc/sys/fs/dentry-state", "proc/sys/fs/inode-nr", "proc/sys/fs/file-nr")),
    ("kernel_keys", "limits", files.kernel_keys, ()),
)
# The list in each part that can be shortened.
ROWS = {
    "slab_caches": "caches",
    "vmalloc_callers": "callers",
    "page_table_processes": "processes",
    "thread_processes": "processes",
    "pinning_processes": "processes",
    "commands": "commands",
    "process_cgroups": "cgroups",
    "descriptors": "rows",
    "kernel_keys": "users",
    "cgroups": "cgroups",
    "numa_nodes": "nodes",
    "fragmentation": "zones",
    "alloc_sites": "sites",
}


def attribution_of(reading, meminfo, host):
    """Return who uses the kernel's memory, by part; a part that nobody asked for is absent.

    Parameters: reading, a dict; meminfo, the result of ``parse_meminfo``; host, the host part of the facts.
    Sizes are bytes. Each part has ``complete``, ``reason`` (None, or why it is not complete or why a number in it is
    None) and ``duration_ms``, and its data where there are any.
    """
    about = {
        "sizes": meminfo["sizes"],
        "page": host["page_size_bytes"],
        "threads": host["threads"],
        "release": host["kernel_release"],
    }
    subsets = reading.get("subsets")
    asked = {name for name in subsets if isinstance(name, TEXT)} if isinstance(subsets, (list, tuple, dict)) else set()
    parts = {}
    for name, subset, build in _REDUCED:
        given = _entry(reading, "parts", subset)
        if given is not None:
            parts[name] = _part(
                build, given, about, _entry(reading, "part_cut", subset), subset, _duration(reading, subset)
            )
            continue
        reason = why_absent(
            name, subset, _entry(reading, "part_skipped", subset), _entry(reading, "part_errors", subset), about
        )
        if reason or subset in asked:
            parts[name] = _without(reason or "The host gave no answer for it.", _duration(reading, subset))
    there = reading.get("files")
    for name, subset, build, own in _FROM_FILES:
        if subset in asked or (isinstance(there, dict) and any(one in there for one in own)):
            # Of these only the zones are a list that the reader may have cut.
            cut = _entry(reading, "part_cut", subset) if name in ROWS else None
            parts[name] = _part(build, reading, about, cut, subset, _duration(reading, subset))
    return parts


def fit(facts):
    """Drop the last rows of the longest lists of ``facts["attribution"]`` until the facts fit :data:`MOST_BYTES`.

    Each list keeps its first row, and each part that lost rows says so.
    """
    total = _length(facts)
    if total <= MOST_BYTES:
        return
    parts = facts["attribution"]
    sizes = {
        name: [_length(row) + 1 for row in parts[name][ROWS[name]]]
        for name in sorted(parts)
        if ROWS.get(name) in parts[name]
    }
    dropped = set()
    while total > MOST_BYTES:
        longer = [name for name in sorted(sizes) if len(sizes[name]) > 1]
        if not longer:
            break
        longest = max(longer, key=lambda name: sum(sizes[name]))
        total -= sizes[longest].pop()
        if longest not in dropped:
            dropped.add(longest)
            total += _SENTENCE_BYTES
    for name in dropped:
        part, kept = parts[name], len(sizes[name])
        part[ROWS[name]] = part[ROWS[name]][:kept]
        sentence = "Only the first %d of %s are kept, so that the facts stay small." % (kept, ROWS[name])
        part["complete"] = False
        part["reason"] = " ".join([part["reason"], sentence]) if part["reason"] else sentence


def _part(build, given, about, cut, subset, duration):
    try:
        data, lacking, remarks = build(given, about)
    except Wrong as error:
        return _without(
            str(error) or "The host's answer has a wrong form; use the same version of the collection for both ends.",
            duration,
        )
    if cut is not None:
        lacking = [why_cut(subset, cut, duration)] + lacking
    data["complete"] = not lacking
    data["reason"] = " ".join(lacking + remarks) or None
    data["duration_ms"] = duration
    return data


def _without(reason, duration):
    return {"complete": False, "reason": reason, "duration_ms": duration}


def _entry(reading, table, subset):
    """Return what a table of the reading says about a subset, or None."""
    entries = reading.get(table)
    return entries.get(subset) if isinstance(entries, dict) else None


def _duration(reading, subset):
    return whole_number(_entry(reading, "part_ms", subset))


def _length(value):
    return len(json.dumps(value, separators=(",", ":")))
