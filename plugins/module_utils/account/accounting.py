# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a reading to the kernel's memory by dimension: overlaps removed, and what is missing named with its reason.

Private to the collection; pure. All sizes are bytes. Decisions rest on presence and value, never on
the kernel's version: distributions carry fields back and forth between versions.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .counters import clean_text, found_in, parse_counters, text_of
from .holders import likely_holders
from .meminfo import KNOWN_FIELDS
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

DIMENSIONS = (
    "slab_reclaimable",
    "slab_unreclaimable",
    "vmalloc",
    "kernel_stack",
    "page_tables",
    "secondary_page_tables",
    "percpu",
    "misc",
)


def account(reading, meminfo, host):
    """Return the kernel memory of a host.

    Parameters: reading, a dict; meminfo, the result of ``parse_meminfo``; host, the host part of the facts.
    Result: ``dimensions``, ``kernel_total_bytes``, ``kernel_unreclaimable_bytes``, ``accounting`` and ``unavailable``,
    as the facts have them.
    """
    sizes = meminfo["sizes"]
    counters = parse_counters(text_of(reading, "proc/vmstat"))
    state = {"sizes": sizes, "reasons": [], "unavailable": {}, "missing": False}
    dimensions = dict.fromkeys([name + "_bytes" for name in DIMENSIONS])
    whole_slab = _slab(state, dimensions)
    for name, field in (("kernel_stack", "KernelStack"), ("page_tables", "PageTables"), ("percpu", "Percpu")):
        dimensions[name + "_bytes"] = _never_zero(state, name, field)
    meaning, inside = _vmalloc(state, dimensions, counters, host, found_in(reading))
    excess = _misc(state, dimensions)
    total, unreclaimable = _totals(state, dimensions, whole_slab, excess)
    if meminfo["bad_lines"]:
        state["reasons"].append("%d or more lines of meminfo could not be used." % len(meminfo["bad_lines"]))
    kernel = dict(dimensions)
    if whole_slab is not None:
        kernel["slab_bytes"] = whole_slab
    rest = unaccounted(reading, sizes, meminfo["numbers"], counters, kernel, host)
    dimensions["unaccounted_bytes"] = rest["bytes"]
    if rest["reason"]:
        state["unavailable"]["unaccounted"] = rest["reason"]
    unknown_stacks = inside is None and meaning == "pages" and dimensions["kernel_stack_bytes"] is not None
    band = rest["band_bytes"]
    if band is not None and unknown_stacks:
        band += dimensions["kernel_stack_bytes"]
    return {
        "dimensions": dimensions,
        "kernel_total_bytes": total,
        "kernel_unreclaimable_bytes": unreclaimable,
        "unavailable": state["unavailable"],
        "accounting": {
            "bound": "lower" if state["missing"] else "estimate" if unknown_stacks else "exact",
            "reasons": state["reasons"] + rest["reasons"],
            "vmalloc_meaning": meaning,
            "stacks_in_vmalloc": inside,
            "unaccounted_band_bytes": band,
            "terms": rest["terms"],
            "holders": likely_holders(reading, sizes, counters, rest["terms"], host),
            "unknown_fields": _unknown_fields(meminfo),
        },
    }


def without_values(reason):
    """Return the same shape as :func:`account` with no value in it, for a host whose meminfo is not the kernel's
    own.
    """
    names = DIMENSIONS + ("unaccounted",)
    return {
        "dimensions": dict.fromkeys([name + "_bytes" for name in names]),
        "kernel_total_bytes": None,
        "kernel_unreclaimable_bytes": None,
        "unavailable": dict.fromkeys(names + ("kernel_total", "kernel_unreclaimable"), reason),
        "accounting": {
            "bound": "lower",
            "reasons": [reason],
            "vmalloc_meaning": "unavailable",
            "stacks_in_vmalloc": None,
            "unaccounted_band_bytes": None,
            "terms": {},
            "holders": [],
            "unknown_fields": [],
        },
    }


def _lacks(state, name, reason):
    state["unavailable"][name] = reason
    state["missing"] = True


def _never_zero(state, name, field):
    """Return the bytes of a field that no running kernel has at 0, or None with the reason noted."""
    value = state["sizes"].get(field)
    if value is None:
        _lacks(state, name, "This kernel's meminfo has no usable line %s." % field)
    elif value == 0:
        _lacks(state, name, "%s is 0, which no running kernel has: here it means not available." % field)
    elif value > state["sizes"]["MemTotal"]:
        _lacks(state, name, "%s is larger than MemTotal, so it is not what it says." % field)
    else:
        return value
    return None


