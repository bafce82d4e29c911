# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""/proc/meminfo: text in, plain dict out.

Private to the collection. Kernels of many vendors write this file; it is read leniently, but a value
that is not certain is left out and named, never guessed.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .counters import TEXT, clean_text

# Fields of mainline kernels from 2.6.5 to 7.3, of all architectures.
KNOWN_FIELDS = frozenset(
    """
    MemTotal MemFree MemAvailable Buffers Cached SwapCached Active Inactive Active(anon) Inactive(anon) Active(file)
    Inactive(file) Unevictable Mlocked HighTotal HighFree LowTotal LowFree MmapCopy SwapTotal SwapFree Zswap Zswapped
    Dirty Writeback AnonPages Mapped Shmem KReclaimable Slab SReclaimable SUnreclaim KernelStack ShadowCallStack
    PageTables SecPageTables NFS_Unstable Bounce WritebackTmp CommitLimit Committed_AS VmallocTotal VmallocUsed
    VmallocChunk Percpu EarlyMemtestBad HardwareCorrupted AnonHugePages ShmemHugePages ShmemPmdMapped FileHugePages
    FilePmdMapped CmaTotal CmaFree Unaccepted Balloon GPUActive GPUReclaim HugePages_Total HugePages_Free
    HugePages_Rsvd HugePages_Surp Hugepagesize Hugetlb DirectMap4k DirectMap64k DirectMap1M DirectMap2M DirectMap4M
    DirectMap1G DirectMap2G Quicklists
    """.split()
)

_ANY_LINE = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9_()]{0,63})[ \t]*:(.*)\Z")
_SIZE = re.compile(r"[ \t]*[0-9]+[ \t]*[kK][bB][ \t]*\Z")
_LINE = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9_()./+-]{0,63})[ \t]*:[ \t]*([0-9]{1,20})[ \t]*([kK][bB])?[ \t]*\Z")
_LARGEST = 1 << 63
_MAX_LINES = 2000
_MAX_BAD_LINES = 20


def parse_meminfo(text):
    """Return what /proc/meminfo says.

    Result: ``sizes`` {field: bytes}, ``numbers`` {field: number} for the fields without a unit (HugePages_Total and its
    like), ``bad_lines``, the first lines that could not be used (not understood, too large, or said twice with
    different values), and ``damaged`` {field: what it holds instead of a value}, for those of them that are known
    fields. Raises :class:`ValueError` where nothing at all can be used.
    """
    if not isinstance(text, TEXT):
        raise ValueError("The content of meminfo is not a text; collect the host again.")
    lines = text.split("\n")
    ended = lines[-1] == ""
    result = {"sizes": {}, "numbers": {}, "bad_lines": [], "damaged": {}}
    seen = {}
    for position, line in enumerate(lines[:_MAX_LINES]):
        line = line.rstrip("\r")
        if not line.strip(" \t"):
            continue
        whole = ended or position < len(lines) - 1
        entry = _parse_line(line, whole)
        if entry is None:
            _note_damage(line, whole, result["damaged"])
        elif seen.setdefault(entry[0], entry) != entry:
            result["damaged"][entry[0]] = "stands there twice, with different values"
            entry = None
        if entry is None and len(result["bad_lines"]) < _MAX_BAD_LINES:
            result["bad_lines"].append(clean_text(line, 80) or "(nothing printable)")
    for name, size, number in seen.values():
        if name not in result["damaged"]:
            if number is None:
                result["sizes"][name] = size
            else:
                result["numbers"][name] = number
    if not result["sizes"]:
        raise ValueError("No line of meminfo has the form 'name: number kB'; is it really a copy of /proc/meminfo?")
    result["damaged"] = {name: result["damaged"][name] for name in result["damaged"] if name in KNOWN_FIELDS}
    return result


def _note_damage(line, whole, damaged):
    """Note what a line that can't be used holds in place of its field's value."""
    match = _ANY_LINE.match(line)
    if not match:
        return
    name, held = match.groups()
    words = "more than any memory has" if _SIZE.match(held) else "no number of kB"
    damaged[name] = 'holds "%s", which is %s' % (clean_text(held, 40) or "", words) if whole else "is cut short"


def _parse_line(line, complete):
    """Return (name, bytes or None, number or None), or None for a line that can't be used."""
    match = _LINE.match(line)
    if not match:
        return None
    name, digits, unit = match.groups()
    value = int(digits)
    if unit:
        return (name, value * 1024, None) if value * 1024 < _LARGEST else None
    # Huge page numbers have no unit. A size without one is cut or strange, and so may the last line be without its end.
    if not complete or value >= _LARGEST or (name in KNOWN_FIELDS and not name.startswith("HugePages_")):
        return None
    return (name, None, value)
