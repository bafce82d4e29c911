# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which counters of a meminfo can be believed: each is checked against RAM, against its parts, and against the other
way to count the same pages.

Private to the collection; pure. All sizes are bytes.
"""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

from .counters import whole_number
from .missing import CONTRADICTORY, DAMAGED, NOT_IN_THIS_KERNEL, is_sure_to_have

MIB = 1 << 20
LISTS = ("Active(anon)", "Inactive(anon)", "Active(file)", "Inactive(file)", "Unevictable")
CACHES = ("AnonPages", "Cached", "Buffers", "SwapCached")

# Each is a part of RAM.
_PARTS_OF_RAM = (
    "MemFree Buffers Cached SwapCached AnonPages Mapped Shmem Slab SReclaimable SUnreclaim KReclaimable KernelStack"
    " ShadowCallStack PageTables SecPageTables Percpu Quicklists Bounce WritebackTmp Hugetlb Zswap Balloon Unaccepted"
    " GPUActive GPUReclaim"
).split()
# Counted in other places of the kernel than the page lists: if two of them are above RAM, it is RAM that is wrong.
_AGAINST_RAM = "MemFree Buffers Cached AnonPages Slab SUnreclaim PageTables Percpu".split()
# Every kernel since 2.6 writes these lines.
_IN_EVERY_MEMINFO = "MemFree Buffers Cached Slab PageTables VmallocTotal".split()
_SMALLEST_RAM = 4 * MIB
# 40 bits of address are the most that 32-bit kernels can use (arm with LPAE).
_LARGEST_RAM_OF_32_BITS = 1 << 40
_WITH_32_BITS = ("i386", "i486", "i586", "i686", "armv5tel", "armv6l", "armv7l", "mips", "ppc", "arm")
_MOST_DAMAGED = 20


class Counters:
    """The counters of one meminfo: those that can be believed, and what speaks against the others.

    ``sizes`` {field: bytes} and ``numbers`` {field: number} hold what is left; ``contradictions`` is a list of dicts
    of counter, class, sentence, value, against, taken, as the facts have them; ``impossible`` is a sentence where
    nothing can be believed, else None; ``lists_are_sound`` tells whether the page lists (LRU) count the pages of
    processes and files, or the page cache and anonymous memory have to.
    """

    def __init__(self, meminfo, host):
        self.sizes, self.numbers = dict(meminfo["sizes"]), dict(meminfo["numbers"])
        self.ram = self.sizes["MemTotal"]
        self.contradictions = []
        self.impossible = None
        self.lists_are_sound = True
        self._release = host["kernel_release"]
        self._doubted = {}
        self._note_damage(meminfo["damaged"])
        self._check_ram(host["architecture"])
        if not self.impossible:
            self._check_against_ram()
            self._check_slab()
            self._check_page_lists()

    def why(self, field):
        """Return (class, sentence): why a field has no value that can be used."""
        if field in self._doubted:
            return self._doubted[field]
        if field in self.sizes:
            kind = CONTRADICTORY if is_sure_to_have(self._release, field) else NOT_IN_THIS_KERNEL
            return kind, "%s is 0, which no running kernel has: here it means not available." % field
        if field in _IN_EVERY_MEMINFO:
            return DAMAGED, "This copy of meminfo is incomplete: it has no %s." % field
        if is_sure_to_have(self._release, field):
            return DAMAGED, "This meminfo has no line %s, which every kernel of this release writes." % field
        return NOT_IN_THIS_KERNEL, "This kernel's meminfo has no line %s." % field

    def is_doubted(self, field):
        """Whether a field is there and can't be believed."""
        return field in self._doubted

    def contradict(self, counter, sentence, value, against, taken=None):
        """Note that *counter* can't be true: *value*, *against* what, and which sum was *taken* in its place."""
        self._doubted.setdefault(counter, (CONTRADICTORY, sentence))
        self._say(counter, CONTRADICTORY, sentence, value, against, taken)

    def available(self):
        """Return (bytes of memory that can be had without swapping or None, whether that is an estimate)."""
        sizes = self.sizes
        if "MemAvailable" in sizes:
            return sizes["MemAvailable"], False
        if "MemFree" not in sizes:
            return None, False
        # A low estimate, as proc(5) says what MemAvailable is made of; without Shmem all that is mapped is left out.
        if self.lists_are_sound and "Active(file)" in sizes and "Inactive(file)" in sizes:
            pages = sizes["Active(file)"] + sizes["Inactive(file)"]
        elif "Cached" in sizes and ("Shmem" in sizes or "Mapped" in sizes):
            pages = sizes["Cached"] + sizes.get("Buffers", 0) - sizes.get("Shmem", sizes.get("Mapped", 0))
        else:
            return None, False
        return min(sizes["MemFree"] + max(pages, 0), self.ram), True

    def _say(self, counter, kind, sentence, value=None, against=None, taken=None):
        self.contradictions.append(
            {
                "counter": counter,
                "class": kind,
                "sentence": sentence,
                "value": whole_number(value),
                "against": whole_number(against),
                "taken": taken,
            }
        )

    def _note_damage(self, damaged):
        for field in sorted(damaged)[:_MOST_DAMAGED]:
            sentence = "%s of meminfo %s." % (field, damaged[field])
            self._doubted[field] = (DAMAGED, sentence)
            self._say(field, DAMAGED, sentence)
        absent = [field for field in _IN_EVERY_MEMINFO if field not in self.sizes and field not in damaged]
        if absent:
            self._say("meminfo", DAMAGED, "This copy of meminfo is incomplete: it has no %s." % ", ".join(absent))

    def _check_ram(self, architecture):
        """Find a MemTotal that can't be: too little for any Linux, smaller than its parts, too much for 32 bits."""
        sizes, ram = self.sizes, self.ram
        larger = [field for field in _AGAINST_RAM if sizes.get(field, 0) > ram]
        low, high = sizes.get("LowTotal"), sizes.get("HighTotal")
        if ram < _SMALLEST_RAM:
            against = _SMALLEST_RAM
            self.impossible = "MemTotal is %d KiB, in which no Linux runs, so this meminfo can't be true." % (ram >> 10)
        elif len(larger) > 1:
            against = max(sizes[field] for field in larger)
            self.impossible = "MemTotal (%s) is smaller than its own parts %s, so this meminfo can't be true." % (
                mib(ram),
                " and ".join(larger[:2]),
            )
        elif ram > _LARGEST_RAM_OF_32_BITS and (high or architecture in _WITH_32_BITS):
            against = _LARGEST_RAM_OF_32_BITS
            self.impossible = "MemTotal is %s, more than a 32-bit kernel can use, so this meminfo can't be true." % mib(
                ram
            )
        elif high and low is not None and abs(low + high - ram) > ram // 100:
            against = low + high
            self.impossible = "LowTotal and HighTotal add up to %s and MemTotal is %s, so one of them is wrong." % (
                mib(low + high),
                mib(ram),
            )
        if self.impossible:
            self.contradict("MemTotal", self.impossible, ram, against)

    def _check_against_ram(self):
        """Take out what is larger than RAM."""
        for field in _PARTS_OF_RAM + ["MemAvailable"]:
            value = self.sizes.get(field, 0)
            if value > self.ram:
                sentence = "%s is %s, more than all RAM (%s)." % (field, mib(value), mib(self.ram))
                self.contradict(field, sentence, value, self.ram)
                del self.sizes[field]
        pages, size = self.numbers.get("HugePages_Total", 0), self.sizes.get("Hugepagesize", 0)
        if pages * size > self.ram:
            sentence = "HugePages_Total times Hugepagesize is %s, more than all RAM." % mib(pages * size)
            self.contradict("HugePages_Total", sentence, pages, self.ram // size)
            del self.numbers["HugePages_Total"]

    def _check_slab(self):
        """Compare Slab with its two parts, and reclaimable memory with its larger part."""
        sizes = self.sizes
        reclaimable, whole = sizes.get("SReclaimable"), sizes.get("Slab")
        if reclaimable is None:
            return
        # On old kernels the three are read one after the other.
        noise = max((whole or 0) // 50, 16 * MIB)
        parts = reclaimable + sizes.get("SUnreclaim", 0)
        if whole and "SUnreclaim" in sizes and abs(parts - whole) > noise:
            sentence = "Slab is %s and its parts, SReclaimable and SUnreclaim, are %s." % (mib(whole), mib(parts))
            self.contradict("Slab", sentence, whole, parts, "SReclaimable + SUnreclaim")
            del sizes["Slab"]
        more = sizes.get("KReclaimable", reclaimable)
        if more < reclaimable - noise:
            sentence = "KReclaimable is %s, less than SReclaimable (%s), its part." % (mib(more), mib(reclaimable))
            self.contradict("KReclaimable", sentence, more, reclaimable, "SReclaimable")
            del sizes["KReclaimable"]

    def _check_page_lists(self):
        """Compare the page lists (LRU) with the page cache and anonymous memory: both count the same pages.

        They agree within 0.1 % of RAM on sound kernels. Where the lists are far above, they are wrong; where the caches
        are, they are wrong only if they don't fit into RAM, since pages may be off the lists for good.
        """
        sizes = self.sizes
        if any(field not in sizes for field in LISTS[:4] + CACHES):
            return
        lists = sum(sizes.get(field, 0) for field in LISTS)
        caches = sum(sizes[field] for field in CACHES)
        noise = max(self.ram // 50, 32 * MIB)
        if lists - caches > noise:
            field = _grown_list(sizes)
            sentence = "%s of this kernel is wrong: the page lists add up to %s, the pages that they hold to %s." % (
                field,
                mib(lists),
                mib(caches),
            )
            self.contradict(field, sentence, sizes[field], caches, " + ".join(CACHES))
            self.lists_are_sound = False
            if sizes.pop("MemAvailable", None) is not None:
                self._doubted["MemAvailable"] = (
                    CONTRADICTORY,
                    "MemAvailable is made of %s, which is wrong on this kernel." % field,
                )
        elif caches - lists > noise and caches + sizes.get("MemFree", 0) > self.ram + noise:
            field = max(CACHES, key=lambda name: sizes[name])
            sentence = "%s is wrong: page cache and anonymous memory add up to %s, the page lists to %s." % (
                field,
                mib(caches),
                mib(lists),
            )
            self.contradict(field, sentence, sizes[field], lists, " + ".join(LISTS))
            for name in CACHES:
                del sizes[name]


def _grown_list(sizes):
    """Return the list that holds most of what the page lists have too much."""
    shared = sizes.get("Shmem", 0)
    files = sizes["Active(file)"] + sizes["Inactive(file)"] - (sizes["Cached"] + sizes["Buffers"] - shared)
    anonymous = sizes["Active(anon)"] + sizes["Inactive(anon)"] - (sizes["AnonPages"] + sizes["SwapCached"] + shared)
    names = LISTS[2:4] if files >= anonymous else LISTS[:2]
    if sizes.get("Unevictable", 0) > max(sizes[name] for name in names):
        return "Unevictable"
    return max(names, key=lambda name: sizes[name])


def mib(size):
    """Return a size as people read it in a sentence."""
    return "%d MiB" % (size // MIB)
