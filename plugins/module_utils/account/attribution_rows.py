# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the attribution that the reader has reduced on the host from the kernel's own tables: rows of raw
numbers in, rows in bytes out.

Private to the collection. Every function takes a part of the reading and what is known *about* the host,
and returns (data, sentences on what is lacking, remarks). They raise :class:`Wrong` at the first wrong type.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .attribution_values import Wrong, bad_lines, entries, field, number, text
from .counters import LARGEST, TEXT, whole_number

MOST_NODES = 64
MOST_ALIASES = 8
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
    lacking = bad_lines(part)
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
    return data, bad_lines(part), []


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
