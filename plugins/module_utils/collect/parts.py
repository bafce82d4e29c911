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
# Files as in reader.FILES, by subset.
FILES = {
    "objects": "+proc/sys/fs/dentry-state\n"
    "+proc/sys/fs/inode-nr\n"
    "+proc/sys/fs/file-nr\n"
    "+proc/sys/kernel/tainted\n"
    "+proc/sys/net/ipv4/tcp_mem\n"
    "proc/sys/net/ipv4/udp_mem\n"
    "proc/sys/net/core/bpf_jit_limit\n"
    "proc/key-users\n"
    "proc/sys/net/netfilter/nf_conntrack_count\n"
    "proc/sys/net/netfilter/nf_conntrack_max",
    "limits": "proc/sys/fs/mount-max\n"
    "proc/sys/kernel/msgmni\n"
    "proc/sys/kernel/shmmni\n"
    "proc/sys/kernel/sem\n"
    "proc/sys/fs/inotify/max_user_instances\n"
    "proc/sys/fs/inotify/max_user_watches\n"
    "proc/sys/fs/pipe-user-pages-soft",
    "pressure": "+proc/pressure/memory\n+proc/buddyinfo",
}
# Where the functions of these subsets are; the others stand below, or in rare_parts.
MODULES = {"limits": "counts", "descriptors": "descriptors"}
# What holds locks of the kernel comes last.
ORDER = ("numa", "cgroups", "limits", "processes", "descriptors", "allocinfo", "slab", "vmalloc")


def gather(reader, wanted):
    """Return what the wanted subsets add to a reading.

    Parameters: reader, a Reader; wanted, a dict of subset name to ``always`` or ``needed``.
    """
    parts, errors, spent, cuts, skipped = {}, {}, {}, {}, {}
    for name in ("objects", "pressure") + ORDER:
        if name not in wanted:
            skipped[name] = "not_asked"
            continue
        if name in FILES:
            reader.take_all(FILES[name])
        if name not in ORDER:
            continue
        if wanted[name] == "needed" and not is_needed(name, reader.files):
            skipped[name] = "not_needed"
        elif reader.clock() > reader.end:
            errors[name] = "deadline"
        else:
            began, cut = reader.clock(), []
            try:
                part = (GATHERERS.get(name) or getattr(reader.load(MODULES.get(name, "rare_parts")), name))(reader, cut)
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
            except ImportError:
                # What unpacks the module is missing in this Python.
                errors[name] = "ENOSYS"
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
