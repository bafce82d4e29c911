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

from ..model.finding import Finding
from . import signs
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

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "selinux_policy_leak",
        _SLAB,
        signs.selinux_policy,
        "These are nodes of the SELinux policy; some kernels lose the old policy at each reload.",
        "Update the kernel and reboot; until then stop what reloads the policy again and again.",
        "sudo grep -E '^(ebitmap|avtab|hashtab)' /proc/slabinfo; sudo ausearch -m MAC_POLICY_LOAD -ts this-week | tail",
    ),
    Pattern(
        "kernfs_leak",
        _SLAB,
        signs.kernfs,
        "These are nodes of sysfs and of control groups; they stay where containers or devices come and go and "
        "something holds on to them.",
        "Update the kernel and reboot; until then find the unit or pod that is started again and again.",
        "sudo grep kernfs /proc/slabinfo; systemctl list-units --state=failed,activating; cat "
        "/sys/fs/cgroup/cgroup.stat",
    ),
    Pattern(
        "skbuff",
        _SLAB,
        signs.network_buffers,
        "These are network buffers and sockets: packets that wait in queues, or that a driver does not give back.",
        "Look at the queues of the sockets. If they are short, suspect the network driver: reload or update it.",
        "ss -s; ss -uamp | sort -k2 -rn | head; cat /proc/net/sockstat",
    ),
    Pattern(
        "conntrack",
        (*_SLAB, "object_limits"),
        signs.connection_tracking,
        "Each tracked connection takes about 320 bytes, and a new one is dropped when the table is full.",
        "Find who opens the connections; then raise nf_conntrack_max, shorten its timeouts, or exempt that traffic.",
        "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; "
        "sudo conntrack -L 2>/dev/null | grep -o 'src=[^ ]*' | sort | uniq -c | sort -rn | head",
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
        signs.ended_groups,
        "Ended control groups or network namespaces stay in memory; each keeps several times as much slab as per-CPU "
        "memory.",
        "Stop the unit or pod that comes and goes, then let the kernel reclaim; newer kernels give such groups back.",
        "cat /sys/fs/cgroup/cgroup.stat; grep memory /proc/cgroups; lsns -t net | wc -l; systemctl list-units "
        "--state=failed,activating",
    ),
    Pattern(
        "thread_leak",
        ("kernel_stack", *_SLAB),
        signs.many_threads,
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
        signs.programs_in_the_kernel,
        "The usual cause are maps of eBPF programs: those with values for each CPU multiply by the possible CPUs.",
        "List the maps by size, and make those of the network or security agent smaller.",
        "sudo bpftool map -j | jq -r '.[] | [.bytes_memlock, .type, .name] | @tsv' | sort -rn | head -20",
    ),
    Pattern(
        "iptables_vmalloc",
        ("vmalloc",),
        signs.packet_filter_tables,
        "Tables of iptables are allocated anew at each change, in one piece, and for every rule.",
        "Count the rules; move large sets of addresses to ipset or nftables.",
        "sudo iptables-save | wc -l; sudo ip6tables-save | wc -l; sudo dmesg | grep -i 'vmalloc: allocation failure'",
    ),
    Pattern(
        "vmalloc_exhaustion_32bit",
        ("object_limits",),
        signs.address_space_32_bit,
        "When its address space for vmalloc is full, modules and packet filters can't be loaded although memory is "
        "free.",
        "Raise it with the boot parameter vmalloc=, load fewer modules and packet filters, or move to a 64-bit kernel.",
        "grep Vmalloc /proc/meminfo; sudo dmesg | grep -i 'vmap allocation'",
    ),
    Pattern(
        "percpu_by_possible_cpus",
        ("percpu",),
        signs.possible_cpus,
        "A machine that can be given CPUs while it runs pays for all of them from the start; this is no leak.",
        "Nothing to repair. To save the memory, boot with possible_cpus= or lower the maximum of CPUs at the "
        "hypervisor.",
        "cat /sys/devices/system/cpu/possible /sys/devices/system/cpu/online",
    ),
    Pattern(
        "database_without_huge_pages",
        ("page_tables",),
        signs.sessions_without_huge_pages,
        "So do the sessions of a database that share one large memory in pages of 4 KiB: each session pays 0.2 % of "
        "it for itself.",
        "Give the database huge pages (vm.nr_hugepages; huge_pages=on in PostgreSQL, USE_LARGE_PAGES=ONLY in Oracle).",
        "grep -i huge /proc/meminfo; grep VmPTE /proc/[0-9]*/status 2>/dev/null | sort -k2,2nr | head -20",
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
        "balloon",
        ("unaccounted",),
        signs.balloon,
        "The memory went back to the hypervisor; nothing is wrong in this host.",
        "Ask the administrator of the hypervisor for the size of the balloon, and for fixed memory where the host "
        "needs it.",
        "vmware-toolbox-cmd stat balloon 2>/dev/null; sudo cat /sys/kernel/debug/vmmemctl "
        "/sys/kernel/debug/hv-balloon 2>/dev/null",
    ),
    Pattern(
        "zfs_arc",
        ("unaccounted",),
        signs.file_cache_of_zfs,
        "Its cache is in no counter of the kernel and shrinks when memory is short.",
        "Compare the amount with the size of the cache; bound it with zfs_arc_max if programs need the memory.",
        "grep -E '^(size|c_max) ' /proc/spl/kstat/zfs/arcstats",
    ),
    Pattern(
        "gpu_driver",
        ("unaccounted",),
        signs.graphics_memory,
        "It keeps the buffers of its clients in pages that no counter names.",
        "See whether the amount falls when the programs that use the graphics card end.",
        "nvidia-smi 2>/dev/null || sudo cat /sys/kernel/debug/dri/*/clients 2>/dev/null | head -20",
    ),
    Pattern(
        "driver_page_leak",
        ("unaccounted",),
        signs.only_unaccounted,
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
