# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's own counters and the objects that name themselves, of the whole host, as ``{kind: {name: value}}``.

Values are bytes or, where the kind says so, counts. What is not understood adds nothing. This file is sent to hosts as
source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .files import PAGE, number

SITE = 160
# Routes and sockets can be a million; a list that is cut does not seem to grow.
COUNTED, LISTED = 1 << 22, 1 << 24
SOCKET_FILES = ("tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6")
COUNTED_LINES = {
    "ARP entries": "proc/net/arp",
    "file locks": "proc/locks",
    "IPv4 multicast groups": "proc/net/igmp",
    "IPv4 routes": "proc/net/route",
    "IPv6 addresses": "proc/net/if_inet6",
    "IPv6 routes": "proc/net/ipv6_route",
    "mounts": "proc/self/mountinfo",
    "network devices": "proc/net/dev",
    "System V message queues": "proc/sysvipc/msg",
    "System V semaphore sets": "proc/sysvipc/sem",
    "System V shared memory segments": "proc/sysvipc/shm",
}
COUNTED_NUMBERS = {
    "inodes": ("proc/sys/fs/inode-nr", 0),
    "negative dentries": ("proc/sys/fs/dentry-state", 4),
    "open files": ("proc/sys/fs/file-nr", 0),
    "tracked connections": ("proc/sys/net/netfilter/nf_conntrack_count", 0),
}


def memory(host):
    """Return the counters of meminfo, pages on the per-CPU lists, pages of zsmalloc and of sockets, in bytes."""
    found = {}
    for line in host.text("proc/meminfo").splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == "kB":
            found[words[0].rstrip(":")] = number(words[1]) * 1024
    counts = host.text("proc/zoneinfo").split(" count:")[1:]
    found["per-CPU lists"] = sum([number((piece.split() or ["0"])[0]) for piece in counts]) * PAGE
    for words in host.rows("proc/vmstat", 0):
        if words[:1] == ["nr_zspages"]:
            found["zspages"] = number(words[-1]) * PAGE
    found["socket buffers"] = sum(socket_memory(host)[0].values())
    return found


def caches(host):
    """Return the bytes of each slab cache. A name may hold spaces, so the figures are taken from the right."""
    found = {}
    for line in host.text("proc/slabinfo").splitlines()[2:]:
        head, _mark, rest = line.partition(" : tunables")
        figures, slabs = head.rsplit(None, 5), rest.partition(" : slabdata")[2].split()
        if len(figures) == 6 and len(slabs) >= 2:
            found[figures[0].strip()] = number(figures[5]) * number(slabs[1]) * PAGE
    return found


def callers(host):
    """Return the bytes of vmalloc memory by the function that allocated them, with its module."""
    found = {}
    for line in host.text("proc/vmallocinfo").splitlines():
        before, mark, after = line.partition(" pages=")
        words = before.split()
        if not mark or len(words) < 3:
            continue
        caller = words[2].partition("+")[0]
        if len(words) > 3 and words[3][:1] == "[":
            caller += " " + words[3]
        found[caller] = found.get(caller, 0) + number((after.split() or ["0"])[0]) * PAGE
    return found


def sites(host):
    """Return the bytes of each allocation site, where the kernel profiles allocations."""
    found = {}
    for line in host.text("proc/allocinfo").splitlines()[2:]:
        words = line.split(None, 2)
        if len(words) == 3:
            site = " ".join(words[2].split())[:SITE]
            found[site] = found.get(site, 0) + number(words[0])
    return found


def keys(host):
    """Return bytes and numbers of keys by user."""
    sizes, counts = {}, {}
    for line in host.text("proc/key-users").splitlines():
        words = line.replace("/", " ").split()
        if len(words) >= 7:
            user = words[0].rstrip(":")
            sizes[user], counts[user] = number(words[6]), number(words[2])
    return sizes, counts


def messages(host):
    """Return the bytes in System V message queues by ``USER LAST_SENDER``."""
    found = {}
    for words in host.rows("proc/sysvipc/msg"):
        if len(words) > 7:
            name = words[7] + " " + words[5]
            found[name] = found.get(name, 0) + number(words[3])
    return found


def socket_memory(host):
    """Return bytes of socket buffers and numbers of sockets by protocol."""
    sizes, counts = {}, {}
    for words in host.rows("proc/net/sockstat", 0) + host.rows("proc/net/sockstat6", 0):
        named = {words[place]: words[place + 1] for place in range(1, len(words) - 1, 2)}
        protocol = words[0].rstrip(":")
        if "mem" in named:
            sizes[protocol] = number(named["mem"]) * PAGE
        counts["sockets" if protocol == "sockets" else protocol + " sockets"] = number(
            named.get("inuse", named.get("used", "0"))
        )
    return sizes, counts


def queues(host):
    """Return the bytes that wait in sockets: by ``PROTOCOL USER``, and by ``PROTOCOL INODE`` of single sockets. Users
    of netlink are not told: ``*``.
    """
    users, sockets = {}, {}

    def add(protocol, user, inode, size):
        if size:
            name = "%s %s" % (protocol, user)
            users[name] = users.get(name, 0) + size
            sockets["%s %s" % (protocol, inode)] = size

    for protocol in SOCKET_FILES:
        for words in host.rows("proc/net/" + protocol, 1, LISTED):
            if len(words) > 9:
                sent, _colon, received = words[4].partition(":")
                add(protocol, words[7], words[9], number(sent, 16) + number(received, 16))
    for words in host.rows("proc/net/netlink"):
        if len(words) > 9:
            add("netlink", "*", words[9], number(words[4]) + number(words[5]))
    for words in host.rows("proc/net/packet"):
        if len(words) > 8:
            add("packet", words[7], words[8], number(words[6]))
    return users, sockets


def compressed(host):
    """Return the memory of each zram device."""
    found = {}
    for device in host.names("sys/block"):
        if device[:4] == "zram":
            words = host.text("sys/block/%s/mm_stat" % device).split()
            found[device] = number(words[2]) if len(words) > 2 else 0
    return found


def counts(host):
    """Return the numbers of what the kernel counts or lists."""
    found = {}
    for name in COUNTED_LINES:
        found[name] = host.text(COUNTED_LINES[name], COUNTED).count("\n")
    for kind in ("packet", "unix", "netlink", "raw", "vsock", "icmp"):
        found[kind + " sockets listed"] = host.text("proc/net/" + kind, COUNTED).count("\n")
    for name in COUNTED_NUMBERS:
        key, place = COUNTED_NUMBERS[name]
        words = host.text(key).split()
        found[name] = number(words[place]) if len(words) > place else 0
    groups = [number(words[2]) for words in host.rows("proc/cgroups") if len(words) > 2]
    found["control groups"] = max(groups + [0])
    found["kernel modules"] = host.text("proc/modules").count("\n")
    return found


def system(host):
    """Return all of the above, by kind."""
    key_bytes, key_counts = keys(host)
    buffers, sockets = socket_memory(host)
    by_user, by_socket = queues(host)
    return {
        "memory": memory(host),
        "cache": caches(host),
        "caller": callers(host),
        "site": sites(host),
        "keys": key_bytes,
        "key_count": key_counts,
        "messages": messages(host),
        "socket_buffers": buffers,
        "queues": by_user,
        "queue": by_socket,
        "zram": compressed(host),
        "count": dict(counts(host), **sockets),
    }
