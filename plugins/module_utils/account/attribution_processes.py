# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the attribution that a walk of the processes gave: who has page tables, threads, descriptors.

Private to the collection. Every function takes a part of the reading and what is known *about* the host,
and returns (data, sentences on what is lacking, remarks). They raise :class:`Wrong` at the first wrong type.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .attribution_values import Wrong, entries, field, number, text

# docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope, and kubepods...:cri-containerd:ID.
_CONTAINER = re.compile(r"[/:](?:docker|cri-containerd|crio|libpod)[-:]([0-9a-f]{64})(?:\.scope)?(?=[/:]|\Z)")
# With the cgroupfs driver the id stands alone: kubepods/burstable/podUID/ID, docker/ID.
_BARE = re.compile(r"/(?:kubepods|docker|libpod)[^/]*(?:/[^/]*)*?/([0-9a-f]{64})(?=/|\Z)")
# Fewer than this share of the host's threads seen means that some are hidden; less than that is the time between two
# files.
_SEEN_SHARE = 0.8
_FEWEST_THREADS = 50
_FEWEST_PROCESSES = 10


def container_id(path):
    """Return the 64 hex digits of a container from the path of its control group, or None."""
    found = _CONTAINER.findall(path) or _BARE.findall(path)
    return str(found[-1]) if found else None


def page_table_processes(part, about):
    """Return the processes with the largest page tables."""
    return _by_bytes(part, "page_tables", "page_tables_kib"), _hidden(part, about), []


def thread_processes(part, about):
    """Return the processes with the most threads."""
    found = [_process(row, "threads", 1) for row in entries(part, "threads", 4)]
    found.sort(key=lambda one: (-one["threads"], one["pid"]))
    data = {"processes": found, "seen": number(field(part, "seen")), "total": number(field(part, "threads_seen"))}
    return data, _hidden(part, about), []


def pinning_processes(part, about):
    """Return the processes with the most pinned memory (VmPin): buffers of RDMA, of io_uring, of devices."""
    return _by_bytes(part, "pinned", "pinned_kib"), _hidden(part, about), []


def commands(part, about):
    """Return what all processes of a command have together, for those with most page tables and most threads."""
    return _sums(part, "commands", "command", 64), _hidden(part, about), []


def process_cgroups(part, about):
    """Return what all processes of a control group have together, for those with most page tables and most threads."""
    _told_by_ps(part)
    data = _sums(part, "groups", "path", 200)
    return {"cgroups": data.pop("groups"), "seen": data["seen"]}, _hidden(part, about), []


def descriptors(part, about):
    """Return the open descriptors that may hold memory which no counter names, by command and kind."""
    rows = [
        {"command": text(command, 64), "kind": text(kind, 32), "descriptors": number(count)}
        for command, kind, count in entries(part, "rows", 3)
    ]
    rows.sort(key=lambda row: (-row["descriptors"], row["command"], row["kind"]))
    seen, unread = number(field(part, "seen")), number(field(part, "unread"))
    lacking = []
    if unread:
        lacking.append(
            "The descriptors of %d processes may not be read; it takes root (become) with CAP_SYS_PTRACE." % unread
        )
    # The kernel alone has more processes than that.
    if seen + unread < _FEWEST_PROCESSES and (about["threads"] or 0) >= _FEWEST_THREADS:
        lacking.append("Only %d processes were seen; where /proc is mounted with hidepid, become shows all." % seen)
    return {"rows": rows, "pipes": number(field(part, "pipes")), "seen": seen}, lacking, []


def _told_by_ps(part):
    """Raise where only the output of ps is there, which tells threads."""
    if isinstance(part, dict) and part.get("source") == "ps":
        raise Wrong("The saved copy has no files of processes; its ps tells threads only.")


def _by_bytes(part, name, total):
    """Return the processes of a table of the part, which is in KiB, with the *total* of all of them."""
    _told_by_ps(part)
    found = [_process(row, "bytes", 1024) for row in entries(part, name, 4)]
    found.sort(key=lambda one: (-one["bytes"], one["pid"]))
    return {"processes": found, "seen": number(field(part, "seen")), "total_bytes": number(field(part, total), 1024)}


def _sums(part, name, label, limit):
    rows = [
        {
            label: text(called, limit),
            "processes": number(processes),
            "page_table_bytes": None if tables is None else number(tables, 1024),
            "threads": number(threads),
            "pinned_bytes": None if pinned is None else number(pinned, 1024),
        }
        for called, processes, tables, threads, pinned in entries(part, name, 5)
    ]
    rows.sort(key=lambda row: (-(row["page_table_bytes"] or 0), -row["threads"], row[label]))
    return {name: rows, "seen": number(field(part, "seen"))}


def _process(row, measure, factor):
    pid, command, amount, path = row
    path = None if path is None or path == "" else text(path, 200)
    return {
        "pid": number(pid),
        "command": text(command, 64),
        measure: number(amount, factor),
        "cgroup": path,
        "container_id": container_id(path) if path else None,
    }


def _hidden(part, about):
    """Say that many threads were not seen; a plain user may be shown its own processes only."""
    seen, threads = number(field(part, "threads_seen")), about["threads"]
    if threads is None or threads < _FEWEST_THREADS or seen >= _SEEN_SHARE * threads:
        return []
    return ["Only %d of %d threads were seen; where /proc is mounted with hidepid, become shows all." % (seen, threads)]
