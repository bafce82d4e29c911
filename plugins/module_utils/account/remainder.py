# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What no counter names: MemTotal = everything that a counter names + unaccounted.

Private to the collection; pure. All sizes are bytes.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .contradictions import CACHES, LISTS, MIB
from .counters import whole_number
from .holders import OUTSIDE, UNKNOWN
from .huge_pages import huge_pages_of
from .missing import CONTRADICTORY, DAMAGED

# 53 pages of 4 KiB a possible CPU, measured on three kernels: the first percpu chunk, which is outside MemTotal.
FIRST_CHUNK = 212 * 1024

_LISTS = (
    ("active_anon_bytes", "Active(anon)"),
    ("inactive_anon_bytes", "Inactive(anon)"),
    ("active_file_bytes", "Active(file)"),
    ("inactive_file_bytes", "Inactive(file)"),
    ("unevictable_bytes", "Unevictable"),
)
_CACHES = (
    ("anon_pages_bytes", "AnonPages"),
    ("page_cache_bytes", "Cached"),
    ("buffers_bytes", "Buffers"),
    ("swap_cached_bytes", "SwapCached"),
)
_OLD_LISTS = (("active_bytes", "Active"), ("inactive_bytes", "Inactive"))


def unaccounted(reading, counters, vmstat, kernel, holders, host):
    """Return what no counter names.

    Parameters: counters, what of meminfo can be believed; vmstat, its counters; kernel, the kernel's own memory;
    holders, as ``holders_of`` gives them; host, the host part of the facts.
    Result: ``bytes`` (None where it can't be known), ``class`` and ``reason`` (where None), ``band_bytes``, ``terms``
    {name_bytes: bytes} and ``reasons`` (sentences on what widens the band).
    """
    sizes, page, own = counters.sizes, host["page_size_bytes"], kernel.terms()
    result = {"bytes": None, "class": None, "reason": None, "band_bytes": None, "terms": {}, "reasons": []}
    users = _users(counters)
    unknown = _why_not(counters, users, kernel)
    if unknown:
        result["class"], result["reason"] = unknown
        return result
    terms = result["terms"]
    terms["free_bytes"] = sizes["MemFree"]
    terms.update(users)
    terms.update((name, own[name]) for name in own if own[name] is not None)
    for name, field in (("bounce_bytes", "Bounce"), ("writeback_temporary_bytes", "WritebackTmp")):
        if sizes.get(field):
            terms[name] = sizes[field]
    terms["hugetlb_bytes"] = sizes.get("Hugetlb", huge_pages_of(reading, sizes, counters.numbers)["total_bytes"])
    terms["zspages_bytes"] = 0
    _add_pages(reading, vmstat, page, terms)
    result["band_bytes"] = _band(counters, own, terms, host, result["reasons"])
    _take_out(holders, counters, result)
    result["band_bytes"] = min(result["band_bytes"], counters.ram)
    _add_sockets(kernel.sockets, counters.ram, terms)
    counted = sum(terms.values())
    if counters.ram - counted + result["band_bytes"] < 0:
        sentence = "The counters add up to %d MiB more than MemTotal, so at least one of them is not what it says." % (
            (counted - counters.ram) // MIB
        )
        counters.contradict("MemTotal", sentence, counters.ram, counted)
        result["terms"] = {name: terms[name] for name in terms if terms[name] <= counters.ram}
        result["class"], result["reason"] = CONTRADICTORY, sentence
    else:
        result["bytes"] = counters.ram - counted
    return result


def _users(counters):
    """Return the terms that cover the pages of processes and files once, or None where the kernel does not name
    them.
    """
    ways = ((_LISTS, 4), (_CACHES, 2), (_OLD_LISTS, 2)) if counters.lists_are_sound else ((_CACHES, 2),)
    for fields, needed in ways:
        if all(field in counters.sizes for name, field in fields[:needed]):
            return {name: counters.sizes.get(field, 0) for name, field in fields}
    return None


def _why_not(counters, users, kernel):
    """Return (class, sentence) where the remainder can't be known, else None."""
    if "MemFree" not in counters.sizes:
        return counters.why("MemFree")
    if users is None:
        doubted = [field for field in LISTS + CACHES if counters.is_doubted(field)]
        if doubted:
            return counters.why(doubted[0])
        return DAMAGED, "The lines on the pages of processes and files are missing in meminfo."
    spoiled = kernel.spoiled()
    if spoiled:
        return kernel.missing.classes[spoiled], kernel.missing.reasons[spoiled]
    if kernel.dimensions["slab_unreclaimable_bytes"] is None and kernel.whole_slab is None:
        kind = kernel.missing.classes["slab_unreclaimable"]
        return kind, "Slab is not available, and without it the rest can't be told from what is in no counter."
    return None


