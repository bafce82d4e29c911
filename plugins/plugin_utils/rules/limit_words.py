# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of findings: what was seen, against which limit, and what to do next.

One table holds the words of every cell of dimension and kind (and unit, where a dimension is judged in several), so
that a rule that is added brings its words along, and a test finds the cells that lack them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..model.finding import Words
from ..model.settings import Change, Level
from ..model.subject import Subject
from ..text.units import distinct_bytes, human_bytes, number_text

_SLABTOP = "sudo slabtop -o -s c | head -20"

WORDS: dict[tuple[str, str, str], Words] = {
    ("slab_unreclaimable", "limit", "bytes"): Words(
        "Slab that can't be reclaimed",
        "List the largest slab caches and compare them with a healthy host of the same kernel.",
        _SLABTOP,
    ),
    ("slab_reclaimable", "limit", "bytes"): Words(
        "Reclaimable slab",
        "List the largest slab caches; dentry and inode caches point to programs that touch very many files.",
        _SLABTOP,
    ),
    ("vmalloc", "limit", "bytes"): Words(
        "Memory allocated by vmalloc",
        "Add up the pages by the kernel function that allocated them.",
        'sudo awk \'{for (i = 4; i <= NF; i++) if (sub(/^pages=/, "", $i)) s[$3] += $i}'
        " END {for (c in s) print s[c], c}' /proc/vmallocinfo | sort -rn | head -20",
    ),
    ("kernel_stack", "limit", "bytes"): Words(
        "Memory of kernel stacks",
        "List the programs with the most threads.",
        "ps -eo nlwp,pid,comm --sort=-nlwp | head -20",
    ),
    ("kernel_stack", "limit", "threads"): Words(
        "The number of threads",
        "List the programs with the most threads; at the limit no program can start another one.",
        "ps -eo nlwp,pid,comm --sort=-nlwp | head -20",
    ),
    ("kernel_stack", "limit", "bytes_per_thread"): Words(
        "Kernel stack per thread",
        "Check whether this is a debugging kernel (KASAN doubles the stacks); otherwise stacks of ended threads stay.",
        "grep -E 'CONFIG_(KASAN|VMAP_STACK|THREAD_SHIFT)' /boot/config-$(uname -r)",
    ),
    ("page_tables", "limit", "bytes"): Words(
        "Memory of page tables",
        "List the processes with the largest page tables; huge pages shrink those of databases.",
        "grep VmPTE /proc/[0-9]*/status 2>/dev/null | sort -k2,2nr | head -20",
    ),
    ("percpu", "limit", "bytes"): Words(
        "Per-CPU memory",
        "Count the control groups; many more than running services and containers mean that ended ones stay.",
        "find /sys/fs/cgroup -type d | wc -l",
    ),
    ("unaccounted", "limit", "bytes"): Words(
        "Memory that no counter of the kernel names",
        "Look for drivers that take memory directly: balloons, GPUs, network and storage drivers.",
        "grep -E '^((hv|virtio|vmw|xen)_balloon|zfs|zram|nvidia|amdgpu|i915|xe|mlx[45]_core|rds) ' /proc/modules",
    ),
    ("kernel_unreclaimable", "limit", "bytes"): Words(
        "Kernel memory that can't be reclaimed",
        "Start with its largest part.",
        "grep -E '^(SUnreclaim|KernelStack|PageTables|SecPageTables|VmallocUsed|Percpu):' /proc/meminfo | sort -k2,2nr",
    ),
}


def words(dimension: str, kind: str, unit: str) -> Words:
    """Return the words of a cell. Raises :class:`KeyError` where a rule was added without its words."""
    return WORDS[dimension, kind, unit]


def base_name(subject: Subject, dimension: str) -> str:
    """Return what the memory is called that shares of a dimension refer to."""
    return "low memory" if subject.low_memory is not None and dimension != "unaccounted" else "RAM"


def size_rule(level: Level | Change, base: str = "RAM") -> str:
    """Return a share of memory in words: ``8 % of RAM, at least 512 MiB, at most 32 GiB``."""
    if level.percent_of_ram is None:
        raise TypeError("This level has no share of RAM.")
    words = f"{number_text(level.percent_of_ram)} % of {base}"
    for size, text in ((level.at_least, "at least"), (level.at_most, "at most")):
        if size is not None:
            words += f", {text} {human_bytes(size)}"
    return words


@dataclass(frozen=True, slots=True)
class Seen:
    """The parts of a sentence about one limit.

    ``measure`` is the value with its shares, ``allowed`` the limit as an amount, ``rule`` the limit in words;
    ``remarks`` are further clauses.
    """

    measure: str
    allowed: str
    rule: str
    remarks: tuple[str, ...] = ()

    def with_remark(self, remark: str) -> Seen:
        """Return the same with one clause more."""
        return Seen(self.measure, self.allowed, self.rule, (*self.remarks, remark))


def limit_sentence(dimension: str, unit: str, environment: str, level: str, seen: Seen) -> str:
    """Return the sentence of a finding of the kind "limit"."""
    subject = words(dimension, "limit", unit).subject
    sentence = f"{subject} is {seen.measure}; the {environment} {level} limit is {seen.allowed} ({seen.rule})"
    return "; ".join((sentence, *seen.remarks)) + "."


def value_and_limit(value: int, limit: int) -> tuple[str, str]:
    """Return two sizes as text, told apart even where they are close."""
    return distinct_bytes(value, limit)


def largest_part_remark(dimensions: dict[str, int]) -> str:
    """Return the clause that names the largest of some dimensions."""
    name = max(dimensions, key=lambda dimension: dimensions[dimension])
    return f"its largest part is {name} with {human_bytes(dimensions[name])}"
