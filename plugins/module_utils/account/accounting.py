# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a reading to the kernel's memory by dimension: overlaps removed, and what is missing named with its reason.

Private to the collection; pure. All sizes are bytes. Decisions rest on presence and value, never on the kernel's
version: distributions carry fields back and forth between versions.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .contradictions import mib
from .counters import clean_text, found_in, parse_counters, text_of, whole_number
from .holders import holders_of
from .meminfo import KNOWN_FIELDS
from .missing import CONTRADICTORY, DAMAGED, NOT_IN_THIS_KERNEL, is_sure_to_have
from .remainder import unaccounted

# Architectures whose kernels are built with stacks in vmalloc memory by default, and those that can't be.
_STACKS_INSIDE = ("x86_64", "aarch64", "s390x", "riscv64")
_STACKS_OUTSIDE = (
    "i386",
    "i486",
    "i586",
    "i686",
    "ppc64le",
    "ppc64",
    "ppc",
    "mips",
    "mips64",
    "ia64",
    "alpha",
    "sparc64",
)
_MAX_UNKNOWN_FIELDS = 50

COUNTED = (
    "slab_reclaimable",
    "slab_unreclaimable",
    "vmalloc",
    "kernel_stack",
    "page_tables",
    "secondary_page_tables",
    "percpu",
    "socket_buffers",
    "misc",
)


def account(reading, meminfo, counters, sockets, host, missing):
    """Return the kernel memory of a host.

    Parameters: reading, a dict; meminfo, the result of ``parse_meminfo``; counters, what of it can be believed;
    sockets, the memory of sockets; host, the host part of the facts; missing, to which is added what is not known.
    Result: ``dimensions``, ``kernel_total_bytes``, ``kernel_unreclaimable_bytes``, and ``accounting``, as the facts
    have them.
    """
    if counters.impossible:
        return without_values(CONTRADICTORY, counters.impossible, missing)
    vmstat = parse_counters(text_of(reading, "proc/vmstat"))
    kernel = _Kernel(counters, host, missing)
    kernel.count_slab()
    for name, field in (("kernel_stack", "KernelStack"), ("page_tables", "PageTables"), ("percpu", "Percpu")):
        kernel.count_field(name, field)
    kernel.count_vmalloc(vmstat, areas_of(reading, host["page_size_bytes"]), found_in(reading))
    kernel.count_sockets(sockets)
    kernel.count_misc()
    if meminfo["bad_lines"]:
        kernel.reasons.append("%d or more lines of meminfo could not be used." % len(meminfo["bad_lines"]))
    holders = holders_of(reading, counters, vmstat, host)
    rest = unaccounted(reading, counters, vmstat, kernel, holders, host)
    kernel.leave_in_slab(rest["terms"])
    total, unreclaimable = kernel.totals()
    kernel.dimensions["unaccounted_bytes"] = rest["bytes"]
    if rest["bytes"] is None:
        missing.note("unaccounted", rest["class"], rest["reason"])
    unknown_stacks = (
        kernel.stacks_inside is None
        and kernel.vmalloc_meaning == "pages"
        and kernel.dimensions["kernel_stack_bytes"] is not None
    )
    band = rest["band_bytes"]
    if band is not None and unknown_stacks:
        band += kernel.dimensions["kernel_stack_bytes"]
    return {
        "dimensions": kernel.dimensions,
        "kernel_total_bytes": total,
        "kernel_unreclaimable_bytes": unreclaimable,
        "accounting": {
            "bound": "lower" if kernel.lacks_something else "estimate" if unknown_stacks else "exact",
            "reasons": kernel.reasons + rest["reasons"],
            "vmalloc_meaning": kernel.vmalloc_meaning,
            "stacks_in_vmalloc": kernel.stacks_inside,
            "unaccounted_band_bytes": band,
            "sockets_in_slab_bytes": kernel.sockets_in_slab,
            "terms": rest["terms"],
            "holders": [holder.fact(counters.ram, host["cpus_possible"]) for holder in holders],
            "unknown_fields": _unknown_fields(meminfo),
        },
    }


def without_values(kind, reason, missing):
    """Return the same shape as :func:`account` with no value in it, for a host whose meminfo is not the kernel's own
    or can't be true; *kind* is the class of what is missing.
    """
    names = COUNTED + ("unaccounted",)
    for name in names + ("kernel_total", "kernel_unreclaimable"):
        missing.note(name, kind, reason)
    return {
        "dimensions": dict.fromkeys([name + "_bytes" for name in names]),
        "kernel_total_bytes": None,
        "kernel_unreclaimable_bytes": None,
        "accounting": {
            "bound": "lower",
            "reasons": [reason],
            "vmalloc_meaning": "unavailable",
            "stacks_in_vmalloc": None,
            "unaccounted_band_bytes": None,
            "sockets_in_slab_bytes": None,
            "terms": {},
            "holders": [],
            "unknown_fields": [],
        },
    }


