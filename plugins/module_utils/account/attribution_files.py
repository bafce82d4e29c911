# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the attribution that small, world-readable files give: pressure, fragmentation and numbers of objects.

Private to the collection. Each function takes the whole reading and what is known *about* the host, and
returns (data, sentences on what is lacking, remarks).
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .attribution_values import NO_PAGE_SIZE, Wrong
from .counters import LARGEST, clean_text, number_in, number_of, parse_counters, text_of
from .limits import KEY_USERS, key_users
from .sockets import SocketMemory, sockstat_of

MOST_ZONES = 64
MOST_USERS = 5
# Network buffers and larger kmallocs ask for up to 2**3 pages at once; the kernel calls larger ones costly.
LARGE_ORDER = 4
_AVERAGE = re.compile(r"\b(avg10|avg60|avg300)=([0-9]{1,3}\.[0-9]{1,2})\b")
_ZONE = re.compile(r"Node +([0-9]{1,6}), +zone +([A-Za-z0-9]{1,16})((?: +[0-9]{1,16}){1,32})[ \t]*\Z")
_RELEASE = re.compile(r"([0-9]{1,3})\.")


def pressure(reading, _about):
    """Return how long tasks waited for memory (percent of the last 10, 60 and 300 seconds), and the number of OOM
    kills.
    """
    data = {kind + "_" + span: None for kind in ("some", "full") for span in ("avg10", "avg60", "avg300")}
    lacking = []
    for line in (text_of(reading, "proc/pressure/memory") or "").split("\n"):
        kind = line.split(" ", 1)[0]
        if kind in ("some", "full"):
            for span, value in _AVERAGE.findall(line):
                data[kind + "_" + span] = float(value) if float(value) <= 100 else None
    if None in data.values():
        lacking.append(
            "This kernel shows no memory pressure (%s); it needs CONFIG_PSI and, on some, psi=1."
            % _error(reading, "proc/pressure/memory")
        )
    data["oom_kills"] = parse_counters(text_of(reading, "proc/vmstat")).get("oom_kill")
    if data["oom_kills"] is None:
        lacking.append("vmstat has no oom_kill.")
    return data, lacking, []


def fragmentation(reading, about):
    """Return how the free memory of each zone is broken up."""
    given, page = text_of(reading, "proc/buddyinfo"), about["page"]
    if given is None:
        raise Wrong("There is no usable buddyinfo (%s)." % _error(reading, "proc/buddyinfo"))
    zones, bad, more = [], 0, 0
    for line in given.split("\n"):
        match = _ZONE.match(line)
        blocks = [number_in(word) for word in match.group(3).split()] if match else []
        pages = [blocks[order] << order for order in range(len(blocks))] if blocks and None not in blocks else None
        if pages is None or sum(pages) * (page or 1) > LARGEST:
            bad += bool(line.strip())
        elif len(zones) >= MOST_ZONES:
            more += 1
        else:
            zones.append(
                {
                    "node": int(match.group(1)),
                    "zone": str(match.group(2)),
                    "free_bytes": sum(pages) * page if page else None,
                    "largest_free_order": max([order for order in range(len(pages)) if pages[order]] or [-1])
                    if any(pages)
                    else None,
                    "unusable_percent": round(100.0 * sum(pages[:LARGE_ORDER]) / sum(pages), 1) if any(pages) else None,
                }
            )
    if not zones:
        raise Wrong("No line of buddyinfo can be understood.")
    lacking = ["%d lines of buddyinfo could not be understood." % bad] if bad else []
    lacking += ["Only the first %d zones are kept." % MOST_ZONES] if more else []
    return {"zones": zones}, lacking, [] if page else [NO_PAGE_SIZE]


def objects(reading, about):
    """Return how many of the objects there are that make slab grow; None for what this kernel does not say."""
    sockets = SocketMemory(reading, about["page"], about["release"])
    data = {
        "dentries": number_of(reading, "proc/sys/fs/dentry-state", 0),
        "dentries_unused": number_of(reading, "proc/sys/fs/dentry-state", 1),
        "dentries_negative": _negative(number_of(reading, "proc/sys/fs/dentry-state", 4), about["release"]),
        "inodes": number_of(reading, "proc/sys/fs/inode-nr", 0),
        "inodes_free": number_of(reading, "proc/sys/fs/inode-nr", 1),
        "files": number_of(reading, "proc/sys/fs/file-nr", 0),
        "files_limit": number_of(reading, "proc/sys/fs/file-nr", 2),
        "conntrack": number_of(reading, "proc/sys/net/netfilter/nf_conntrack_count"),
        "conntrack_limit": number_of(reading, "proc/sys/net/netfilter/nf_conntrack_max"),
        "sockets": sockstat_of(reading).get(("sockets:", "used")),
        "tcp_bytes": sockets.tcp,
        "tcp_limit_bytes": sockets.tcp_limit,
        "kernel_tainted": number_of(reading, "proc/sys/kernel/tainted"),
    }
    unknown = [name for name in sorted(data) if data[name] is None]
    # Nothing to count without the module; older kernels do not count negative dentries; systemd sets a limit of 2**63 -
    # 1 files.
    usual = ("conntrack", "conntrack_limit", "dentries_negative", "files_limit")
    sentences = ["Not known here: %s." % ", ".join(unknown)] if unknown else []
    whole = all(name in usual for name in unknown)
    return data, [] if whole else sentences, sentences if whole else []


def kernel_keys(reading, _about):
    """Return the users with the most keys of the kernel's key rings."""
    rows = [
        {"uid": uid, "count": count, "bytes": size} for uid, count, _used, _most, size, _limit in key_users(reading)
    ]
    if not rows:
        raise Wrong("There is no usable key-users (%s)." % _error(reading, KEY_USERS))
    rows.sort(key=lambda row: (-row["count"], row["uid"]))
    lacking = (
        []
        if reading.get("uid") == 0 or reading.get("live") is not True
        else ["A plain user sees its own keys only; become shows all."]
    )
    return {"users": rows[:MOST_USERS], "total": sum(row["count"] for row in rows)}, lacking, []


def _negative(value, release):
    """Return the negative dentries: kernels before 5.0 have a 0 in that place that counts nothing, unless it was
    backported.
    """
    match = _RELEASE.match(release or "")
    return value if value or (match and int(match.group(1)) >= 5) else None


def _error(reading, name):
    errors = reading.get("errors")
    return (clean_text(errors.get(name), 32) if isinstance(errors, dict) else None) or "not read"
