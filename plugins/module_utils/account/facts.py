# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a reading to ``ansible_facts.kernel_memory``: the one way to understand what a host has sent.

Private to the collection; pure, and it trusts nothing in a reading.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .accounting import account, without_values
from .attribution import attribution_of, fit
from .contradictions import Counters
from .counters import LARGEST, clean_text, text_of, whole_number
from .host import host_of, time_text
from .huge_pages import huge_pages_of
from .limits import limits_of
from .machine import platform_of
from .meminfo import parse_meminfo
from .missing import NOT_GATHERED, NOT_IN_THIS_KERNEL, NOT_READABLE, Missing, why_unreadable
from .modules import modules_of
from .owners import owners_of
from .sockets import SocketMemory

SCHEMA_VERSION = 2

# The file that each value of the host is from.
_FROM_FILE = {
    "boot_id": "proc/sys/kernel/random/boot_id",
    "machine_id": "etc/machine-id",
    "uptime_seconds": "proc/uptime",
    "kernel_release": "proc/sys/kernel/osrelease",
    "kernel_command_line": "proc/cmdline",
    "cpus_possible": "sys/devices/system/cpu/possible",
    "cpus_online": "sys/devices/system/cpu/online",
    "threads": "proc/loadavg",
    "threads_limit": "proc/sys/kernel/threads-max",
    "cgroups": "proc/cgroups",
}
_NOT_FOLLOWING = {
    "architecture": (NOT_GATHERED, "Neither the host nor the saved files say what the architecture is."),
    "page_size_bytes": (NOT_GATHERED, "The page size does not follow from the architecture, vmstat or slabinfo."),
    "booted_at": (NOT_GATHERED, "The time of the boot needs the uptime and the time of the reading."),
    "cgroups_living": (NOT_IN_THIS_KERNEL, "Control groups of version 1 don't tell living from ended ones."),
    "cgroups_dying": (NOT_IN_THIS_KERNEL, "Control groups of version 1 don't tell living from ended ones."),
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
    sockets = SocketMemory(reading, host["page_size_bytes"], host["kernel_release"])
    if platform.pop("mixed"):
        counted, contradictions = without_values(NOT_READABLE, platform["reason"], missing), []
    else:
        counted = account(reading, meminfo, counters, sockets, host, missing)
    reasons = counted["accounting"]["reasons"]
    if host["memory_available_estimated"]:
        why = counters.why("MemAvailable")[1]
        reasons.append(why[:-1] + "; available memory is estimated from free memory and the pages of files.")
    cut = reading.get("cut")
    if isinstance(cut, (list, tuple)) and cut:
        reasons.append("The reading was cut by its deadline, so some files are missing.")
    facts = {
        "schema_version": SCHEMA_VERSION,
        "collected_at": time_text(reading.get("collected_at")),
        "saved": reading.get("live") is not True,
        "duration_ms": whole_number(reading.get("duration_ms")),
        "transport": None,
        "transport_reason": None,
        "run_id": None,
        "host": host,
        "platform": platform,
        "unavailable": missing.reasons,
        "unavailable_class": missing.classes,
        "contradictions": contradictions,
        "limits": limits_of(reading, host, sockets),
        "modules": modules_of(reading),
        "huge_pages": huge_pages_of(reading, counters.sizes, counters.numbers),
        "attribution": attribution_of(reading, meminfo, host),
    }
    facts["owners"] = owners_of(facts)
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
            missing.note(name, *_NOT_FOLLOWING[name])
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