def _slab(state, dimensions):
    """Set both slab dimensions; return the whole of Slab where the kernel does not say how it is divided, else None."""
    sizes = state["sizes"]
    divided = sizes.get("SReclaimable", 0) + sizes.get("SUnreclaim", 0)
    if "SReclaimable" in sizes and sizes.get("SUnreclaim") and divided <= sizes["MemTotal"] and sizes.get("Slab", 1):
        dimensions["slab_reclaimable_bytes"] = sizes["SReclaimable"]
        dimensions["slab_unreclaimable_bytes"] = sizes["SUnreclaim"]
        return None
    whole = _never_zero(state, "slab_unreclaimable", "Slab")
    if whole is not None:
        reason = (
            "This kernel gives Slab as a whole and does not say how much of it is reclaimable; the total includes it."
        )
        state["unavailable"]["slab_unreclaimable"] = reason
    state["unavailable"]["slab_reclaimable"] = state["unavailable"]["slab_unreclaimable"]
    return whole


def _vmalloc(state, dimensions, counters, host, found):
    """Set the vmalloc dimension without kernel stacks; return (meaning of VmallocUsed, whether stacks are inside)."""
    sizes, ram = state["sizes"], state["sizes"]["MemTotal"]
    used, stack = sizes.get("VmallocUsed", 0), dimensions["kernel_stack_bytes"]
    if used and sizes.get("VmallocChunk"):
        reason = (
            "VmallocUsed is address space on this kernel (it includes device memory), so vmalloc memory is not known."
        )
        _lacks(state, "vmalloc", reason)
        return "area", False
    if not used:
        used = counters.get("nr_vmalloc", 0) * (host["page_size_bytes"] or 0)
    if not used:
        _lacks(state, "vmalloc", "VmallocUsed is 0 or missing, which means that this kernel does not count it.")
        return "unavailable", None
    if used > ram:
        _lacks(state, "vmalloc", "VmallocUsed is larger than MemTotal, so it is not memory on this kernel.")
        return "unavailable", None
    inside = _stacks_inside(state, used, stack, host["architecture"], found)
    # Where it is not known, stacks are taken to be inside, so that the total counts nothing twice.
    dimensions["vmalloc_bytes"] = used if stack is None or inside is False else used - stack
    return "pages", inside


def _stacks_inside(state, used, stack, architecture, found):
    """Return whether kernel stacks are part of VmallocUsed, or None where it is not known; note why."""
    if stack is None:
        return None
    reasons = state["reasons"]
    if used < stack:
        reasons.append("Kernel stacks are not in vmalloc memory: VmallocUsed is smaller than KernelStack.")
        return False
    if "config:VMAP_STACK=n" in found:
        return False
    if "config:VMAP_STACK=y" in found:
        return True
    if architecture in _STACKS_INSIDE:
        reasons.append("Kernel stacks are taken to be in vmalloc memory, as by default on %s." % architecture)
        return True
    if architecture in _STACKS_OUTSIDE:
        return False
    reasons.append("It is not known whether kernel stacks are in vmalloc memory here; the total counts them once.")
    return None


def _misc(state, dimensions):
    """Set misc: what is in no other dimension; return its reclaimable part."""
    sizes = state["sizes"]
    excess = 0
    if dimensions["slab_reclaimable_bytes"] is not None:
        excess = max(sizes.get("KReclaimable", 0) - dimensions["slab_reclaimable_bytes"], 0)
    misc = excess + sizes.get("Quicklists", 0) + sizes.get("ShadowCallStack", 0)
    secondary = sizes.get("SecPageTables", 0)
    for name, value in (("misc", misc), ("secondary_page_tables", secondary)):
        if value > sizes["MemTotal"]:
            _lacks(state, name, "The sum of its fields is larger than MemTotal, so they are not what they say.")
        else:
            dimensions[name + "_bytes"] = value
    return excess if dimensions["misc_bytes"] is not None else 0


def _totals(state, dimensions, whole_slab, excess):
    """Return (total, unreclaimable), None with the reason noted where there is nothing to add or to tell apart."""
    counted = [name + "_bytes" for name in DIMENSIONS]
    # The last ones may be a true 0 on any kernel, so they alone are no account.
    if whole_slab is None and not [name for name in counted if dimensions[name]]:
        reason = "None of the kernel's counters is available."
        state["unavailable"].update({"kernel_total": reason, "kernel_unreclaimable": reason})
        return None, None
    total = sum(dimensions[name] or 0 for name in counted) + (whole_slab or 0)
    if whole_slab is not None:
        state["unavailable"]["kernel_unreclaimable"] = state["unavailable"]["slab_reclaimable"]
        return total, None
    return total, total - (dimensions["slab_reclaimable_bytes"] or 0) - excess


def _unknown_fields(meminfo):
    names = [name for part in ("sizes", "numbers") for name in meminfo[part] if name not in KNOWN_FIELDS]
    return [clean_text(name, 64) for name in sorted(names)[:_MAX_UNKNOWN_FIELDS]]