def _add_pages(reading, vmstat, page, terms):
    """Add the terms that are counted in pages."""
    if not page:
        return
    sums = reading.get("sums")
    free_lists = whole_number(sums.get("pcp_pages")) if isinstance(sums, dict) else None
    if free_lists is not None:
        terms["pcp_free_bytes"] = free_lists * page
    if "active_anon_bytes" in terms:
        terms["isolated_bytes"] = (vmstat.get("nr_isolated_anon", 0) + vmstat.get("nr_isolated_file", 0)) * page
    terms["memmap_bytes"] = vmstat.get("nr_memmap_pages", 0) * page


def _band(counters, kernel, terms, host, reasons):
    """Return how far the remainder can be off, in bytes, and say why where it is more than the reading's own noise."""
    ram = counters.ram
    # meminfo is not read in one instant.
    band = max(ram // 200, 64 * MIB)
    possible = host["cpus_possible"]
    percpu = kernel.get("percpu_bytes")
    if percpu is not None:
        band += min(percpu, FIRST_CHUNK * possible if possible else ram // 200)
    else:
        band += min(possible * MIB if possible else ram, ram // 100)
        reasons.append("Percpu is not available, so per-CPU memory is part of what is unaccounted.")
    for name, share, words in (
        ("vmalloc_bytes", 100, "VmallocUsed is not available as pages, so vmalloc memory is"),
        ("kernel_stack_bytes", 200, "KernelStack is not available, so kernel stacks may be"),
        ("page_tables_bytes", 100, "PageTables is not available, so page tables are"),
    ):
        if kernel.get(name) is None:
            band += ram // share
            reasons.append(words + " part of what is unaccounted.")
    if "pcp_free_bytes" not in terms:
        band += ram // 100
        reasons.append(
            "zoneinfo could not be used, so free pages on the per-CPU lists are part of what is unaccounted."
        )
    if "active_bytes" in terms:
        band += ram // 100
    if counters.lists_are_sound:
        band += _disagreement(counters.sizes, band, reasons)
    return min(band, ram)


def _disagreement(sizes, band, reasons):
    """Return by how much the two ways to count the pages of processes and files differ, where that is beyond noise."""
    if [field for field in LISTS[:4] + CACHES if field not in sizes]:
        return 0
    lists = sum(sizes.get(field, 0) for field in LISTS)
    caches = sum(sizes[field] for field in CACHES)
    difference = abs(lists - caches)
    if difference <= band:
        return 0
    reasons.append(
        "The page lists and the caches in meminfo differ by %d MiB, so the remainder is less certain."
        % (difference // MIB)
    )
    return difference


def _take_out(holders, counters, result):
    """Take out memory that other counters than the kernel's own name, each only where it fits.

    What MemTotal is lower by already is not taken out a second time. Where that is not known the doubt belongs to the
    band. Unaccepted memory is inside MemFree on some kernels: if it does not fit, it was not inside.
    """
    terms = result["terms"]
    known = [(holder.term, holder.bytes, holder.doubt, holder) for holder in holders if holder.term and holder.bytes]
    known.append(("unaccepted_bytes", counters.sizes.get("Unaccepted", 0), 0, None))
    for name, size, doubt, holder in known:
        if not size or (holder and holder.place is OUTSIDE):
            continue
        words = "%s (%d MiB)" % ("Unaccepted memory" if holder is None else "The memory of " + holder.name, size // MIB)
        if holder and holder.place is UNKNOWN:
            result["band_bytes"] += size
            result["reasons"].append(words + " may be outside of MemTotal, so it is not taken out and widens the band.")
        elif counters.ram - sum(terms.values()) - size < -result["band_bytes"]:
            result["reasons"].append(words + " is not inside the rest of MemTotal and was not taken out.")
        else:
            terms[name] = size
            result["band_bytes"] += doubt


def _add_sockets(sockets, ram, terms):
    """Take out what waits in sockets as far as it is there: part of it may be in slabs, which are counted already.

    TCP keeps nearly all of it in pages, UDP small packets in slabs and large ones in pages.
    """
    if sockets.bytes is not None:
        terms["socket_buffers_bytes"] = min(sockets.bytes, max(ram - sum(terms.values()), 0))
