# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was looked at and does not grow, and what could not be looked at. Nobody should have to ask twice."""

from __future__ import annotations

from collections.abc import Iterator

from .answer import Answer
from .dimensions import dimension_series
from .floors import WORDS
from .sentences import in_dimension, rate_text

COUNTED = ("threads", "descriptors", "zombies")
MEASURED = ("cache", "caller", "site", "keys", "messages", "queues", "zram", "group")
NOT_READ = {
    "proc/slabinfo": "Slab caches",
    "proc/vmallocinfo": "Callers of vmalloc memory",
    "proc/allocinfo": "Allocation sites",
    "proc/PID": "Some of the processes",
    "sys/fs/cgroup": "Some of the control groups",
}
REASONS = {
    "EACCES": "root only",
    "EPERM": "root only",
    "ENOENT": "this kernel has no such file",
    "deadline": "they are too many to be read in time",
    "limit": "they are too many to be read in time",
    "too_large": "the file is too large",
}
# A kernel without allocation profiling is the usual case, and no trouble.
USUAL = (("proc/allocinfo", "ENOENT"),)


def ruled_out(found: Answer) -> Iterator[str]:
    """Yield sentences on what does not grow."""
    seen = found.readings.watched
    growing = {*found.growing.dimensions, *found.rates}
    quiet = [in_dimension(row.name) for row in dimension_series(seen) if row.name not in growing]
    if quiet:
        yield f"By less than {rate_text(found.floors.dimension)} or not in every window: {', '.join(quiet)}."
    for dimension, cause in sorted(found.follow.items()):
        yield f"The growth in {in_dimension(dimension)} is that of {in_dimension(cause)}, which lies in it."
    still = [kind for kind in MEASURED + COUNTED if seen.seen.get(kind) and not found.growing.of(kind)]
    if still:
        yield f"None grows: {', '.join(f'{WORDS[kind]} ({seen.seen[kind]:,} seen)' for kind in still)}."
    foreign = seen.machine.foreign_modules
    if not foreign and found.culprit:
        yield "No module from outside of the kernel's sources is loaded."


def not_read(found: Answer) -> Iterator[str]:
    """Yield sentences on what could not be read, so that its absence proves nothing."""
    errors = found.readings.watched.errors
    for key, words in NOT_READ.items():
        why = errors.get(key)
        if why and (key, why) not in USUAL:
            yield f"{words} could not be read ({REASONS.get(why, why)})."
    if found.readings.watched.machine.contained:
        yield "This is a process namespace of its own, as of a container: processes outside of it were not seen."
    if found.readings.watched.listed:
        yield (
            "Descriptors had to be listed to be counted, which makes dentries and inodes; so these two caches are left "
            "out."
        )
