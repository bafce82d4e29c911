# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of objects that processes have the kernel keep: messages and shared memory of System V, packet sockets,
mounts, and the threads of the top control groups.

Private to the collection; imports nothing, and is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

# (name, file, the columns that are added up, the column that says whose a row is)
TABLES = (
    ("messages", "proc/sysvipc/msg", "cbytes qnum", "uid"),
    ("segments", "proc/sysvipc/shm", "rss size", "uid"),
    ("semaphores", "proc/sysvipc/sem", "nsems", "uid"),
    ("packets", "proc/net/packet", "Rmem", "User"),
)
SLICES = "system.slice user.slice machine.slice kubepods.slice kubepods"
OWNERS = 1000


def parse_table(lines, columns, owner):
    """Return the number of rows, the sum of each column by its name, and the owner of most of the first column.

    Parameters: lines, an iterable of lines as bytes, the first with the names of the columns; columns, names of those
    to add up; owner, the name of the column that says whose a row is. Rows that are not understood are left out.
    ``unattached`` is the first column's sum over the rows whose column ``nattch`` is 0, where there is one.
    """
    names, owners, found = None, {}, {"rows": 0, "unattached": 0}
    columns = columns.split()
    for line in lines:
        words = (line or b"").decode("ascii", "replace").split()
        if names is None:
            names = words
        row = {names[place]: words[place] for place in range(min(len(names), len(words)))}
        numbers = [row.get(name, "") for name in columns + [owner]]
        if [word for word in numbers if not word.isdigit() or len(word) > 18]:
            continue
        numbers = [int(word) for word in numbers]
        found["rows"] += 1
        for place, name in enumerate(columns):
            found[name] = found.get(name, 0) + numbers[place]
        if row.get("nattch") == "0":
            found["unattached"] += numbers[0]
        if numbers[-1] in owners or len(owners) < OWNERS:
            # A row without an amount counts, too: of sockets and queues the number is what is asked.
            owners[numbers[-1]] = owners.get(numbers[-1], 0) + numbers[0] + 1
    if owners:
        found["owner"] = sorted((-owners[name], name) for name in owners)[0][1]
    return found


def limits(reader, cut):
    """Return numbers of objects that processes have the kernel keep."""
    lines, part = reader.load("rare_parts").lines, {"mounts": None, "pids": []}
    for name, key, columns, owner in TABLES:
        if reader.status(reader.path(key)):
            part[name] = parse_table(lines(reader, key, cut), columns, owner)
    if reader.status(reader.path("proc/self/mountinfo")):
        part["mounts"] = sum([1 for _line in lines(reader, "proc/self/mountinfo", cut)])
    for name in SLICES.split():
        folder, pair = "sys/fs/cgroup/" + name, []
        for file in ("/pids.current", "/pids.max"):
            data = reader.data(folder + file, False, 64) or b""
            pair.append(int(data) if data.strip().isdigit() and len(data) < 18 else None)
        if pair[0] is not None:
            part["pids"].append([name] + pair)
    return part
