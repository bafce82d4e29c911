# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a part of the attribution is not there or not whole, in sentences that say what to do.

Private to the collection.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .counters import clean_text

_REFUSED = {
    "slab": "slabinfo is readable by root only (%s); use become, or look by hand with a sudo rule for cat "
    "/proc/slabinfo.",
    "vmalloc": "vmallocinfo is readable by root only (%s); use become.",
    "allocinfo": "allocinfo is readable by root only (%s); use become.",
    "processes": "The list of processes may not be read (%s); use become.",
    "cgroups": "The control groups may not be read (%s); use become.",
    "numa": "The memory of the NUMA nodes may not be read (%s).",
    "limits": "The numbers of objects may not be read (%s); use become.",
    "descriptors": "The open descriptors may not be read (%s); use become.",
}
_MISSING = {
    "slab": "This kernel has no slabinfo (%s); it may be built without CONFIG_SLUB_DEBUG.",
    "vmalloc": "There is no vmallocinfo here (%s).",
    "allocinfo": "This kernel has no allocinfo (%s); it needs Linux 6.10 with CONFIG_MEM_ALLOC_PROFILING and "
    "vm.mem_profiling=1.",
    "processes": "There are no processes here (%s), as in a saved copy of /proc.",
    "cgroups": "There are no control groups for memory here (%s).",
    "numa": "There are no NUMA nodes here (%s).",
    "limits": "There are no such numbers here (%s).",
    "descriptors": "There are no processes here (%s), as in a saved copy of /proc.",
}
_SEEN = {
    "allocinfo": "sites",
    "cgroups": "control groups",
    "descriptors": "descriptors",
    "limits": "objects",
    "numa": "nodes",
    "pressure": "zones",
    "processes": "processes",
    "slab": "caches",
    "vmalloc": "callers",
}
_REFUSALS = ("EACCES", "EPERM")
_ABSENCES = ("ENOENT", "ENOTDIR", "ENODEV", "EOPNOTSUPP")


def why_absent(name, subset, skipped, error, about):
    """Return why there is no part *name*, or None where nobody asked for it or nobody knows."""
    if skipped == "not_needed":
        return "Not gathered, since %s." % _small(name, about)
    if error is None:
        return None
    error = clean_text(error, 32) or "no reason given"
    if error in _REFUSALS:
        return _REFUSED[subset] % error
    if error in _ABSENCES:
        return _MISSING[subset] % error
    if error == "deadline":
        return "The collector's deadline came before it; give it more time with the option deadline."
    if error == "too_large":
        return "It is too large to be read."
    return "It could not be read (%s)." % error


def why_cut(subset, cut, duration):
    """Return why a part is not whole."""
    seen = _SEEN[subset]
    if cut == "limit":
        return "Cut at the collector's limit; the list is not of all %s." % seen
    after = "after %s s" % ("%.1f" % (duration / 1000.0)).replace(".0", "") if duration else "by the deadline"
    return "Cut %s; the list is of the %s seen until then." % (after, seen)


def _small(name, about):
    """Say in numbers that there is nothing to attribute."""
    field, words = ("Slab", "slab is small") if name == "slab_caches" else ("PageTables", "page tables are small")
    share = share_text(about["sizes"].get(field), about["sizes"].get("MemTotal"))
    if share is None:
        return "there is little to attribute"
    if name == "slab_caches":
        return "%s (%s of RAM)" % (words, share)
    threads = about["threads"]
    return "%s (%s of RAM)%s" % (words, share, "" if threads is None else " and there are only %d threads" % threads)


def share_text(part, whole):
    """Return *part* of *whole* as text, or None."""
    if part is None or not whole:
        return None
    share = 100.0 * part / whole
    return "%.1f %%" % share if share >= 0.05 else "less than 0.1 %"
