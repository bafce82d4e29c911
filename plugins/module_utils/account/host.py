# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who the host is: its kernel, machine, memory and numbers, from a reading.

Private to the collection; pure, and it trusts nothing in a reading.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
import time

from .command_line import cleaned_command_line
from .counters import INTEGERS, clean_text, found_in, number_in, number_of, parse_counters, text_of, whole_number

_PAGE_SIZES = (4096, 8192, 16384, 32768, 65536)
# Only these two layouts of x86_64 have so much vmalloc address space (4 and 5 levels of page tables).
_X86_64_VMALLOC = (34359738367 * 1024, 13743895347199 * 1024)
_ARCHITECTURES = (
    ("x86_64", "x86_64"),
    ("amd64", "x86_64"),
    ("aarch64", "aarch64"),
    ("arm64", "aarch64"),
    ("ppc64le", "ppc64le"),
    ("powerpc64le", "ppc64le"),
    ("ppc64", "ppc64"),
    ("s390x", "s390x"),
    ("riscv64", "riscv64"),
    ("i686", "i686"),
)
# Their kernels have pages of one size only.
_PAGES_OF_4_KIB = ("x86_64", "i386", "i486", "i586", "i686", "s390", "s390x", "armv5tel", "armv6l", "armv7l", "riscv64")
_BOOT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_MACHINE_ID = re.compile(r"[0-9a-f]{32}\Z")
_CPUS = re.compile(r"[0-9]{1,6}(-[0-9]{1,6})?\Z")


def host_of(reading, meminfo):
    """Return the ``host`` part of the facts; None for what is not known."""
    sizes = meminfo["sizes"]
    release = _release(reading)
    limits = [number_of(reading, "proc/sys/kernel/" + name) for name in ("threads-max", "pid_max")]
    limits = [limit for limit in limits if limit]
    architecture = _architecture(reading, release, sizes)
    uptime = number_in((text_of(reading, "proc/uptime") or "").partition(".")[0].strip())
    if uptime is None:
        uptime = _summed(reading, "uptime_seconds")
    living, dying = _living_cgroups(reading)
    return {
        "boot_id": _matching(reading, "proc/sys/kernel/random/boot_id", _BOOT_ID),
        "machine_id": _matching(reading, "etc/machine-id", _MACHINE_ID),
        "uptime_seconds": uptime,
        "booted_at": _booted_at(reading.get("collected_at"), uptime),
        "kernel_release": release,
        "kernel_command_line": cleaned_command_line(text_of(reading, "proc/cmdline")),
        "architecture": architecture,
        "page_size_bytes": _page_size(reading, sizes, architecture),
        "cpus_possible": _cpus(reading, "possible"),
        "cpus_online": _cpus(reading, "online"),
        "memory_total_bytes": sizes["MemTotal"],
        # Without high memory all of it is low memory, and the field would only mislead.
        "memory_low_total_bytes": _at_most(sizes.get("LowTotal"), sizes["MemTotal"])
        if sizes.get("HighTotal")
        else None,
        "vmalloc_total_bytes": _little(sizes.get("VmallocTotal")),
        "threads": _threads(reading),
        "threads_limit": min(limits) if limits else None,
        "cgroups": _cgroups(reading),
        "cgroups_living": living,
        "cgroups_dying": dying,
    }


def _at_most(value, limit):
    return value if value is not None and value <= limit else None


def _little(space):
    """Return the address space for vmalloc where it can run short: that of 32-bit kernels, below 2 GiB."""
    return space if space and space < 1 << 31 else None


def _matching(reading, name, pattern):
    value = (text_of(reading, name) or "").strip().lower()
    return str(value) if pattern.match(value) else None


def _release(reading):
    release = text_of(reading, "proc/sys/kernel/osrelease")
    if not release:
        words = (text_of(reading, "proc/version") or "").split(None, 3)
        release = words[2] if words[:2] == ["Linux", "version"] and len(words) > 2 else None
    return clean_text(release, 128)


def _architecture(reading, release, sizes):
    """Return the architecture as ``uname -m`` has it; for saved files by what the kernel calls itself."""
    given = clean_text(reading.get("machine"), 32) or clean_text(text_of(reading, "proc/sys/kernel/arch"), 32)
    if given:
        return given
    for text in (release or "", clean_text(text_of(reading, "proc/version"), 512) or ""):
        for word, name in _ARCHITECTURES:
            if word in text:
                return name
    return "x86_64" if sizes.get("VmallocTotal") in _X86_64_VMALLOC else None


