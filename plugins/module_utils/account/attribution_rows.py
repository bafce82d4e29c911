# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the attribution that the reader has reduced on the host: rows of raw numbers in, rows in bytes out.

Private to the collection. Every function takes a part of the reading and what is known *about* the host,
and returns (data, sentences on what is lacking, remarks). They raise :class:`Wrong` at the first wrong type.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .counters import LARGEST, TEXT, clean_text, whole_number

MOST_ROWS = 10
MOST_NODES = 64
MOST_ALIASES = 8
NO_PAGE_SIZE = "The page size of this host is not known, so its pages can't be given in bytes."
CGROUP_COUNTERS = (
    "kernel",
    "slab_reclaimable",
    "slab_unreclaimable",
    "percpu",
    "pagetables",
    "sec_pagetables",
    "vmalloc",
    "kernel_stack",
    "sock",
)
_NODE_FIELDS = (
    ("memory_total_bytes", "MemTotal"),
    ("memory_free_bytes", "MemFree"),
    ("kernel_stack_bytes", "KernelStack"),
    ("page_tables_bytes", "PageTables"),
    ("secondary_page_tables_bytes", "SecPageTables"),
    ("slab_reclaimable_bytes", "SReclaimable"),
    ("slab_unreclaimable_bytes", "SUnreclaim"),
)
_COLUMNS = ("rows", "cbytes", "qnum", "rss", "nsems", "unattached")
# docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope, libpod-ID.scope, and kubepods...:cri-containerd:ID.
_CONTAINER = re.compile(r"[/:](?:docker|cri-containerd|crio|libpod)[-:]([0-9a-f]{64})(?:\.scope)?(?=[/:]|\Z)")
# With the cgroupfs driver the id stands alone: kubepods/burstable/podUID/ID, docker/ID.
_BARE = re.compile(r"/(?:kubepods|docker|libpod)[^/]*(?:/[^/]*)*?/([0-9a-f]{64})(?=/|\Z)")
# Fewer than this share of the host's threads seen means that some are hidden; less than that is the time between two
# files.
_SEEN_SHARE = 0.8
_FEWEST_THREADS = 50
_FEWEST_PROCESSES = 10


class Wrong(ValueError):
    """Something in a part is not what the reader writes."""


def number(value, factor=1):
    """Return *value* times *factor*, both whole, if it is a number that a host can have."""
    given = whole_number(value)
    if given is None or factor is None or given * factor > LARGEST:
        raise Wrong(NO_PAGE_SIZE if factor is None and given is not None else "")
    return given * factor


def text(value, limit):
    """Return a name from the host, printable and short."""
    if not isinstance(value, TEXT):
        raise Wrong()
    return clean_text(value, limit) or "(no printable name)"


def entries(part, name, width, most=MOST_ROWS):
    """Return the first rows of a list in *part*, each of *width* values."""
    listed = field(part, name)
    if not isinstance(listed, (list, tuple)):
        raise Wrong()
    for row in listed[:most]:
        if not isinstance(row, (list, tuple)) or len(row) != width:
            raise Wrong()
    return listed[:most]


def field(part, name):
    """Return an entry of *part*."""
    if not isinstance(part, dict) or name not in part:
        raise Wrong()
    return part[name]


def _bad_lines(part):
    bad = number(part.get("bad_lines", 0))
    return ["%d lines could not be understood." % bad] if bad else []


def container_id(path):
    """Return the 64 hex digits of a container from the path of its control group, or None."""
    found = _CONTAINER.findall(path) or _BARE.findall(path)
    return str(found[-1]) if found else None


