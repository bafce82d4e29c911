# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The caches of /proc/slabinfo, reduced to the biggest ones, and the other names that a merged cache has.

Private to the collection; imports nothing, and is sent to hosts as source.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

TOP = 10
NAME = 64
ALIASES = 8
# The caches of ZFS: objects of its cache (ARC), which is not page cache.
ZFS = ("zio_", "dnode_t", "dmu_buf_impl_t", "zfs_znode_", "arc_", "sa_cache", "abd_", "zil_", "ddt_")


def text(name):
    """Return a name of the kernel's, as bytes or as ``os.listdir`` gives it, as bounded text."""
    if not isinstance(name, bytes):
        try:
            name = name.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # no listing gives it, but an answer may hold it
            name = name.encode("utf-8", "replace")
    return name.decode("utf-8", "replace")[:NAME]


def parse_slabinfo(lines):
    """Return the biggest caches and the sums over all of them.

    Parameters: lines, an iterable of lines as bytes without their ends; None stands for a line that could not be read
    whole. Rows are ``[name, active objects, objects, bytes of an object, objects of a slab, pages of a slab, slabs]``;
    sums are in pages. A line that is not understood is counted in bad_lines and adds nothing.
    """
    rows, caches, pages, zfs, bad = [], 0, 0, 0, 0
    for line in lines:
        if line is not None and (line[:1] == b"#" or line.startswith(b"slabinfo - version:") or not line.strip()):
            continue
        row = line and _cache(line)
        if not row:
            bad += 1
            continue
        size = row[5] * row[6]
        caches += 1
        pages += size
        if row[0].startswith(ZFS):
            zfs += size
        rows.append((-size, row[0], row))
        if len(rows) > 500:
            rows.sort()
            del rows[TOP:]
    rows.sort()
    part = {"caches": caches, "pages": pages, "zfs_pages": zfs, "bad_lines": bad, "aliases": {}}
    return dict(part, rows=[row[2] for row in rows[:TOP]])


def _cache(line):
    # A name may hold spaces and parentheses, so the figures are taken from the right.
    head, _rest, rest = line.partition(b" : tunables")
    figures, slabs = head.rsplit(None, 5), rest.partition(b" : slabdata")[2].split(None, 3)[:3]
    if len(figures) != 6 or len(slabs) != 3:
        return None
    for word in figures[1:] + slabs:
        if not word.isdigit() or len(word) > 18:
            return None
    return [text(figures[0].strip())] + [int(word) for word in figures[1:]] + [int(slabs[1])]


def aliases_of(names, links):
    """Return the other names of these caches: links of /sys/kernel/slab with one target are one merged cache.

    Parameters: names, of caches; links, pairs of a link's name and its target (an id such as ``:0000192``, or a cache).
    """
    merged = {}
    for link, target in links:
        target = text(target).rpartition("/")[2]
        merged.setdefault(target, set() if target[:1] == ":" else {target}).add(text(link))
    found = {}
    for target in sorted(merged):
        for name in names:
            others = merged[target] - {name}
            if others and name in merged[target]:
                found[name] = sorted(others)[:ALIASES]
    return found
