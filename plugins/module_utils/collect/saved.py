# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a saved copy has in other forms than files of /proc: output of uptime, ps, slabtop, sysctl, uname, lsmod beside
it, as support archives (sos reports) and crash scripts write them.

Private to the collection; imports nothing, and is sent to hosts as source, where a saved copy is read. It reads by the
reader's means.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

MOST = 1 << 25
LONGEST = 4096
TOP = 10
# Below the folder that holds proc/, or beside the files of a flat copy; the first that tells something is taken.
UPTIME = "uptime sos_commands/host/uptime sos_commands/general/uptime"
PS = "ps sos_commands/process/ps_auxwwwm ps_auxwwwm sos_commands/process/ps_-elfL ps_-eLf ps_-elfL ps.txt"
SLABTOP = "slabtop slabtop_-o slabtop.txt sos_commands/memory/slabtop_-o sos_commands/kernel/slabtop_-o"
SYSCTL = "sysctl sysctl_-a sos_commands/kernel/sysctl_-a"
UNAME = "uname uname_-a sos_commands/kernel/uname_-a"
LSMOD = "lsmod sos_commands/kernel/lsmod"
VIRTIO = "sys/bus/virtio/devices"


def complete(reader):
    """Add to a reader what its copy of /proc lacks and other files of the copy tell."""
    reader.take_each(VIRTIO, "virtio", "device features")
    _from_sysctl(reader)
    if "proc/sys/kernel/osrelease" not in reader.files:
        for words in [line.split() for line in lines(reader, UNAME)][:1]:
            if words[:1] == ["Linux"] and len(words) > 3:
                reader.files["proc/sys/kernel/osrelease"] = words[2] + "\n"
                reader.errors.pop("proc/sys/kernel/osrelease", None)
                machines = [word for word in words[4:] if word in MACHINES]
                reader.files.setdefault("proc/sys/kernel/arch", (machines or [""])[0])
    text = reader.files.get("proc/uptime", "")
    if not text.partition(".")[0].strip().isdigit():
        for line in [text] if text else lines(reader, UPTIME):
            seconds = uptime_seconds(line)
            if seconds is not None and "uptime_seconds" not in reader.sums:
                reader.sums["uptime_seconds"] = seconds
    if "proc/loadavg" not in reader.files:
        found = threads(lines(reader, PS))
        if found:
            reader.sums["threads"] = found["threads_seen"]
    if not reader.modules:
        names = [line.split()[0].encode("ascii", "replace") for line in list(lines(reader, LSMOD))[1:] if line.split()]
        if names:
            reader.note_modules([name + b" 0" for name in names])


def add_parts(reader, result):
    """Add to a reading the parts that output of commands tells, where the copy has no such files of /proc."""
    _from_sysctl(reader)
    parts, errors = result["parts"], result["part_errors"]
    if errors.get("slab") == "ENOENT":
        part = slabtop(lines(reader, SLABTOP))
        if part:
            parts["slab"] = part
            del errors["slab"]
    if not parts.get("processes", {"seen": 1})["seen"]:
        parts["processes"] = threads(lines(reader, PS)) or parts["processes"]


MACHINES = "x86_64 i686 i386 aarch64 ppc64le ppc64 s390x riscv64 armv7l".split()


def lines(reader, names):
    """Yield the lines, as texts without their ends, of the first of some files that is there."""
    for name in names.split():
        for folder in (reader.top, reader.roots["proc"] + "/"):
            path, tail = folder + name, b""
            if not reader.status(path) or path == reader.roots["proc"] + "/uptime":
                continue
            try:
                for piece in reader.chunks(path, MOST):
                    whole = (tail + piece).split(b"\n")
                    tail = whole.pop()[:LONGEST]
                    for line in whole:
                        yield line[:LONGEST].decode("utf-8", "replace")
            except (OSError, IOError):
                continue
            if tail:
                yield tail.decode("utf-8", "replace")
            return


def _from_sysctl(reader):
    """Take files of /proc/sys from the output of sysctl."""
    missing = {}
    for key in list(reader.errors):
        if key.startswith("proc/sys/") and reader.errors[key] == "ENOENT":
            missing[key[9:].replace("/", ".")] = key
    for line in lines(reader, SYSCTL) if missing else ():
        name, found, value = line.partition(" = ")
        if found and name in missing:
            reader.files[missing[name]] = value + "\n"
            del reader.errors[missing[name]]


