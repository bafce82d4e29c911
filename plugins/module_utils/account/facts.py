# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a reading to ``ansible_facts.kernel_memory``: the one way to understand what a host has sent.

Private to the collection; pure, and it trusts nothing in a reading.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re
import time

from .accounting import account, without_values
from .attribution import attribution_of, fit
from .contradictions import Counters
from .counters import INTEGERS, LARGEST, clean_text, number_in, number_of, parse_counters, text_of, whole_number
from .machine import platform_of
from .meminfo import parse_meminfo
from .missing import NOT_GATHERED, NOT_READABLE, Missing, why_unreadable

SCHEMA_VERSION = 1

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
_BOOT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_MACHINE_ID = re.compile(r"[0-9a-f]{32}\Z")
_CPUS = re.compile(r"[0-9]{1,6}(-[0-9]{1,6})?\Z")

# The file that each value of the host is from.
_FROM_FILE = {
    "boot_id": "proc/sys/kernel/random/boot_id",
    "machine_id": "etc/machine-id",
    "uptime_seconds": "proc/uptime",
    "kernel_release": "proc/sys/kernel/osrelease",
    "cpus_possible": "sys/devices/system/cpu/possible",
    "cpus_online": "sys/devices/system/cpu/online",
    "threads": "proc/loadavg",
    "threads_limit": "proc/sys/kernel/threads-max",
    "cgroups": "proc/cgroups",
}
_NOT_FOLLOWING = {
    "architecture": "Neither the host nor the saved files say what the architecture is.",
    "page_size_bytes": "The page size is not in the reading and does not follow from vmstat and meminfo.",
}


def build_facts(reading):
    """Return the facts of a host as plain data: texts, numbers, booleans, None, lists and dicts with text keys.

    Parameter: reading, what ``reader.read`` gave. Sizes are bytes, the time is UTC in ISO 8601. What is not known is
    None, with its reason in ``unavailable``.
    Raises :class:`ValueError` where it is not a reading, not of a Linux host, or has no usable meminfo.
    """
    meminfo = _checked(reading)
    host = host_of(reading, meminfo)
    counters = Counters(meminfo, host)
    host["memory_available_bytes"], host["memory_available_estimated"] = counters.available()
    missing = Missing()
    _note_missing(missing, reading, host, counters)
    platform = platform_of(reading, meminfo)
    contradictions = counters.contradictions
    if platform.pop("mixed"):
        counted, contradictions = without_values(NOT_READABLE, platform["reason"], missing), []
    else:
        counted = account(reading, meminfo, counters, host, missing)
    reasons = counted["accounting"]["reasons"]
    if host["memory_available_estimated"]:
        why = counters.why("MemAvailable")[1]
        reasons.append(why[:-1] + "; available memory is estimated from free memory and the pages of files.")
    cut = reading.get("cut")
    if isinstance(cut, (list, tuple)) and cut:
        reasons.append("The reading was cut by its deadline, so some files are missing.")
    facts = {
        "schema_version": SCHEMA_VERSION,
        "collected_at": _time(reading.get("collected_at")),
        "duration_ms": whole_number(reading.get("duration_ms")),
        "transport": None,
        "transport_reason": None,
        "run_id": None,
        "host": host,
        "platform": platform,
        "unavailable": missing.reasons,
        "unavailable_class": missing.classes,
        "contradictions": contradictions,
        "attribution": attribution_of(reading, meminfo, host),
    }
    facts.update(counted)
    fit(facts)
    return facts


def _note_missing(missing, reading, host, counters):
    """Note why values of the host are not known."""
    for name in sorted(_FROM_FILE):
        if host[name] is None:
            missing.note(name, *why_unreadable(reading, _FROM_FILE[name]))
    for name in sorted(_NOT_FOLLOWING):
        if host[name] is None:
            missing.note(name, NOT_GATHERED, _NOT_FOLLOWING[name])
    if host["memory_available_bytes"] is None:
        missing.note("memory_available_bytes", *counters.why("MemAvailable"))


def _checked(reading):
    """Return the parsed meminfo of a reading, or raise :class:`ValueError`."""
    if not isinstance(reading, dict) or not isinstance(reading.get("files"), dict):
        raise ValueError("The host's answer is not a reading: it has no files. Collect the host again.")
    if whole_number(reading.get("format")) != 1:
        raise ValueError("The reading has an unknown format; use the same version of the collection for both ends.")
    system = clean_text(reading.get("system"), 32)
    if system and system != "Linux":
        # Some have a /proc/meminfo all the same, for the sake of programs from Linux.
        raise ValueError("The host runs %s; only Linux has the counters that are audited here." % system)
    text = text_of(reading, "proc/meminfo")
    if text is None:
        errors = reading.get("errors")
        error = clean_text(errors.get("proc/meminfo"), 32) if isinstance(errors, dict) else None
        root = clean_text(reading.get("proc_root"), 256) or "proc_root"
        raise ValueError(
            "There is no meminfo in %s on the host (%s); give a proc_root that holds it."
            % (root, error or "no reason given")
        )
    meminfo = parse_meminfo(text)
    if not 0 < meminfo["sizes"].get("MemTotal", 0) <= LARGEST:
        raise ValueError("meminfo has no usable MemTotal; nothing can be judged without it.")
    return meminfo


def host_of(reading, meminfo):
    """Return the ``host`` part of the facts; None for what is not known."""
    sizes = meminfo["sizes"]
    release = _release(reading)
    limits = [number_of(reading, "proc/sys/kernel/" + name) for name in ("threads-max", "pid_max")]
    limits = [limit for limit in limits if limit]
    return {
        "boot_id": _matching(reading, "proc/sys/kernel/random/boot_id", _BOOT_ID),
        "machine_id": _matching(reading, "etc/machine-id", _MACHINE_ID),
        "uptime_seconds": number_in((text_of(reading, "proc/uptime") or "").partition(".")[0].strip()),
        "kernel_release": release,
        "architecture": _architecture(reading, release, sizes),
        "page_size_bytes": _page_size(reading, sizes),
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


def _page_size(reading, sizes):
    """Return the page size: as the host said, else the one that two counters of vmstat and meminfo agree on."""
    given = whole_number(reading.get("page_size"))
    if given in _PAGE_SIZES:
        return given
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
    return agreed[0] if agreed else None


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
    return number_in(words[3].partition("/")[2]) or None if len(words) > 3 else None


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


def _time(value):
    if isinstance(value, bool) or not isinstance(value, INTEGERS + (float,)) or not 0 <= value < 253402300800:
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value))
