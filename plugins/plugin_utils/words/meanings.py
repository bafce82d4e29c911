# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind of change means in each dimension, and what is normal on each kind of host, one sentence each.
docs/dimensions.md shows them all.

The numbers are judgement from few measured hosts, as a start for a reader who has none; limits and baselines judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS_OF_CHANGE = ("limit", "steady", "spike", "drop", "growth", "disproportion")
PLATFORMS = ("physical", "vm", "container_host", "kubernetes_node")

MEANINGS: dict[tuple[str, str], str] = {
    (
        "slab_unreclaimable",
        "limit",
    ): "So much of RAM is rarely in use at once: mostly one cache holds it, and its name points to the owner.",
    (
        "slab_unreclaimable",
        "steady",
    ): "A level that stays is the working set of drivers, file systems and connections, even where it is high.",
    ("slab_unreclaimable", "spike"): (
        "A sudden rise is work that began (connections, mounts, containers); if it stays after the work has ended, "
        "something holds on to it."
    ),
    (
        "slab_unreclaimable",
        "drop",
    ): "A fall means that its user ended, a module was unloaded, or the host was relieved of work.",
    (
        "slab_unreclaimable",
        "growth",
    ): "Steady growth without an end is the classic leak of a driver, a file system or the kernel itself.",
    (
        "slab_unreclaimable",
        "disproportion",
    ): "More than on similar hosts means another workload, another module, or a leak that only some hosts meet.",
    (
        "slab_reclaimable",
        "limit",
    ): "It counts only where memory is short all the same: then the kernel can't give it back fast enough, or not at "
    "all.",
    ("slab_reclaimable", "steady"): "A high level is a filled cache and is as harmless as the page cache.",
    ("slab_reclaimable", "spike"): "A job has looked at very many files: a backup, an index, a scan.",
    ("slab_reclaimable", "drop"): "The kernel has given it back, or someone dropped the caches.",
    (
        "slab_reclaimable",
        "growth",
    ): "It grows for as long as memory is free; growth is no finding here, whatever its rate.",
    (
        "slab_reclaimable",
        "disproportion",
    ): "More than on similar hosts means more files looked at; compare the jobs, not the kernels.",
    ("vmalloc", "limit"): "Few things take so much: large eBPF maps, packet filter tables, or one driver.",
    ("vmalloc", "steady"): "A level that stays was allocated once, at boot or when a module or program was loaded.",
    (
        "vmalloc",
        "spike",
    ): "A module, an eBPF program or a rule set was loaded; if it stays after unloading, it was not given back.",
    ("vmalloc", "drop"): "A module or program was unloaded.",
    (
        "vmalloc",
        "growth",
    ): "Areas are allocated again and again and not given back, as by a module or agent that reloads.",
    ("vmalloc", "disproportion"): "More than on similar hosts means another driver, agent or rule set.",
    ("kernel_stack", "limit"): (
        "At its limit of threads the kernel refuses new ones; a stack that is too large for its architecture shows a "
        "debugging kernel or a fault in "
        "counting."
    ),
    ("kernel_stack", "steady"): "It is the number of threads times the size of a stack.",
    (
        "kernel_stack",
        "spike",
    ): "Very many threads were started, mostly by one program under load or waiting for something that hangs.",
    ("kernel_stack", "drop"): "A program with many threads ended.",
    (
        "kernel_stack",
        "growth",
    ): "A program starts threads and does not end them; slab grows beside it, at 0.4 times the rate.",
    (
        "kernel_stack",
        "disproportion",
    ): "More for each thread than on similar hosts means another kernel build; more threads, another workload.",
    ("page_tables", "limit"): "So much is paid where many processes map the same large memory in small pages.",
    ("page_tables", "steady"): "It follows the number of processes and what they map.",
    ("page_tables", "spike"): "Many processes were started at once, or one mapped very much memory.",
    ("page_tables", "drop"): "Large processes ended, or memory moved to huge pages.",
    ("page_tables", "growth"): "A process maps ever more and never unmaps, or sessions pile up.",
    (
        "page_tables",
        "disproportion",
    ): "More than on similar hosts means more processes on shared memory, or huge pages that are missing there.",
    ("percpu", "limit"): "It is several times what the possible CPUs and the control groups explain.",
    (
        "percpu",
        "steady",
    ): "A level that stays is the possible CPUs times what each needs, 0.2 to 1 MiB on a quiet host.",
    (
        "percpu",
        "spike",
    ): "Many control groups, network devices or mounts were made, or an eBPF program with maps for each CPU was "
    "loaded.",
    ("percpu", "drop"): "Control groups or namespaces ended; the kernel gives such memory back within minutes.",
    (
        "percpu",
        "growth",
    ): "Ended control groups or namespaces stay; unreclaimable slab then grows beside it, several times as fast.",
    (
        "percpu",
        "disproportion",
    ): "More for each possible CPU than on similar hosts means more control groups or another agent.",
    (
        "unaccounted",
        "limit",
    ): "Someone takes whole pages: a balloon, a graphics card, a network driver, or a driver that loses them.",
    ("unaccounted", "steady"): "A level that stays belongs to drivers that reserve their buffers once.",
    (
        "unaccounted",
        "spike",
    ): "A device or program was started whose buffers no counter names (packet rings, RAM disks, virtual machines).",
    ("unaccounted", "drop"): "Such buffers were given back, or a balloon was let down.",
    ("unaccounted", "growth"): "Where everything else is flat, a driver loses pages.",
    ("unaccounted", "disproportion"): "More than on similar hosts means other devices or drivers, or a leak.",
    (
        "kernel_unreclaimable",
        "limit",
    ): "Together the kinds take more than the work of this host explains, even where none alone is above its limit.",
    ("kernel_unreclaimable", "steady"): "It is what the kernel needs for this work on this hardware.",
    ("kernel_unreclaimable", "spike"): "One of its parts has risen; the finding on that part says more.",
    ("kernel_unreclaimable", "drop"): "One of its parts has fallen.",
    (
        "kernel_unreclaimable",
        "growth",
    ): "Several parts grow a little, or one grows; a finding on that part takes its place.",
    (
        "kernel_unreclaimable",
        "disproportion",
    ): "The kernel costs more here than on similar hosts; look at the largest part first.",
    ("fragmentation", "limit"): (
        "The free memory is in pieces too small for larger requests while the host is short of memory; without such "
        "need it is usual and no finding."
    ),
    (
        "dying_cgroups",
        "limit",
    ): "Ended control groups that still hold memory far outnumber those that exist; each keeps slab and per-CPU "
    "memory.",
    ("numa_balance", "limit"): "One NUMA node carries the kernel's memory, or is full while another is empty.",
    (
        "slab_use",
        "limit",
    ): "The largest caches are mostly empty: their slabs can't be given back because each still holds a few objects.",
    (
        "object_limits",
        "limit",
    ): "Connections, files, TCP buffers or names of files come near the limit of the kernel, or fill a great part of "
    "memory.",
    (
        "memory_pressure",
        "limit",
    ): "Tasks wait for memory; with much reclaimable slab at the same time it counts for the verdict.",
}
"""What a finding (or its absence, ``steady``) means, by dimension or check and kind."""

