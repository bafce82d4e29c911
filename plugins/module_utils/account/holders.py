# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may hold memory that no kernel counter names, what was measured of each, and how.

Private to the collection; pure. A holder of kind ``driver`` is a suspect that a bug hunt starts with; the other kinds
hold such memory by design.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import re

from .counters import LARGEST, TEXT, found_in, number_in, parse_counters, text_of
from .holders_table import KINDS
from .missing import is_from

_BALLOONS = ("vmw_balloon", "hv_balloon", "virtio_balloon", "xen_balloon")
_VIRTIO_FEATURES = re.compile(r"sys/bus/virtio/(?:drivers/virtio_balloon|devices)/(virtio[0-9]+)/features\Z")
_MOST_FEATURES = re.compile(r"[01]{3,256}\Z")
_BALLOON_DEVICE = 5
_DEFLATE_ON_OOM = 2
_HYPERVISOR = "The hypervisor's administrator can say how much it has."
# Where a measured amount is: inside MemTotal, outside of it (MemTotal is lower by it already), or not known.
INSIDE, OUTSIDE, UNKNOWN = True, False, None


class Holder:
    """A possible holder: ``bytes`` with ``how`` it is known, or None with a ``reason``; ``place`` of a measured amount;
    ``term``, its name among the terms of the remainder; ``doubt``, by how much the amount may be too high.
    """

    def __init__(self, name, size=None, how=None, reason=None, place=INSIDE, term=None, doubt=0):
        self.name, self.bytes, self.how, self.reason = name, size, how, reason
        self.place, self.term, self.doubt = place, term, doubt

    def fact(self, ram, cpus):
        """Return this holder as the facts have it."""
        row = KINDS[self.name]
        words = "It is counted by the kernel and holds nothing." if self.bytes == 0 else row.words
        plausible = row.plausible_bytes(ram, cpus) if self.bytes is None else None
        return {
            "name": self.name,
            "kind": row.kind,
            "bytes": self.bytes,
            "how": self.how,
            "reason": self.reason,
            "plausible_bytes": plausible,
            "explanation": words,
        }


def holders_of(reading, counters, vmstat, host):
    """Return the possible holders of this host, as :class:`Holder`.

    Parameters: counters, what of meminfo can be believed; vmstat, its counters; host, the host part of the facts.
    """
    found = found_in(reading)
    loaded = [name for name in sorted(KINDS) if "module:" + name in found]
    holders = _balloons(reading, counters, vmstat, host, loaded)
    holders += _zfs(reading, loaded) + _compressed(reading, counters, vmstat, host, loaded)
    holders += _graphics(reading, counters, loaded)
    for name in loaded:
        if KINDS[name].kind == "driver":
            holders.append(Holder(name, reason="No counter tells what this driver holds."))
    for holder in holders:
        if holder.bytes is not None and holder.place is not OUTSIDE and holder.bytes > counters.ram:
            holder.bytes, holder.how = None, None
            holder.reason = "Its count is larger than all RAM, so it is not what it says."
    return holders


def _balloons(reading, counters, vmstat, host, loaded):
    features = _virtio_features(reading)
    names = [name for name in _BALLOONS if name in loaded or (name == "virtio_balloon" and features is not None)]
    page, counted, how = host["page_size_bytes"], None, None
    if page and "balloon_inflate" in vmstat:
        counted = max(vmstat["balloon_inflate"] - vmstat.get("balloon_deflate", 0), 0) * page
        how = "vmstat: balloon_inflate less balloon_deflate"
    in_meminfo = counters.sizes.get("Balloon")
    if in_meminfo is not None and in_meminfo >= (counted or 0):
        counted, how = in_meminfo, "meminfo: Balloon"
    if counted is not None and counted > LARGEST:
        counted = None
    holders = []
    for name in names:
        if counted is not None and _counts_itself(name, in_meminfo, host["kernel_release"]):
            holders.append(_measured(name, counted, how, features, host["kernel_release"]))
            counted = None
        else:
            holders.append(Holder(name, reason="This kernel does not say how much. " + _HYPERVISOR))
    if not names and counted:
        holders.append(Holder("balloon", counted, how, place=UNKNOWN, term="balloon_bytes"))
    return holders


def _counts_itself(name, in_meminfo, release):
    """Whether the kernel's count is of this balloon: all since Balloon stands in meminfo (6.16); before, those that
    share the kernel's common code (virtio always, VMware's since 5.4).
    """
    return in_meminfo is not None or name == "virtio_balloon" or (name == "vmw_balloon" and is_from(release, (5, 4)))


