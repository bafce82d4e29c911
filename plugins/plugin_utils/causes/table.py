# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The named patterns: known causes of high or growing kernel memory, most specific first. docs/patterns.md tells the
story of each.

A pattern explains a finding that a rule has made. It never makes one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..model.finding import Finding
from . import signs, signs_beside_slab, signs_of_groups
from .families import CONNTRACK, FAMILIES, KEYS, SKBUFF, Family
from .scene import Scene


@dataclass(frozen=True)
class Pattern:
    """A known cause: the dimensions of findings it can explain, its sign, what it means, and what to do."""

    name: str
    dimensions: tuple[str, ...]
    sign: Callable[[Scene, Finding], str]
    meaning: str
    next_step: str
    command: str


_SLAB = ("slab_unreclaimable",)
_SLABTOP = "sudo slabtop -o -s c | head -20"
_MODULES = "cat /proc/sys/kernel/tainted; grep -E '\\([A-Z]*[OPE][A-Z]*\\)' /proc/modules"

_FAMILY_SIGNS: dict[str, Callable[[Scene, Finding], str]] = {
    SKBUFF.name: partial(signs.with_data_elsewhere, SKBUFF),
    KEYS.name: signs.kernel_keys,
    CONNTRACK.name: signs.connection_tracking,
}


def _of(family: Family) -> Pattern:
    """Return the pattern that a family makes."""
    return Pattern(
        family.name,
        (*_SLAB, "object_limits") if family is CONNTRACK else _SLAB,
        _FAMILY_SIGNS.get(family.name) or partial(signs.of_family, family),
        family.meaning,
        family.next_step,
        family.command,
    )


PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "cgroup_leak",
        (*_SLAB, "percpu"),
        signs_of_groups.living_groups,
        "Somebody makes control groups and does not remove them; each keeps slab, and per-CPU memory for every "
        "possible CPU.",
        "Find the unit or program that makes them, end it, and remove the groups that are empty.",
        "cat /sys/fs/cgroup/cgroup.stat; find /sys/fs/cgroup -type d | sed 's,/[^/]*$,,' | sort | uniq -c | sort -rn | "
        "head",
    ),
    *(_of(family) for family in FAMILIES if family.name),
    Pattern(
        "module_cache",
        _SLAB,
        signs.cache_of_module,
        "A module from outside the kernel's sources keeps its own objects in a cache of its name and does not give "
        "them back.",
        "Ask the module for what it keeps (its tables, sessions, timeouts), and see whether a reload of the module "
        "gives it back; then update it.",
        _MODULES,
    ),
    Pattern(
        "kmem_accounting_old_kernel",
        (*_SLAB, "percpu", "dying_cgroups"),
        signs.old_kmem_accounting,
        "Kernels of this series lose the slabs of ended control groups; at 65,535 groups no container can start.",
        "Update to kernel 3.10.0-1075 or later, or boot with cgroup.memory=nokmem.",
        "grep memory /proc/cgroups; grep -o 'cgroup.memory=[a-z]*' /proc/cmdline; uname -r",
    ),
    Pattern(
        "cgroup_leak",
        (*_SLAB, "percpu", "dying_cgroups"),
        signs_of_groups.ended_groups,
        "Ended control groups or network namespaces stay in memory; each keeps slab, and per-CPU memory for every "
        "possible CPU.",
        "Stop the unit or pod that comes and goes, then let the kernel reclaim; newer kernels give such groups back.",
        "cat /sys/fs/cgroup/cgroup.stat; grep memory /proc/cgroups; lsns -t net | wc -l; systemctl list-units "
        "--state=failed,activating",
    ),
    Pattern(
        "thread_leak",
        ("kernel_stack", *_SLAB),
        signs_of_groups.many_threads,
        "Each thread costs about 22 KiB of kernel memory: its stack and its records in slab.",
        "Find the program that starts threads and does not end them; restart it, and bound it with TasksMax or "
        "pids.max.",
        "ps -eo nlwp,pid,comm --sort=-nlwp | head -20",
    ),
    Pattern(
        "gpu_driver",
        _SLAB,
        signs.graphics_slab,
        "Graphics drivers are known to lose small objects with each frame or each change of power.",
        "Watch the largest caches for an hour while the graphics card is busy and while it is idle; update its driver.",
        _SLABTOP,
    ),
    Pattern(
        "nic_zero_copy_driver",
        _SLAB,
        signs.zero_copy_driver,
        "Drivers for zero-copy packet capture have lost such memory; it comes back when the driver or its program is "
        "restarted.",
        "See whether the amount falls when the capture program restarts; then update the driver or go back to that "
        "of the kernel.",
        _MODULES,
    ),
    Pattern(
        "kmalloc_leak",
        _SLAB,
        signs.kmalloc,
        "General caches name no owner: mostly a third-party module or a regression of the kernel holds them.",
        "Compare with hosts on another kernel and without the modules that are not part of it.",
        f"{_SLABTOP}; {_MODULES}",
    ),
    Pattern(
        "container_unexplained",
        (*_SLAB, "unaccounted"),
        signs.containers_unexplained,
        "Kernels of 2018 and 2019 are known to lose both under many containers; no counter says where.",
        "Compare with a host of the same role on a newer kernel; where Linux is 6.10 or later, /proc/allocinfo names "
        "the code.",
        "uname -r; sudo sort -rn /proc/allocinfo 2>/dev/null | head -20",
    ),
    Pattern(
        "bpf_maps",
        ("vmalloc", "percpu"),
        signs_of_groups.programs_in_the_kernel,
        "The usual cause are maps of eBPF programs: those with values for each CPU multiply by the possible CPUs.",
        "List the maps by size, and make those of the network or security agent smaller.",
        "sudo bpftool map -j | jq -r '.[] | [.bytes_memlock, .type, .name] | @tsv' | sort -rn | head -20",
    ),
    Pattern(
        "iptables_vmalloc",
        ("vmalloc",),
        signs_beside_slab.packet_filter_tables,
        "Tables of iptables are allocated anew at each change, in one piece, and for every rule.",
        "Count the rules; move large sets of addresses to ipset or nftables.",
        "sudo iptables-save | wc -l; sudo ip6tables-save | wc -l; sudo dmesg | grep -i 'vmalloc: allocation failure'",
    ),
    Pattern(
        "vmalloc_exhaustion_32bit",
        ("object_limits",),
        signs_beside_slab.address_space_32_bit,
        "When its address space for vmalloc is full, modules and packet filters can't be loaded although memory is "
        "free.",
        "Raise it with the boot parameter vmalloc=, load fewer modules and packet filters, or move to a 64-bit kernel.",
        "grep Vmalloc /proc/meminfo; sudo dmesg | grep -i 'vmap allocation'",
    ),
    Pattern(
        "percpu_by_possible_cpus",
        ("percpu",),
        signs_of_groups.possible_cpus,
        "A machine that can be given CPUs while it runs pays for all of them from the start; this is no leak.",
        "Nothing to repair. To save the memory, boot with possible_cpus= or lower the maximum of CPUs at the "
        "hypervisor.",
        "cat /sys/devices/system/cpu/possible /sys/devices/system/cpu/online",
    ),
    Pattern(
        "database_without_huge_pages",
        ("page_tables",),
        signs_beside_slab.sessions_without_huge_pages,
        "So do the sessions of a database that share one large memory in pages of 4 KiB: each session pays 0.2 % of "
        "it for itself.",
        "Give the database huge pages (vm.nr_hugepages; huge_pages=on in PostgreSQL, USE_LARGE_PAGES=ONLY in Oracle).",
        "grep -i huge /proc/meminfo; grep VmPTE /proc/[0-9]*/status 2>/dev/null | sort -k2,2nr | head -20",
    ),
    Pattern(
        "many_processes",
        ("page_tables",),
        signs_beside_slab.many_processes,
        "None of them has much, it is their number: each process has page tables of its own for what it has touched.",
        "See why so many of them run, and bound their number (workers, connections, MaxTasks) or let them end sooner.",
        "ps -eo comm --no-headers | sort | uniq -c | sort -rn | head",
    ),
    Pattern(
        "negative_dentries",
        ("slab_reclaimable", "memory_pressure", "object_limits"),
        signs.names_of_no_files,
        "A program asks for ever new names that do not exist (an old curl with NSS does at each TLS connection). It "
        "is no leak.",
        "Find and stop the program that asks; old nss needs NSS_SDB_USE_CACHE=yes. Dropping the cache at a quiet "
        "hour helps for a while.",
        "cat /proc/sys/fs/dentry-state; sudo perf trace -a -e openat,newfstatat,access --failure sleep 5 2>&1 | head "
        "-40",
    ),
    Pattern(
        "cached_files",
        ("slab_reclaimable",),
        signs.files_in_memory,
        "These are names and nodes of files that somebody has looked at; the kernel gives them back when memory is "
        "short.",
        "Nothing to repair while memory can be given back. If it comes back each night, look for a search or a backup "
        "through all files.",
        "sudo slabtop -o -s c | head -20; sysctl vm.vfs_cache_pressure",
    ),
    Pattern(
        "balloon",
        ("unaccounted",),
        signs_beside_slab.balloon,
        "What a balloon holds went back to the hypervisor, and then nothing is wrong in this host.",
        "Ask the administrator of the hypervisor for the size of the balloon: what is beyond it is lost. Ask for fixed "
        "memory where the host needs it.",
        "vmware-toolbox-cmd stat balloon 2>/dev/null; sudo cat /sys/kernel/debug/vmmemctl "
        "/sys/kernel/debug/hv-balloon 2>/dev/null",
    ),
    Pattern(
        "zfs_arc",
        ("unaccounted",),
        signs_beside_slab.file_cache_of_zfs,
        "Its cache is in no counter of the kernel and shrinks when memory is short.",
        "Compare the amount with the size of the cache; bound it with zfs_arc_max if programs need the memory.",
        "grep -E '^(size|c_max) ' /proc/spl/kstat/zfs/arcstats",
    ),
    Pattern(
        "gpu_driver",
        ("unaccounted",),
        signs_beside_slab.graphics_memory,
        "It keeps the buffers of its clients in pages that no counter names.",
        "See whether the amount falls when the programs that use the graphics card end.",
        "nvidia-smi 2>/dev/null || sudo cat /sys/kernel/debug/dri/*/clients 2>/dev/null | head -20",
    ),
    Pattern(
        "memory_of_processes",
        ("unaccounted",),
        signs_beside_slab.memory_of_processes,
        "Pages that processes have pinned, that wait in their pipes, or that are rings of their packet sockets, are in "
        "no counter; they are given back when the process ends.",
        "Look at that program: restart it at a quiet hour, and see whether the amount falls.",
        "grep -H VmPin /proc/[0-9]*/status 2>/dev/null | sort -k2,2nr | head; sudo find /proc/[0-9]*/fd -lname "
        "'pipe:*' 2>/dev/null | cut -d/ -f3 | sort | uniq -c | sort -rn | head",
    ),
    Pattern(
        "driver_page_leak",
        ("unaccounted",),
        signs_beside_slab.only_unaccounted,
        "That is how a driver looks that takes whole pages and does not give them back.",
        "Compare before and after the driver's device is idle or its module reloaded (not of a vital one); update "
        "the driver.",
        "sudo sort -rn /proc/allocinfo 2>/dev/null | head -20; lsmod | sort -k2 -rn | head -20",
    ),
)

NOT_RECOGNISED = {
    "module_area": "The small area for modules of some 64-bit kernels is full: only a line in the kernel's log says "
    "so.",
    "pod_kernel_memory": "A pod is killed for kernel memory inside its own limit: the host is well, and the limits "
    "of pods are not read.",
    "ioremap_counted": "Kernels before 4.4 count mapped device memory in VmallocUsed: it is address space, so there "
    "is nothing to find.",
}
"""Known causes that the numbers of a host can't show, or that are none: docs/patterns.md says what to look at
instead.
"""
