# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel objects that come near the limit of the kernel, or fill a great part of memory."""

from __future__ import annotations

from ..dimensions.dimension import Words
from ..model.attribution_parts import Objects
from ..model.subject import Subject
from ..text.safe import one_line
from ..text.units import GIB, MIB, distinct_bytes, human_bytes, percent_text
from .bounded import BOUNDED, FULL_PERCENT, USED_UP_PERCENT, Count, counts_of
from .check import Answer, Check, Seen, missing, share

DENTRY_BYTES = 192
INODE_BYTES = 1024
ADDRESS_SPACE_PERCENT = 75
SMALL_ADDRESS_SPACE = 2 * GIB


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
    "address_space": "Vmalloc address space",
    "negative_dentries": "Negative dentries",
    "inodes": "Inodes",
}
"""What people call the objects, by the name in a finding's evidence."""


def answer(subject: Subject) -> Answer:
    """Compare each number with its limit, and what dentries and inodes hold with RAM."""
    # Mostly the limit of kernel stacks judges them, and one trouble is one finding.
    levels = subject.settings.limits["kernel_stack"]
    asked = any(level is not None and level.percent_of_thread_limit for level in (levels.warning, levels.critical))
    counts = counts_of(subject, with_threads=not asked)
    found = [near_its_limit(one) for one in counts if one.held * 100 > FULL_PERCENT * one.allowed]
    space = subject.facts.machine.vmalloc_total_bytes if subject.facts else None
    used = subject.sample.amounts.get("vmalloc")
    if space and used and space < SMALL_ADDRESS_SPACE and used * 100 > ADDRESS_SPACE_PERCENT * space:
        found.append(_of_limit("address_space", "warning", used, space, ADDRESS_SPACE_PERCENT, "bytes", ADDRESS_SPACE))
    objects, memory = subject.attribution.objects, subject.sample.memory_total_bytes
    if objects is None or not objects.has_data:
        return found or missing(subject, "objects", "objects")
    return [*found, *(_filling_memory(objects, memory) if memory else ())]


def near_its_limit(count: Count, *remarks: str) -> Seen:
    """Give a number that is near its limit, or was and has not clearly left it."""
    bounded, words = count.bounded, count.bounded.words
    severity = "critical" if bounded.stops_all and count.held * 100 > USED_UP_PERCENT * count.allowed else "warning"
    said = list(remarks)
    if bounded.estimated:
        severity = "info"
        said.append("the limit is of a user, and the number is what could be seen, so this is information")
    if count.of:
        said.append(f"the group is {one_line(count.of, 60)}")
    return _of_limit(bounded.name, severity, count.held, count.allowed, FULL_PERCENT, bounded.unit, words, tuple(said))


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


def _of_limit(
    name: str,
    severity: str,
    held: int,
    allowed: int,
    percent: int,
    unit: str,
    words: Words,
    remarks: tuple[str, ...] = (),
) -> Seen:
    limit = allowed * percent // 100
    texts = distinct_bytes(held, limit) if unit == "bytes" else (f"{held:,}", f"{limit:,}")
    whole = human_bytes(allowed) if unit == "bytes" else f"{allowed:,}"
    return Seen(
        severity,
        held,
        limit,
        unit,
        words,
        measure=f"{texts[0]}, {percent_text(held, allowed)} of the {whole} that the kernel allows",
        allowed=texts[1],
        rule=f"{percent} % of that",
        remarks=remarks,
        evidence={"object": name, "allowed": allowed},
    )


OBJECT_LIMITS = Check(
    "object_limits",
    "Kernel objects",
    "Threads, connections, files, keys, buffers or other objects come near a limit of the kernel, at which work stops "
    "before memory does; or names of files fill a great part of memory.",
    (*(bounded.words for bounded in BOUNDED), NEGATIVE_DENTRIES, INODES, ADDRESS_SPACE),
    answer,
)
