# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of the kernel with limits that stop work before memory does: how many there are, and how many there may be.

Private to the collection; pure.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .counters import LARGEST, clean_text, number_in, number_of, text_of, whole_number
from .missing import why_unreadable

KEY_USERS = "proc/key-users"
_KEY_USER = re.compile(
    r"[ \t]*([0-9]{1,10}):[ \t]+[0-9]+[ \t]+([0-9]+)/[0-9]+[ \t]+([0-9]+)/([0-9]+)[ \t]+([0-9]+)/([0-9]+)"
)
_JIT_LIMIT = "proc/sys/net/core/bpf_jit_limit"
_CONNTRACK = "proc/sys/net/netfilter/nf_conntrack_"


def limits_of(reading, host, sockets):
    """Return [{name, value, limit, unit, reason}] of what was asked for; value or limit is None where it is not known,
    and then there is a reason, a sentence.

    Parameters: host, the host part of the facts; sockets, the memory of sockets.
    """
    limits = [_limit("threads", host["threads"], host["threads_limit"], "threads", "proc/loadavg", reading)]
    if _asked(reading, "proc/sys/fs/file-nr"):
        value, most = (number_of(reading, "proc/sys/fs/file-nr", word) for word in (0, 2))
        # systemd sets a limit of 2**63 - 1, which is none.
        limits.append(_limit("files", value, most, "files", "proc/sys/fs/file-nr", reading))
    if _asked(reading, _CONNTRACK + "count"):
        value, most = number_of(reading, _CONNTRACK + "count"), number_of(reading, _CONNTRACK + "max")
        limits.append(_limit("conntrack", value, most, "connections", _CONNTRACK + "count", reading))
    for name, value, most in (("tcp", sockets.tcp, sockets.tcp_limit), ("udp", sockets.udp, sockets.udp_limit)):
        if _asked(reading, "proc/sys/net/ipv4/%s_mem" % name):
            file = "proc/net/sockstat" if value is None else "proc/sys/net/ipv4/%s_mem" % name
            limits.append(_limit(name + "_memory", value, most, "bytes", file, reading))
    limits += _keys(reading) + _counted(reading)
    if _asked(reading, _JIT_LIMIT):
        limits.append(_jit(reading, host["page_size_bytes"]))
    return limits


def key_users(reading):
    """Return [(uid, keys, keys against the quota, quota of keys, bytes, quota of bytes)] of /proc/key-users."""
    rows = []
    for line in (text_of(reading, KEY_USERS) or "").split("\n"):
        match = _KEY_USER.match(line)
        numbers = [number_in(word) for word in match.groups()] if match else [None]
        if None not in numbers:
            rows.append(tuple(numbers))
    return rows


def _keys(reading):
    """Return the user who is nearest to the quota of keys, by number and by bytes."""
    rows = key_users(reading)
    limits = []
    for name, unit, used, most in (("keys", "keys", 2, 3), ("key_bytes", "bytes", 4, 5)):
        ranked = sorted(rows, key=lambda row: (-row[used] / float(row[most] or 1), row[0]))
        if ranked:
            limits.append(_limit(name, ranked[0][used], ranked[0][most], unit, KEY_USERS, reading))
    return limits


def _counted(reading):
    """Return the objects of the subset limits: mounts, System V, watches, threads of the top control groups."""
    part = _part(reading, "limits")
    if part is None:
        return []
    limits = []
    for name, value, unit, file, word in (
        ("mounts", part.get("mounts"), "mounts", "proc/sys/fs/mount-max", 0),
        ("message_queues", _rows(part, "messages"), "queues", "proc/sys/kernel/msgmni", 0),
        ("shared_segments", _rows(part, "segments"), "segments", "proc/sys/kernel/shmmni", 0),
        ("semaphore_arrays", _rows(part, "semaphores"), "arrays", "proc/sys/kernel/sem", 3),
    ):
        limits.append(_limit(name, whole_number(value), number_of(reading, file, word), unit, file, reading))
    # For each user, as far as descriptors tell: of watches the kernel gives no number.
    instances = _inotify(reading)
    most = number_of(reading, "proc/sys/fs/inotify/max_user_instances")
    if instances is not None and most is not None:
        limits.append(_limit("inotify_instances", instances, most, "instances", "proc/sys/fs/inotify", reading))
    rows = part.get("pids")
    for row in rows[:8] if isinstance(rows, (list, tuple)) else ():
        if isinstance(row, (list, tuple)) and len(row) == 3 and whole_number(row[1]) is not None:
            name = "threads of %s" % (clean_text(row[0], 40) or "?")
            limits.append(_limit(name, row[1], whole_number(row[2]), "threads", "pids.current", reading))
    return limits


def _inotify(reading):
    """Return the most inotify instances of one command, as far as descriptors were read, or None."""
    part = _part(reading, "descriptors")
    rows = part.get("rows") if part else None
    counts = [
        whole_number(row[2])
        for row in (rows if isinstance(rows, (list, tuple)) else ())
        if isinstance(row, (list, tuple)) and len(row) == 3 and row[1] == "inotify"
    ]
    return max([count for count in counts if count is not None] or [None]) if counts else None


def _rows(part, name):
    table = part.get(name)
    return table.get("rows") if isinstance(table, dict) else None


def _part(reading, name):
    parts = reading.get("parts")
    part = parts.get(name) if isinstance(parts, dict) else None
    return part if isinstance(part, dict) else None


def _jit(reading, page):
    """Return the memory of BPF programs that are compiled, which vmallocinfo tells, against its limit."""
    part = _part(reading, "vmalloc")
    pages = whole_number(part.get("jit_pages")) if part else None
    value = pages * page if pages is not None and page and pages * page <= LARGEST else None
    limit = _limit("bpf_jit", value, number_of(reading, _JIT_LIMIT), "bytes", _JIT_LIMIT, reading)
    if value is None:
        limit["reason"] = "How much of it is used stands in vmallocinfo alone, which the subset vmalloc reads as root."
    return limit


def _asked(reading, name):
    return text_of(reading, name) is not None or (isinstance(reading.get("errors"), dict) and name in reading["errors"])


def _limit(name, value, limit, unit, file, reading):
    reason = None
    if value is None or limit is None:
        reason = (
            why_unreadable(reading, file)[1] if value is None else "This kernel has no limit for it, or none is known."
        )
    return {"name": name, "value": value, "limit": limit, "unit": unit, "reason": reason}