USUAL: dict[tuple[str, str], str] = {
    (
        "slab_unreclaimable",
        "physical",
    ): "1 to 2 % of RAM; storage and network servers have more, since each device and connection has its structures.",
    (
        "slab_unreclaimable",
        "vm",
    ): "1 to 2 % of RAM; small guests idle at 3 to 8 %, since the kernel's base load does not shrink with them.",
    (
        "slab_unreclaimable",
        "container_host",
    ): "2 to 4 % of RAM; every container adds records for its namespaces, mounts and processes.",
    (
        "slab_unreclaimable",
        "kubernetes_node",
    ): "2 to 5 % of RAM with many pods; it follows the number of pods, of services and of tracked connections.",
    ("slab_reclaimable", "physical"): "Up to 10 % of RAM, on file servers and build hosts a third of it.",
    (
        "slab_reclaimable",
        "vm",
    ): "Up to 10 % of RAM; it starts small after each boot and follows the files that are used.",
    ("slab_reclaimable", "container_host"): (
        "Up to 10 % of RAM; it is counted to the container that first touched a file, and can end that container at "
        "its own limit."
    ),
    ("slab_reclaimable", "kubernetes_node"): "Up to 10 % of RAM; the caches of ended pods stay until memory is needed.",
    (
        "vmalloc",
        "physical",
    ): "0.3 to 1 % of RAM, 50 to 300 MiB on most; kernels before 4.4 count address space, and most until 5.2 count "
    "nothing.",
    ("vmalloc", "vm"): "Below 1 % of RAM, 30 to 100 MiB.",
    ("vmalloc", "container_host"): "Up to 1 % of RAM; each network namespace has tables of its own.",
    ("vmalloc", "kubernetes_node"): "1 to 3 % of RAM where the network runs on eBPF, less with iptables.",
    (
        "kernel_stack",
        "physical",
    ): "500 to 3,000 threads, 8 to 50 MiB; the kernel itself has several threads for each CPU.",
    ("kernel_stack", "vm"): "200 to 1,000 threads, 3 to 16 MiB.",
    ("kernel_stack", "container_host"): "1,000 to 10,000 threads, 16 to 160 MiB.",
    ("kernel_stack", "kubernetes_node"): "3,000 to 20,000 threads, 50 to 320 MiB; Java and Go services have the most.",
    ("page_tables", "physical"): "Below 0.5 % of RAM; databases without huge pages reach several percent.",
    ("page_tables", "vm"): "Below 0.5 % of RAM; with nested paging the hypervisor pays for its own beside it.",
    ("page_tables", "container_host"): "0.3 to 1 % of RAM: many small processes share little.",
    ("page_tables", "kubernetes_node"): "0.5 to 1 % of RAM with more than a hundred pods.",
    ("percpu", "physical"): "0.2 to 1 MiB for each possible CPU.",
    (
        "percpu",
        "vm",
    ): "The same for each possible CPU: a guest that could be given 128 CPUs pays for 128, 2.7 % of a RAM of 4 GiB.",
    ("percpu", "container_host"): "1 to 3 MiB for each possible CPU.",
    ("percpu", "kubernetes_node"): "1 to 8 MiB for each possible CPU, with a thousand control groups.",
    (
        "unaccounted",
        "physical",
    ): "About 1 % of RAM, up to 4 % with many network queues; graphics cards and accelerators hold much more.",
    ("unaccounted", "vm"): "About 1 % of RAM; a balloon that does not say its size can make it two thirds.",
    ("unaccounted", "container_host"): "1 to 2 % of RAM; packets that wait in sockets and pipes belong to it.",
    ("unaccounted", "kubernetes_node"): "1 to 2 % of RAM.",
    ("kernel_unreclaimable", "physical"): "2 to 5 % of RAM.",
    ("kernel_unreclaimable", "vm"): "3 to 6 % of RAM; 10 % and more in guests of 1 GiB.",
    ("kernel_unreclaimable", "container_host"): "3 to 8 % of RAM.",
    ("kernel_unreclaimable", "kubernetes_node"): "4 to 10 % of RAM.",
}
"""What is usual in a dimension on a kind of host."""


def anchor(dimension: str, kind: str) -> str:
    """Return the place in docs/dimensions.md that explains a kind of finding in a dimension:
    ``slab_unreclaimable-growth``.
    """
    return f"{dimension}-{kind}"


def platform_of(platform: Mapping[str, Any]) -> str:
    """Return which of :data:`PLATFORMS` a host is, from the ``platform`` part of its facts; what is not known counts
    as physical.
    """
    if platform["kubernetes_node"]:
        return "kubernetes_node"
    if platform["container_host"]:
        return "container_host"
    return "vm" if platform["kind"] == "vm" else "physical"


def meaning(dimension: str, kind: str, platform: str) -> str:
    """Return what a kind of finding means in a dimension, and what would be usual on such a host."""
    usual = USUAL.get((dimension, platform))
    return f"{MEANINGS[dimension, kind]} Usual here: {usual}" if usual else MEANINGS[dimension, kind]
