# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel objects that come near the limit of the kernel, or fill a great part of memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..dimensions.dimension import Words
from ..model.attribution_parts import Objects
from ..model.subject import Subject
from ..text.units import GIB, MIB, distinct_bytes, human_bytes, percent_text
from .check import Answer, Check, Seen, missing, share

FULL_PERCENT = 80
DENTRY_BYTES = 192
INODE_BYTES = 1024
ADDRESS_SPACE_PERCENT = 75
SMALL_ADDRESS_SPACE = 2 * GIB


@dataclass(frozen=True, slots=True)
class Bounded:
    """Objects of which the kernel allows only so many: the fields they are in, and their words."""

    name: str
    label: str
    held: str
    allowed: str
    unit: str
    words: Words


BOUNDED = (
    Bounded(
        "conntrack",
        "Tracked connections",
        "conntrack",
        "conntrack_limit",
        "count",
        Words(
            "The number of tracked connections",
            "At the limit new connections are dropped: find who opens them, then raise nf_conntrack_max or exempt that "
            "traffic.",
            "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max; sudo conntrack -S | head",
        ),
    ),
    Bounded(
        "files",
        "Open files",
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
        "TCP buffers",
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
OTHERS = {
    "udp_memory": Words(
        "Memory of UDP buffers",
        "At the limit the kernel drops packets: find the sockets that nobody reads, or raise net.ipv4.udp_mem.",
        "ss -uamp | sort -t: -k2 | head -40; sysctl net.ipv4.udp_mem; cat /proc/net/sockstat",
    ),
    "bpf_jit": Words(
        "Memory of compiled BPF programs",
        "At the limit no program that needs a seccomp or packet filter can start: find who loads filters and does not "
        "remove them, or raise net.core.bpf_jit_limit.",
        "sysctl net.core.bpf_jit_limit; sudo grep bpf_jit /proc/vmallocinfo | wc -l; sudo bpftool prog show | tail",
    ),
    "threads": Words(
        "The number of threads, of which the kernel allows only so many,",
        "At the limit no program can start another one: find the one that starts threads and never ends them, or raise "
        "kernel.pid_max and kernel.threads-max.",
        "ps -eLf --no-headers | awk '{print $2}' | sort | uniq -c | sort -rn | head; sysctl kernel.pid_max "
        "kernel.threads-max",
    ),
    "mounts": Words(
        "The number of mounts",
        "At the limit nothing more can be mounted: find who mounts and never unmounts, or raise fs.mount-max.",
        "wc -l /proc/self/mountinfo; sysctl fs.mount-max",
    ),
    "message_queues": Words(
        "The number of System V message queues",
        "At the limit no program gets another one: remove those that nobody uses (ipcrm), or raise kernel.msgmni.",
        "ipcs -q -p | head -20; sysctl kernel.msgmni",
    ),
    "shared_segments": Words(
        "The number of System V shared memory segments",
        "At the limit no program gets another one: remove those that nobody uses (ipcrm), or raise kernel.shmmni.",
        "ipcs -m -p | head -20; sysctl kernel.shmmni",
    ),
    "semaphore_arrays": Words(
        "The number of System V semaphore arrays",
        "At the limit no program gets another one: remove those that nobody uses (ipcrm), or raise kernel.sem.",
        "ipcs -s | head -20; sysctl kernel.sem",
    ),
}
"""Words of the other objects that the facts have beside their limits, by the name that they have there."""
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

OBJECT_LABELS = {
    **{bounded.name: bounded.label for bounded in BOUNDED},
    "udp_memory": "UDP buffers",
    "bpf_jit": "Compiled BPF programs",
    "threads": "Threads",
    "mounts": "Mounts",
    "message_queues": "System V message queues",
    "shared_segments": "System V shared memory",
    "semaphore_arrays": "System V semaphores",
    "address_space": "Vmalloc address space",
    "negative_dentries": "Negative dentries",
    "inodes": "Inodes",
}
"""What people call the objects, by the name in a finding's evidence."""


def answer(subject: Subject) -> Answer:
    """Compare each number with its limit, and what dentries and inodes hold with RAM."""
    found = list(_others(subject))
    objects = subject.attribution.objects
    if objects is None or not objects.has_data:
        return found or missing(subject, "objects", "objects")
    for bounded in BOUNDED:
        held, allowed = getattr(objects, bounded.held), getattr(objects, bounded.allowed)
        if held and allowed and held * 100 > FULL_PERCENT * allowed:
            found.append(_near_its_limit(bounded.name, held, allowed, FULL_PERCENT, bounded.unit, bounded.words))
    space = subject.facts.machine.vmalloc_total_bytes if subject.facts else None
    used = subject.sample.amounts.get("vmalloc")
    if space and used and space < SMALL_ADDRESS_SPACE and used * 100 > ADDRESS_SPACE_PERCENT * space:
        found.append(_near_its_limit("address_space", used, space, ADDRESS_SPACE_PERCENT, "bytes", ADDRESS_SPACE))
    memory = subject.sample.memory_total_bytes
    return [*found, *(_filling_memory(objects, memory) if memory else ())]


def _others(subject: Subject) -> Iterator[Seen]:
    """Give what is near one of the limits that the facts have beside those of the objects."""
    for limit in subject.facts.limits if subject.facts else ():
        words, held, allowed = OTHERS.get(limit.name or ""), limit.value, limit.limit
        if words and held and allowed and held * 100 > FULL_PERCENT * allowed:
            unit = "bytes" if limit.unit == "bytes" else "count"
            yield _near_its_limit(str(limit.name), held, allowed, FULL_PERCENT, unit, words)


def _filling_memory(objects: Objects, memory: int) -> list[Seen]:
    found = []
    dentries, negative, inodes = objects.dentries, objects.dentries_negative, objects.inodes
    # 512 MiB of dentries and 2 GiB of inodes are the least that is worth a word.
    if negative and dentries and negative * DENTRY_BYTES > 512 * MIB:
        limit = share(memory, 2, 512 * MIB, 8 * GIB) // DENTRY_BYTES
        if negative > limit and negative * 2 >= dentries:
            measure = f"{negative:,} of {dentries:,} dentries, about {human_bytes(negative * DENTRY_BYTES)}"
            rule = "2 % of RAM, 512 MiB to 8 GiB"
            found.append(_much("negative_dentries", negative, limit, NEGATIVE_DENTRIES, measure, rule))
    if inodes and inodes * INODE_BYTES > 2 * GIB:
        limit = share(memory, 10, 2 * GIB, 64 * GIB) // INODE_BYTES
        if inodes > limit:
            measure = f"{inodes:,}, at least {human_bytes(inodes * INODE_BYTES)}"
            found.append(_much("inodes", inodes, limit, INODES, measure, "10 % of RAM, 2 to 64 GiB"))
    return found


def _much(name: str, held: int, limit: int, words: Words, measure: str, rule: str) -> Seen:
    """Give what has no limit of its own and takes much memory, as information."""
    return Seen("info", held, limit, "count", words, measure, f"{limit:,}", rule, evidence={"object": name})


def _near_its_limit(name: str, held: int, allowed: int, percent: int, unit: str, words: Words) -> Seen:
    limit = allowed * percent // 100
    texts = distinct_bytes(held, limit) if unit == "bytes" else (f"{held:,}", f"{limit:,}")
    whole = human_bytes(allowed) if unit == "bytes" else f"{allowed:,}"
    return Seen(
        "warning",
        held,
        limit,
        unit,
        words,
        measure=f"{texts[0]}, {percent_text(held, allowed)} of the {whole} that the kernel allows",
        allowed=texts[1],
        rule=f"{percent} % of that",
        evidence={"object": name, "allowed": allowed},
    )


OBJECT_LIMITS = Check(
    "object_limits",
    "Kernel objects",
    "Connections, files, TCP buffers or names of files come near the limit of the kernel, or fill a great part of "
    "memory.",
    (*(bounded.words for bounded in BOUNDED), *OTHERS.values(), NEGATIVE_DENTRIES, INODES, ADDRESS_SPACE),
    answer,
)