def _measured(name, size, how, features, release):
    """Return a balloon that is counted. Whether MemTotal is lower by it depends on the driver: VMware's never lowers
    it, Xen's always, Hyper-V's since 5.11, virtio's unless the device lets it deflate on out of memory.
    """
    place = {"vmw_balloon": INSIDE, "xen_balloon": OUTSIDE}.get(name, UNKNOWN)
    if name == "hv_balloon" and is_from(release, (5, 11)):
        place = OUTSIDE
    elif name == "virtio_balloon" and features is not None:
        place = INSIDE if features[_DEFLATE_ON_OOM] == "1" else OUTSIDE
    return Holder(name, size, how, place=place, term="balloon_bytes")


def _virtio_features(reading):
    """Return the feature bits of the virtio balloon, the first one first, as a text of 0 and 1; None if not known."""
    files = reading.get("files")
    for name in sorted(name for name in files if isinstance(name, TEXT)) if isinstance(files, dict) else ():
        match = _VIRTIO_FEATURES.match(name)
        if not match:
            continue
        bits = (text_of(reading, name) or "").strip()
        device = (text_of(reading, name[: -len("features")] + "device") or "").strip()
        of_balloon = "/drivers/" in name or device in ("0x%04x" % _BALLOON_DEVICE, str(_BALLOON_DEVICE))
        if of_balloon and _MOST_FEATURES.match(bits):
            return bits
    return None


def _zfs(reading, loaded):
    """Return the cache of ZFS: what of it is not in slabs, which are counted already."""
    scattered = parse_counters(text_of(reading, "proc/spl/kstat/zfs/abdstats"))
    arc = parse_counters(text_of(reading, "proc/spl/kstat/zfs/arcstats"))
    if "scatter_data_size" in scattered:
        size = scattered["scatter_data_size"] + scattered.get("scatter_chunk_waste", 0)
        return [Holder("zfs", size, "abdstats: scatter_data_size, scatter_chunk_waste", term="zfs_arc_scatter_bytes")]
    if "data_size" in arc:
        doubt = arc.get("metadata_size", 0)
        size = arc["data_size"] + doubt
        how = "arcstats: data_size, metadata_size"
        return [Holder("zfs", size, how, term="zfs_arc_scatter_bytes", doubt=doubt)]
    return [Holder("zfs", reason="The statistics of ZFS could not be read.")] if "zfs" in loaded else []


def _compressed(reading, counters, vmstat, host, loaded):
    """Return zram and zswap, which keep compressed pages."""
    page, zswap = host["page_size_bytes"], counters.sizes.get("Zswap", 0)
    size, how = (zswap, "meminfo: Zswap") if zswap else (None, None)
    used = _sum_of_words(reading, re.compile(r"sys/block/zram[0-9]+/mm_stat\Z"), 2)
    if page and "nr_zspages" in vmstat:
        size, how = max(vmstat["nr_zspages"] * page, zswap), "vmstat: nr_zspages"
    elif used is not None:
        size, how = max(used, zswap), "mm_stat: mem_used_total"
    if size or (size == 0 and "zram" in loaded):
        return [Holder("zram", size, how, term="zspages_bytes")]
    return [Holder("zram", reason="This kernel does not count the pages of zram.")] if "zram" in loaded else []


def _graphics(reading, counters, loaded):
    names = [name for name in loaded if KINDS[name].kind == "gpu"]
    sizes, holders = counters.sizes, []
    counted = sizes.get("GPUActive", 0) + sizes.get("GPUReclaim", 0)
    translated = _sum_of_words(reading, re.compile(r"sys/class/drm/card[0-9]+/device/mem_info_gtt_used\Z"), 0)
    for name in names:
        if "GPUActive" in sizes and name not in ("nvidia", "i915"):
            holders.append(Holder(name, counted, "meminfo: GPUActive, GPUReclaim", term="gpu_bytes"))
            counted = 0
        elif name == "amdgpu" and translated is not None:
            holders.append(Holder(name, translated, "mem_info_gtt_used", term="gpu_bytes"))
        else:
            holders.append(Holder(name, reason="This driver does not say what it holds of RAM."))
    if counted and not any(holder.term == "gpu_bytes" for holder in holders):
        holders.append(Holder("gpu", counted, "meminfo: GPUActive, GPUReclaim", term="gpu_bytes"))
    return holders


def _sum_of_words(reading, pattern, position):
    """Return the sum of the numbers at one position of all files of a form, or None where there is none."""
    files = reading.get("files")
    names = (
        [name for name in files if isinstance(name, TEXT) and pattern.match(name)] if isinstance(files, dict) else []
    )
    found = [(text_of(reading, name) or "").split()[position : position + 1] for name in names]
    numbers = [number_in(words[0]) for words in found if words]
    known = [number for number in numbers if number is not None]
    return min(sum(known), LARGEST) if known else None
