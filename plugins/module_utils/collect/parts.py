# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gather the parts of a reading that say whose the memory is: what was asked for, where there is something to
attribute.

Private to the collection, and sent to hosts as source. It imports nothing but ``errno``; it reads files
by the reader's means, and takes further modules only when it has something for them, since each costs a host time to
compile.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import errno

NODES = 256
LONGEST = 4096
WALK_SECONDS = 2.0
# (file, whether its absence is worth a word) by subset
FILES = {
    "objects": (
        ("proc/sys/fs/dentry-state", True),
        ("proc/sys/fs/inode-nr", True),
        ("proc/sys/fs/file-nr", True),
        ("proc/sys/kernel/tainted", True),
        ("proc/sys/net/ipv4/tcp_mem", True),
        ("proc/sys/net/ipv4/udp_mem", False),
        ("proc/sys/net/core/bpf_jit_limit", False),
        ("proc/key-users", False),
        ("proc/sys/net/netfilter/nf_conntrack_count", False),
        ("proc/sys/net/netfilter/nf_conntrack_max", False),
    ),
    "pressure": (("proc/pressure/memory", True), ("proc/buddyinfo", True)),
}
# What holds locks of the kernel comes last.
ORDER = ("numa", "cgroups", "processes", "allocinfo", "slab", "vmalloc")


def gather(reader, wanted):
    """Return what the wanted subsets add to a reading.

    Parameters: reader, a Reader; wanted, a dict of subset name to ``always`` or ``needed``.
    """
    parts, errors, spent, cuts, skipped = {}, {}, {}, {}, {}
    for name in ("objects", "pressure") + ORDER:
        if name not in wanted:
            skipped[name] = "not_asked"
        elif name in FILES:
            for key, expected in FILES[name]:
                reader.take(key, expected)
        elif wanted[name] == "needed" and not is_needed(name, reader.files):
            skipped[name] = "not_needed"
        else:
            began, cut = reader.clock(), []
            try:
                part = (GATHERERS.get(name) or getattr(reader.load("rare_parts"), name))(reader, cut)
                if not cut:
                    parts[name] = part
                elif part.get("rows") or part.get("seen"):
                    parts[name], cuts[name] = part, cut[0]
                else:
                    errors[name] = cut[0]
            except reader.late:
                errors[name] = "deadline"
            except (OSError, IOError) as error:
                errors[name] = errno.errorcode.get(error.errno, "EIO")
            spent[name] = max(int((reader.clock() - began) * 1000), 0)
    found = {"parts": parts, "part_errors": errors, "part_ms": spent, "part_cut": cuts, "part_skipped": skipped}
    return dict(found, subsets=sorted(wanted))


def is_needed(name, files):
    """Whether a host has so much slab, or so many page tables or threads, that someone will ask whose they are."""
    field, share, threads = ("Slab:", 20, None) if name == "slab" else ("PageTables:", 100, "proc/loadavg")
    words = files.get("proc/meminfo", "").split()
    try:
        if threads in files and int(files[threads].split()[3].split("/")[1]) >= 5000:
            return True
    except (ValueError, IndexError):
        pass
    try:
        total, held = [int(words[words.index(word) + 1]) for word in ("MemTotal:", field)]
    except (ValueError, IndexError):
        return False
    return held >= 262144 and held * share >= total


def numa(reader, cut):
    """Return the kernel memory of each NUMA node."""
    folder, rows = "sys/devices/system/node", []
    numbers = [name[4:] for name in reader.listed(reader.path(folder)) if name[:4] == "node"]
    for number in sorted([int(word) for word in numbers if word and not word.strip("0123456789")])[:NODES]:
        try:
            data = b"".join(reader.chunks(reader.path("%s/node%d/meminfo" % (folder, number)), LONGEST))
        except reader.late:
            cut.append("deadline")
            break
        rows.append([number, reader.load("numa").parse_node(data)])
    return {"rows": rows}


def cgroups(reader, cut):
    """Return the cgroups with most kernel memory."""
    part, reason = reader.load("cgroup").walk(
        reader.path("sys/fs/cgroup"), reader.live, min(reader.end, reader.clock() + WALK_SECONDS), reader.clock
    )
    if reason:
        cut.append(reason)
    return part


GATHERERS = {"numa": numa, "cgroups": cgroups}