def slab_caches(part, about):
    """Return the largest slab caches; ``outside_table_bytes`` is what Slab has and no cache (large kmalloc)."""
    page, caches = _page_of(part, about["page"]), []
    aliases = part.get("aliases", {}) if isinstance(part, dict) else {}
    if not isinstance(aliases, dict):
        raise Wrong()
    for name, active, objects, object_bytes, _per_slab, pages, slabs in entries(part, "rows", 7):
        active, objects = number(active), number(objects)
        others = aliases.get(name, []) if isinstance(name, TEXT) else []
        if not isinstance(others, (list, tuple)):
            raise Wrong()
        caches.append(
            {
                "name": text(name, 64),
                "bytes": number(number(pages) * number(slabs), page),
                "objects": objects,
                "objects_active": active,
                "use_percent": round(100.0 * active / objects, 1) if active <= objects and objects else None,
                "object_bytes": number(object_bytes),
                "aliases": [text(other, 64) for other in others[:MOST_ALIASES]],
            }
        )
    table, whole = number(field(part, "pages"), page), about["sizes"].get("Slab")
    outside, remarks = None, []
    lacking = _bad_lines(part)
    if part.get("source") == "slabtop":
        listed, known = number(field(part, "listed")), number(field(part, "caches"))
        remarks.append("These are the sizes that slabtop has shown, rounded, so what is outside of them is not known.")
        if listed < known:
            lacking.append("slabtop has shown %d of %d caches." % (listed, known))
    elif not whole:
        remarks.append("meminfo has no Slab, so what is outside the table is not known.")
    elif table > whole:
        remarks.append(
            "The caches add up to more than Slab, which is read at another moment, so what is outside the table is "
            "not known."
        )
    elif whole - table <= LARGEST:
        outside = whole - table
    caches.sort(key=lambda cache: (-cache["bytes"], cache["name"]))
    data = {
        "caches": caches,
        "caches_total": number(field(part, "caches")),
        "table_bytes": table,
        "outside_table_bytes": outside,
        "zfs_slab_bytes": number(field(part, "zfs_pages"), page),
    }
    return data, lacking, remarks


def _page_of(part, page):
    """Return the bytes of a page in which a part gives slabs: the host's, unless the part says its own."""
    own = whole_number(part.get("page_bytes")) if isinstance(part, dict) else None
    return own or page


def vmalloc_callers(part, about):
    """Return the kernel functions that allocated the most with vmalloc."""
    page = about["page"]
    callers = [
        {"caller": text(caller, 128), "bytes": number(pages, page), "areas": number(areas)}
        for caller, pages, areas in entries(part, "rows", 3)
    ]
    callers.sort(key=lambda one: (-one["bytes"], one["caller"]))
    data = {
        "callers": callers,
        "total_bytes": number(field(part, "pages"), page),
        "ioremap_bytes": number(field(part, "ioremap_bytes")),
        "stack_bytes": number(field(part, "stack_pages"), page),
        "jit_bytes": number(field(part, "jit_pages"), page),
    }
    return data, _bad_lines(part), []


def _told_by_ps(part):
    """Raise where only the output of ps is there, which tells threads."""
    if isinstance(part, dict) and part.get("source") == "ps":
        raise Wrong("The saved copy has no files of processes; its ps tells threads only.")


def page_table_processes(part, about):
    """Return the processes with the largest page tables."""
    _told_by_ps(part)
    found = [_process(row, "bytes", 1024) for row in entries(part, "page_tables", 4)]
    found.sort(key=lambda one: (-one["bytes"], one["pid"]))
    data = {
        "processes": found,
        "seen": number(field(part, "seen")),
        "total_bytes": number(field(part, "page_tables_kib"), 1024),
    }
    return data, _hidden(part, about), []


def thread_processes(part, about):
    """Return the processes with the most threads."""
    found = [_process(row, "threads", 1) for row in entries(part, "threads", 4)]
    found.sort(key=lambda one: (-one["threads"], one["pid"]))
    data = {"processes": found, "seen": number(field(part, "seen")), "total": number(field(part, "threads_seen"))}
    return data, _hidden(part, about), []


def pinning_processes(part, about):
    """Return the processes with the most pinned memory (VmPin): buffers of RDMA, of io_uring, of devices."""
    _told_by_ps(part)
    found = [_process(row, "bytes", 1024) for row in entries(part, "pinned", 4)]
    found.sort(key=lambda one: (-one["bytes"], one["pid"]))
    data = {
        "processes": found,
        "seen": number(field(part, "seen")),
        "total_bytes": number(field(part, "pinned_kib"), 1024),
    }
    return data, _hidden(part, about), []


def commands(part, about):
    """Return what all processes of a command have together, for those with most page tables and most threads."""
    return _sums(part, "commands", "command", 64), _hidden(part, about), []