def _page_size(reading, sizes, architecture):
    """Return the page size: as the host said, as the architecture has it, or as counters agree on."""
    given = whole_number(reading.get("page_size"))
    if given in _PAGE_SIZES:
        return given
    # Only x86 has a line of flags in cpuinfo.
    if architecture in _PAGES_OF_4_KIB or (architecture is None and "cpu_flags" in found_in(reading)):
        return 4096
    counters = parse_counters(text_of(reading, "proc/vmstat"))
    votes = []
    for counter, field in (
        ("nr_slab_unreclaimable", "SUnreclaim"),
        ("nr_page_table_pages", "PageTables"),
        ("nr_free_pages", "MemFree"),
    ):
        pages, size = counters.get(counter), sizes.get(field)
        # The two files are read one after the other: each counter may have moved by a fifth in between.
        votes += [page for page in _PAGE_SIZES if pages and size and 0.8 * pages * page <= size <= 1.25 * pages * page]
    agreed = [page for page in _PAGE_SIZES if page in votes and 2 * votes.count(page) > len(votes)]
    return agreed[0] if agreed else _page_of_slabs(reading, sizes)


def _page_of_slabs(reading, sizes):
    """Return the page size by which the slabs of slabinfo are 70 to 110 % of Slab (they were 87 to 97 %), or None."""
    parts = reading.get("parts")
    part = parts.get("slab") if isinstance(parts, dict) else None
    pages, slab = whole_number(part.get("pages")) if isinstance(part, dict) else None, sizes.get("Slab")
    if not pages or not slab:
        return None
    fitting = [page for page in _PAGE_SIZES if 0.7 * slab <= pages * page <= 1.1 * slab]
    return fitting[0] if fitting else None


def _cpus(reading, which):
    """Return how many CPUs a list such as ``0-3,8`` names, or None."""
    total = 0
    text = (text_of(reading, "sys/devices/system/cpu/" + which) or "").strip()
    for part in text.split(","):
        if not _CPUS.match(part):
            return None
        first, dash, last = part.partition("-")
        if dash and int(last) < int(first):
            return None
        total += int(last) - int(first) + 1 if dash else 1
    return total


def _threads(reading):
    """Return the number of threads: what stands after the slash in loadavg, which costs nothing to read."""
    words = (text_of(reading, "proc/loadavg") or "").split()
    if not words:
        return _summed(reading, "threads")
    return number_in(words[3].partition("/")[2]) or None if len(words) > 3 else None


def _summed(reading, name):
    """Return a number that the reader has taken from the output of a command in a saved copy, or None."""
    sums = reading.get("sums")
    return whole_number(sums.get(name)) if isinstance(sums, dict) else None


def _cgroups(reading):
    """Return the number of memory cgroups, dying ones included, the root included."""
    words = (text_of(reading, "proc/cgroups") or "").split()
    if len(words) > 2 and words[0] == "memory" and number_in(words[2]) is not None:
        return number_in(words[2])
    for name in ("sys/fs/cgroup/cgroup.stat", "sys/fs/cgroup/unified/cgroup.stat"):
        numbers = parse_counters(text_of(reading, name))
        if "nr_descendants" in numbers:
            return numbers["nr_descendants"] + numbers.get("nr_dying_descendants", 0) + 1
    return None


def _living_cgroups(reading):
    """Return (living control groups with the root, ended ones that still hold memory), None where the kernel does not
    tell them apart: version 1 counts both together.
    """
    numbers = parse_counters(text_of(reading, "sys/fs/cgroup/cgroup.stat"))
    if "nr_descendants" not in numbers or "nr_dying_descendants" not in numbers:
        return None, None
    return numbers["nr_descendants"] + 1, numbers["nr_dying_descendants"]


def _booted_at(collected_at, uptime):
    """Return when the kernel was started, as UTC in ISO 8601, or None."""
    if uptime is None or time_text(collected_at) is None:
        return None
    return time_text(collected_at - uptime)


def time_text(value):
    """Return seconds since the epoch as UTC in ISO 8601, or None."""
    if isinstance(value, bool) or not isinstance(value, INTEGERS + (float,)) or not 0 <= value < 253402300800:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value))