class _Kernel:
    """The kernel's own memory, counted dimension by dimension.

    ``whole_slab`` is Slab where the kernel does not say how it is divided; ``reclaimable_excess`` what is reclaimable
    beyond slab; ``sockets_in_slab`` how much of what waits in sockets is counted as slab already; ``lacks_something``
    tells that a part of the total is not known.
    """

    def __init__(self, counters, host, missing):
        self.counters, self.sizes, self.missing = counters, counters.sizes, missing
        self.host = host
        self.dimensions = dict.fromkeys([name + "_bytes" for name in COUNTED])
        self.reasons = []
        self.whole_slab = None
        self.reclaimable_excess = 0
        self.sockets, self.sockets_in_slab = None, None
        self.vmalloc_meaning, self.stacks_inside = "unavailable", None
        self.lacks_something = False

    def terms(self):
        """Return the kernel's own terms of the remainder, {name_bytes: bytes or None}; sockets are taken out last."""
        own = {name: self.dimensions[name] for name in self.dimensions if name != "socket_buffers_bytes"}
        if self.whole_slab is not None:
            own["slab_bytes"] = self.whole_slab
        return own

    def spoiled(self):
        """Return the name of a part that the kernel counts and that can't be believed here, or None."""
        for name in ("slab_unreclaimable", "kernel_stack", "page_tables", "percpu", "vmalloc"):
            if self.missing.classes.get(name) in (DAMAGED, CONTRADICTORY):
                return name
        return None

    def count_field(self, name, field):
        """Count a field that no running kernel has at 0."""
        value = self.sizes.get(field)
        if value:
            self.dimensions[name + "_bytes"] = value
        else:
            self._lacks(name, *self.counters.why(field))

    def count_slab(self):
        """Count both kinds of slab, or the whole where the kernel does not say how it is divided."""
        sizes, counters = self.sizes, self.counters
        if "SReclaimable" in sizes and sizes.get("SUnreclaim") and sizes.get("Slab", 1):
            self.dimensions["slab_reclaimable_bytes"] = sizes["SReclaimable"]
            self.dimensions["slab_unreclaimable_bytes"] = sizes["SUnreclaim"]
            return
        doubted = [field for field in ("SUnreclaim", "SReclaimable") if counters.is_doubted(field)]
        if doubted:
            self._lacks("slab_unreclaimable", *counters.why(doubted[0]))
            self.dimensions["slab_reclaimable_bytes"] = sizes.get("SReclaimable")
        elif not sizes.get("Slab"):
            self._lacks("slab_unreclaimable", *counters.why("Slab"))
        else:
            self.whole_slab = sizes["Slab"]
            self.missing.note(
                "slab_unreclaimable",
                DAMAGED if is_sure_to_have(self.host["kernel_release"], "SUnreclaim") else NOT_IN_THIS_KERNEL,
                "This kernel gives Slab as a whole and does not say how much of it is reclaimable; the total includes "
                "it.",
            )
        if self.dimensions["slab_reclaimable_bytes"] is None:
            self.missing.like("slab_reclaimable", "slab_unreclaimable")

    def count_vmalloc(self, vmstat, areas, found):
        """Count vmalloc memory without kernel stacks: by VmallocUsed where it means pages, else by the pages of all
        *areas* of vmallocinfo, (bytes, bytes of stacks) or None.
        """
        sizes, stack = self.sizes, self.dimensions["kernel_stack_bytes"]
        used = sizes.get("VmallocUsed", 0)
        is_space = used and sizes.get("VmallocChunk")
        counted = 0 if is_space else used or vmstat.get("nr_vmalloc", 0) * (self.host["page_size_bytes"] or 0)
        if not counted and areas and not self.counters.is_doubted("VmallocUsed"):
            self.vmalloc_meaning, self.stacks_inside = "pages", areas[1] > 0
            self.dimensions["vmalloc_bytes"] = areas[0] - areas[1]
            self.reasons.append("VmallocUsed does not count pages here, so vmalloc memory is the sum of vmallocinfo.")
        elif is_space:
            self.vmalloc_meaning, self.stacks_inside = "area", False
            self._lacks(
                "vmalloc",
                NOT_IN_THIS_KERNEL,
                "VmallocUsed is address space on this kernel (it includes device memory), so vmalloc memory is not "
                "known.",
            )
        elif not counted:
            kind, reason = self.counters.why("VmallocUsed")
            if kind == NOT_IN_THIS_KERNEL:
                reason = "VmallocUsed is 0 or missing, which means that this kernel does not count it."
            self._lacks("vmalloc", kind, reason)
        elif counted > self.counters.ram:
            sentence = "VmallocUsed is %s, more than all RAM, so it is not memory on this kernel." % mib(counted)
            self.counters.contradict("VmallocUsed", sentence, counted, self.counters.ram)
            self._lacks("vmalloc", CONTRADICTORY, sentence)
        else:
            self.vmalloc_meaning = "pages"
            self.stacks_inside = self._find_stacks(counted, stack, found)
            # Where it is not known, stacks are taken to be inside, so that the total counts nothing twice.
            outside = stack is None or self.stacks_inside is False
            self.dimensions["vmalloc_bytes"] = counted if outside else counted - stack

    def _find_stacks(self, used, stack, found):
        """Return whether kernel stacks are part of VmallocUsed, or None where it is not known; say why."""
        architecture = self.host["architecture"]
        if stack is None:
            return None
        if used < stack:
            self.reasons.append("Kernel stacks are not in vmalloc memory: VmallocUsed is smaller than KernelStack.")
            return False
        if "config:VMAP_STACK=n" in found:
            return False
        if "config:VMAP_STACK=y" in found:
            return True
        if architecture in _STACKS_INSIDE:
            self.reasons.append("Kernel stacks are taken to be in vmalloc memory, as by default on %s." % architecture)
            return True
        if architecture in _STACKS_OUTSIDE:
            return False
        self.reasons.append(
            "It is not known whether kernel stacks are in vmalloc memory here; the total counts them once."
        )
        return None

    def count_sockets(self, sockets):
        """Count what waits in TCP and UDP sockets."""
        self.sockets = sockets
        if sockets.bytes is None:
            self._lacks("socket_buffers", *sockets.why)
        elif sockets.bytes > self.counters.ram:
            sentence = "sockstat counts %s in sockets, more than all RAM." % mib(sockets.bytes)
            self.counters.contradict("sockstat", sentence, sockets.bytes, self.counters.ram)
            self._lacks("socket_buffers", CONTRADICTORY, sentence)
            sockets.bytes = None
        else:
            self.dimensions["socket_buffers_bytes"] = sockets.bytes
            self.sockets_in_slab = 0

    def leave_in_slab(self, terms):
        """Note how much of what waits in sockets is not outside of slab, after the terms of the remainder."""
        if self.sockets.bytes is not None and "socket_buffers_bytes" in terms:
            self.sockets_in_slab = self.sockets.bytes - terms["socket_buffers_bytes"]

    def count_misc(self):
        """Count what is in no other dimension. Lines that kernels may lack are a true 0 where they are absent."""
        sizes, reclaimable = self.sizes, self.dimensions["slab_reclaimable_bytes"]
        if reclaimable is not None:
            self.reclaimable_excess = max(sizes.get("KReclaimable", 0) - reclaimable, 0)
        misc = self.reclaimable_excess + sizes.get("Quicklists", 0) + sizes.get("ShadowCallStack", 0)
        for name, value, fields in (
            ("misc", misc, ("Quicklists", "ShadowCallStack")),
            ("secondary_page_tables", sizes.get("SecPageTables", 0), ("SecPageTables",)),
        ):
            doubted = [field for field in fields if self.counters.is_doubted(field)]
            if doubted:
                self._lacks(name, *self.counters.why(doubted[0]))
            elif value > self.counters.ram:
                self._lacks(name, CONTRADICTORY, "The sum of its fields is larger than MemTotal.")
            else:
                self.dimensions[name + "_bytes"] = value
        if self.dimensions["misc_bytes"] is None:
            self.reclaimable_excess = 0

    def totals(self):
        """Return (total, unreclaimable); None with the reason noted where they would lack what the kernel counts, or
        where there is nothing to add or to tell apart.
        """
        counted = [name + "_bytes" for name in COUNTED]
        spoiled = self.spoiled()
        if spoiled:
            self.missing.like("kernel_total", spoiled)
            self.missing.like("kernel_unreclaimable", spoiled)
            return None, None
        # The last ones may be a true 0 on any kernel, so they alone are no account.
        if self.whole_slab is None and not [name for name in counted if self.dimensions[name]]:
            for name in ("kernel_total", "kernel_unreclaimable"):
                self.missing.note(name, NOT_IN_THIS_KERNEL, "None of the kernel's counters is available.")
            return None, None
        total = sum(self.dimensions[name] or 0 for name in counted) + (self.whole_slab or 0)
        total -= self.sockets_in_slab or 0
        if self.whole_slab is not None:
            self.missing.like("kernel_unreclaimable", "slab_reclaimable")
            return total, None
        return total, total - (self.dimensions["slab_reclaimable_bytes"] or 0) - self.reclaimable_excess

    def _lacks(self, name, kind, reason):
        self.missing.note(name, kind, reason)
        self.lacks_something = True


def areas_of(reading, page):
    """Return (bytes, bytes of kernel stacks) of all areas of vmallocinfo, or None where it was not read whole."""
    parts, cut = reading.get("parts"), reading.get("part_cut")
    part = parts.get("vmalloc") if isinstance(parts, dict) else None
    if not page or not isinstance(part, dict) or (isinstance(cut, dict) and "vmalloc" in cut):
        return None
    pages, stacks, areas, bad = (
        whole_number(part.get(name)) for name in ("pages", "stack_pages", "areas", "bad_lines")
    )
    if not pages or stacks is None or stacks > pages or not areas or bad is None or bad * 100 > areas:
        return None
    return pages * page, stacks * page


def _unknown_fields(meminfo):
    names = [name for part in ("sizes", "numbers") for name in meminfo[part] if name not in KNOWN_FIELDS]
    return [clean_text(name, 64) for name in sorted(names)[:_MAX_UNKNOWN_FIELDS]]