def process_cgroups(part, about):
    """Return what all processes of a control group have together, for those with most page tables and most threads."""
    _told_by_ps(part)
    data = _sums(part, "groups", "path", 200)
    return {"cgroups": data.pop("groups"), "seen": data["seen"]}, _hidden(part, about), []


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


def ipc(part, _about):
    """Return what processes have the kernel keep by System V and in packet sockets, and whose most of it is."""
    if not isinstance(part, dict):
        raise Wrong()
    messages, segments = _table(part, "messages"), _table(part, "segments")
    semaphores, packets = _table(part, "semaphores"), _table(part, "packets")
    data = {
        "message_queues": messages["rows"],
        "messages": messages["qnum"],
        "message_bytes": messages["cbytes"],
        "message_owner_uid": messages["owner"],
        "shared_segments": segments["rows"],
        "shared_bytes": segments["rss"],
        "shared_unattached_bytes": segments["unattached"],
        "shared_owner_uid": segments["owner"],
        "semaphore_arrays": semaphores["rows"],
        "semaphores": semaphores["nsems"],
        "packet_sockets": packets["rows"],
        "packet_owner_uid": packets["owner"],
    }
    lacking = [
        "This host does not show its %s." % words
        for name, words in (("messages", "System V messages"), ("packets", "packet sockets"))
        if name not in part
    ]
    return data, lacking, []


def _table(part, name):
    """Return one of the tables that were added up; a column of a table without rows is 0, one without a table None."""
    table = part.get(name)
    if table is None:
        return dict.fromkeys(_COLUMNS + ("owner",))
    if not isinstance(table, dict):
        raise Wrong()
    found = {
        column: number(table.get(column, 0)) for column in ("rows", "cbytes", "qnum", "rss", "nsems", "unattached")
    }
    return dict(found, owner=number(table["owner"]) if "owner" in table else None)


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


def cgroups(part, _about):
    """Return the control groups with the most kernel memory; a counter that a kernel does not have is left out."""
    version = number(field(part, "version"))
    if version not in (1, 2):
        raise Wrong()
    groups = []
    for path, counters in entries(part, "rows", 2):
        if not isinstance(counters, dict):
            raise Wrong()
        group = {"path": text(path, 200), "kernel_bytes": None}
        group.update({name + "_bytes": number(counters[name]) for name in CGROUP_COUNTERS if name in counters})
        if "nr_descendants" in counters:
            group["descendants"] = number(counters["nr_descendants"])
        groups.append(group)
    dying, living = field(part, "dying"), field(part, "living")
    data = {
        "version": version,
        "cgroups": groups,
        "seen": number(field(part, "seen")),
        "dying": None if dying is None else number(dying),
        "living": None if living is None else number(living),
    }
    whole = all(group["kernel_bytes"] is not None for group in groups)
    return data, [], [] if whole else ["This kernel has no sum of a control group's kernel memory, only its parts."]


def numa_nodes(part, _about):
    """Return the memory of each NUMA node."""
    nodes = []
    for node, fields in entries(part, "rows", 2, MOST_NODES):
        if not isinstance(fields, dict):
            raise Wrong()
        entry = {"node": number(int(node) if isinstance(node, TEXT) and re.match(r"[0-9]{1,6}\Z", node) else node)}
        entry.update({name: number(fields[key], 1024) if key in fields else None for name, key in _NODE_FIELDS})
        nodes.append(entry)
    more = len(field(part, "rows")) > MOST_NODES
    return (
        {"nodes": sorted(nodes, key=lambda entry: entry["node"])},
        ["Only the first %d nodes are kept." % MOST_NODES] if more else [],
        [],
    )


def alloc_sites(part, _about):
    """Return the places in the kernel's source that hold the most memory."""
    sites = [
        {"site": text(site, 200), "bytes": number(size), "calls": number(calls)}
        for site, size, calls in entries(part, "rows", 3)
    ]
    sites.sort(key=lambda one: (-one["bytes"], one["site"]))
    return (
        {"sites": sites, "sites_total": number(field(part, "sites")), "total_bytes": number(field(part, "bytes"))},
        [],
        [],
    )