def uptime_seconds(line):
    """Return the seconds in a line of uptime such as ``10:23:45 up 12 days,  3:04,  2 users, ...``, or None."""
    words = line.partition(" up ")[2].partition("user")[0].replace(",", " ").split()
    seconds, known = 0, False
    for place, word in enumerate(words):
        unit = words[place + 1] if place + 1 < len(words) else ""
        hours, colon, minutes = word.partition(":")
        if colon and hours.isdigit() and minutes.isdigit():
            seconds, known = seconds + int(hours) * 3600 + int(minutes) * 60, True
        elif word.isdigit() and unit[:3] in UNITS:
            seconds, known = seconds + int(word) * UNITS[unit[:3]], True
    return seconds if known else None


UNITS = {"day": 86400, "min": 60, "sec": 1, "hou": 3600, "hr": 3600, "hrs": 3600}


def _cell(head, words, name):
    """Return the word below a head, empty where the line is shorter or there is no such head."""
    place = head.index(name) if name in head else len(words)
    return words[place] if place < len(words) else ""


def threads(listing):
    """Return the part "processes" as far as the output of ps tells, or None where it does not tell threads.

    Threads are lines of their own (``ps auxm``: with ``-`` for the process id; ``ps -eLf``: with a column LWP), or a
    number (a column NLWP). Rows are as in processes.py; what ps does not tell of a command is None.
    """
    head, found, last = None, {}, None
    for line in listing:
        words = line.split()
        if "PID" in words:
            head = words
            continue
        if not head or len(words) < len(head) - 1:
            continue
        pid = _cell(head, words, "PID")
        if pid == "-":
            if last in found:
                found[last][1] += 1
            continue
        if not pid.isdigit():
            continue
        last = pid
        command = " ".join(words[len(head) - 1 :])
        if pid not in found:
            found[pid] = [_name(command), 0]
        if "LWP" in head:
            found[pid][1] += 1
        elif _cell(head, words, "NLWP").isdigit():
            found[pid][1] = int(_cell(head, words, "NLWP"))
    total = sum([found[pid][1] for pid in found])
    if not total:
        return None
    commands = {}
    for pid in found:
        entry = commands.setdefault(found[pid][0], [0, None, 0, None])
        entry[0] += 1
        entry[2] += found[pid][1]
    most = sorted(found, key=lambda pid: (-found[pid][1], int(pid)))[:5]
    names = sorted(commands, key=lambda name: (-commands[name][2], name))[:TOP]
    return {
        "source": "ps",
        "seen": len(found),
        "threads_seen": total,
        "threads": [[int(pid), found[pid][0], found[pid][1], None] for pid in most],
        "commands": [[name] + commands[name] for name in names],
    }


def _name(command):
    """Return the name of a program from its command line: no path, no arguments."""
    first = (command.split() or ["?"])[0]
    return first.strip("[]")[:64] if first[:1] == "[" else first.rpartition("/")[2][:64]


def slabtop(listing):
    """Return the part "slab" from the output of ``slabtop -o``, or None. Slabs are given in pages of 4 KiB."""
    rows, caches, pages = [], 0, 0
    for line in listing:
        words = line.split()
        if line.strip().startswith("Active / Total Caches") and "/" in words[-3:]:
            caches = int(words[words.index("/", 3) + 1]) if words[words.index("/", 3) + 1].isdigit() else 0
        if len(words) < 8 or not (words[0].isdigit() and words[1].isdigit() and words[2][-1:] == "%"):
            continue
        objects, active, _use, size, slabs, per_slab, held = words[:7]
        if size[-1:] != "K" or held[-1:] != "K" or not (slabs.isdigit() and per_slab.isdigit() and held[:-1].isdigit()):
            continue
        number = int(slabs)
        each = (int(held[:-1]) // number + 3) // 4 if number else 0
        bytes_each = int(float(size[:-1]) * 1024) if size[:-1].replace(".", "", 1).isdigit() else 0
        rows.append([" ".join(words[7:])[:64], int(active), int(objects), bytes_each, int(per_slab), each, number])
        pages += each * number
    if not rows:
        return None
    rows.sort(key=lambda row: (-row[5] * row[6], row[0]))
    zfs = sum([row[5] * row[6] for row in rows if row[0].startswith(ZFS)])
    part = {"source": "slabtop", "page_bytes": 4096, "caches": max(caches, len(rows)), "listed": len(rows)}
    return dict(part, pages=pages, zfs_pages=zfs, bad_lines=0, aliases={}, rows=rows[:TOP])


ZFS = ("zio_", "dnode_t", "dmu_buf_impl_t", "zfs_znode_", "arc_", "sa_cache", "abd_", "zil_", "ddt_")
