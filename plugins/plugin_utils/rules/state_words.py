# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the checks on a host's state: what each looks at, and what to do when it is not quiet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..words.units import human_bytes, percent_text
from .limit_words import Words

NEED_AVAILABLE_PERCENT = 10
NEED_SOME_PERCENT = 10
NEED_FULL_PERCENT = 5
"""A host is short of memory where less than this share of RAM is available, or tasks wait for memory this share of
the time.
"""

STATE_WORDS: dict[tuple[str, str, str], Words] = {
    ("fragmentation", "limit", "percent"): Words(
        "The share of free memory in blocks too small for larger requests",
        "Compact the memory; if it breaks up again within hours, raise vm.min_free_kbytes.",
        "echo 1 | sudo tee /proc/sys/vm/compact_memory && cat /proc/buddyinfo",
    ),
    ("dying_cgroups", "limit", "count"): Words(
        "The number of ended control groups that still hold memory",
        "Find what creates and ends control groups all the time: a failing service, a short timer, a pod that "
        "restarts.",
        "cat /sys/fs/cgroup/cgroup.stat; grep memory /proc/cgroups; systemctl list-units --state=failed,activating",
    ),
    ("numa_balance", "limit", "bytes"): Words(
        "Kernel memory on one NUMA node",
        "See which node the busiest interrupts and services are bound to.",
        "grep -E 'MemTotal|MemFree|SUnreclaim|PageTables' /sys/devices/system/node/node*/meminfo",
    ),
    ("numa_balance", "limit", "percent"): Words(
        "The used share of one NUMA node",
        "See which programs are bound to that node, and whether they need to be.",
        "numastat -m 2>/dev/null || grep -E 'MemTotal|MemFree' /sys/devices/system/node/node*/meminfo",
    ),
    ("slab_use", "limit", "bytes"): Words(
        "Empty room in the slabs of the largest caches",
        "Shrink the caches once; if the room comes back, ask what fills and empties them.",
        "sudo slabtop -o -s c | head -20",
    ),
    ("object_limits", "limit", "count"): Words(
        "The number of kernel objects",
        "Compare the numbers with their limits.",
        "cat /proc/sys/fs/file-nr /proc/sys/fs/inode-nr /proc/sys/fs/dentry-state",
    ),
    ("object_limits", "limit", "bytes"): Words(
        "Memory of kernel objects",
        "Compare the numbers with their limits.",
        "cat /proc/net/sockstat /proc/sys/net/ipv4/tcp_mem",
    ),
    ("memory_pressure", "limit", "percent"): Words(
        "The share of time in which tasks waited for memory",
        "Find the control group that waits.",
        "grep some /sys/fs/cgroup/*/memory.pressure | sort -t= -k4 -rn | head; cat /proc/pressure/memory",
    ),
}
"""The cells of the checks, in the form of the other tables of words."""


@dataclass(frozen=True)
class Bounded:
    """Objects of which the kernel allows only so many: the facts they are in, and their words."""

    name: str
    held: str
    allowed: str
    unit: str
    words: Words


BOUNDED = (
    Bounded(
        "conntrack",
        "conntrack",
        "conntrack_limit",
        "count",
        Words(
            "The number of tracked connections",
            "At the limit new connections are dropped: find who opens them, then raise nf_conntrack_max or exempt "
            "that traffic.",
            "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; sudo conntrack -S | head",
        ),
    ),
    Bounded(
        "files",
        "files",
        "files_limit",
        "count",
        Words(
            "The number of open files",
            "At the limit no program can open a file: find the one that never closes its files.",
            "sudo sh -c 'for p in /proc/[0-9]*; do echo $(ls $p/fd | wc -l) $p $(cat $p/comm); done' 2>/dev/null | "
            "sort -rn | head",
        ),
    ),
    Bounded(
        "tcp",
        "tcp_bytes",
        "tcp_limit_bytes",
        "bytes",
        Words(
            "Memory of TCP buffers",
            "At the limit the kernel drops packets: find connections whose queues are never read.",
            "ss -tm | grep -o 'r[0-9]*,rb[0-9]*' | sort -t r -k2 -rn | head; cat /proc/net/sockstat",
        ),
    ),
)
NEGATIVE_DENTRIES = Words(
    "The number of negative dentries (names of files that do not exist)",
    "Nothing is lost: the kernel gives this memory back. Find the program that asks for ever new names and stop it "
    "doing so.",
    "cat /proc/sys/fs/dentry-state",
)
INODES = Words(
    "The number of inodes in memory",
    "Nothing is lost while memory is available. Find the job that walks through all files (backup, updatedb, a virus "
    "scanner).",
    "cat /proc/sys/fs/inode-nr; sudo slabtop -o -s c | grep inode",
)
ADDRESS_SPACE = Words(
    "Vmalloc memory, of which a 32-bit kernel has little address space,",
    "Raise it with the boot parameter vmalloc=, load fewer modules and packet filters, or move to a 64-bit kernel.",
    "grep Vmalloc /proc/meminfo; sudo dmesg | grep -i 'vmap allocation'",
)


def need_of(facts: Mapping[str, Any]) -> str:
    """Return in words why the host is short of memory now, or an empty text where it is not or does not say."""
    host, pressure = facts["host"], facts["attribution"].get("pressure", {})
    total, available = host["memory_total_bytes"], host["memory_available_bytes"]
    if total and available is not None and available * 100 < NEED_AVAILABLE_PERCENT * total:
        return f"only {human_bytes(int(available))}, {percent_text(available, total)} of RAM, is available"
    some, full = pressure.get("some_avg60") or 0, pressure.get("full_avg60") or 0
    if some >= NEED_SOME_PERCENT or full >= NEED_FULL_PERCENT:
        return f"tasks waited for memory in {some:.1f} % of the last minute"
    return ""


def state_sentence(subject: str, measure: str, allowed: str, rule: str, remarks: list[str]) -> str:
    """Return the sentence of a finding of a check."""
    reason = f" ({rule})" if rule else ""
    return "; ".join((f"{subject} is {measure}; more than {allowed}{reason} is unusual", *remarks)) + "."
