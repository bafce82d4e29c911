# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The likely holders of memory that no kernel counter names.

Private to the collection; pure. A holder of kind ``driver`` is a suspect that a bug hunt starts
with; the other kinds hold such memory by design.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .counters import found_in
from .remainder import balloon_bytes

_BALLOONS = (("vmw_balloon", "VMware"), ("hv_balloon", "Hyper-V"), ("virtio_balloon", "virtio"), ("xen_balloon", "Xen"))
_GRAPHICS = ("nvidia", "amdgpu", "i915", "xe", "nouveau", "radeon")
# Drivers and file systems that keep pages outside every counter (receive rings, pinned buffers, RAM disks, caches).
_DRIVERS = (
    ("brd", "RAM disks keep their content in pages that no counter names."),
    ("rds", "RDS keeps its socket buffers in pages that no counter names."),
    ("lustre", "Lustre pins pages for its caches and transfers."),
    ("mmfs26", "GPFS keeps its page pool outside every kernel counter."),
    ("mlx4_core", None),
    ("mlx5_core", None),
    ("ice", None),
    ("i40e", None),
    ("ixgbe", None),
    ("bnxt_en", None),
    ("ena", None),
    ("tn40xx", None),
    ("ath11k", None),
)
_RINGS = (
    "A network driver keeps its receive rings in pages that no counter names; they grow with queues and ring sizes."
)


def likely_holders(reading, sizes, counters, terms, host):
    """Return [{name, kind, bytes, explanation}], the measured ones first taken out of what is unaccounted.

    Parameters: sizes from ``parse_meminfo``; counters of vmstat; terms of the remainder; host, the host part of the
    facts. ``bytes`` is None where the host does not say how much the holder has.
    """
    found = found_in(reading)
    holders = []

    def add(name, kind, size, explanation):
        holders.append({"name": name, "kind": kind, "bytes": size, "explanation": explanation})

    held = balloon_bytes(sizes, counters, host["page_size_bytes"])
    balloons = [(name, maker) for name, maker in _BALLOONS if "module:" + name in found]
    if not balloons and held:
        balloons = [("balloon", "hypervisor's")]
    for name, maker in balloons:
        _balloon(add, name, maker, held, sizes, counters)
    if "module:zfs" in found or "zfs_arc_scatter_bytes" in terms:
        words = "The ZFS ARC keeps file data in pages that no counter names; it shrinks when memory is short."
        add("zfs", "zfs", terms.get("zfs_arc_scatter_bytes"), words)
    if "module:zram" in found or terms.get("zspages_bytes"):
        size = terms.get("zspages_bytes") if "nr_zspages" in counters or terms.get("zspages_bytes") else None
        add("zram", "zram", size, "zram or zswap keeps compressed pages; the amount follows what is swapped out.")
    for name in _GRAPHICS:
        if "module:" + name in found:
            words = "The graphics driver keeps buffers of its clients in pages that no counter names."
            add(name, "gpu", terms.get("gpu_bytes"), words)
    for name, words in _DRIVERS:
        if "module:" + name in found:
            add(name, "driver", None, words or _RINGS)
    return holders


def _balloon(add, name, maker, held, sizes, counters):
    """Add a balloon, unless the kernel counts it and it is empty."""
    counts = "Balloon" in sizes or (name == "virtio_balloon" and "balloon_inflate" in counters)
    if counts and not held:
        return
    words = "The %s balloon gives memory back to the hypervisor; it is no defect of this host." % maker
    if held is None:
        words += " This kernel does not say how much; the hypervisor's administrator can."
    add(name, "balloon", held, words)
