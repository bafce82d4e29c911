# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer in words. A name that comes from a host is marked, so that it can't be taken for a word of ours."""

from __future__ import annotations

from collections.abc import Callable

from ..text.safe import one_line, visible
from ..text.units import human_bytes
from ..words.labels import dimension_label
from .answer import Answer
from .culprit import Culprit
from .looked import Process

Mark = Callable[[str], str]
FRAMES = 4

IN_DIMENSION = {
    "unaccounted": "no counter",
    "percpu": "per-CPU memory",
    "vmalloc": "vmalloc memory",
    "hugetlb": "huge pages",
}


def quoted(name: str) -> str:
    """Return a name between backticks, on one line, however it is written."""
    return f"`{one_line(visible(name), 120).replace('`', chr(39))}`"


def in_dimension(dimension: str) -> str:
    """Return a dimension as in *what grows in ...*."""
    return IN_DIMENSION.get(dimension) or _lower(dimension_label(dimension))


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]


def rate_text(per_second: float) -> str:
    """Return bytes a second: ``3.1 MiB a second``."""
    return f"{human_bytes(round(per_second))} a second"


def number_text(per_second: float) -> str:
    """Return objects a second: ``1,300 a second``, ``0.4 a second``."""
    return f"{per_second:,.0f} a second" if per_second >= 10 else f"{per_second:.2g} a second"


def process_text(process: Process, processes: int | None, mark: Mark = quoted) -> str:
    """Return a process with its number and unit, or the command of many with who started them."""
    about = []
    if process.pid is not None:
        about.append(f"pid {process.pid}")
    elif processes and processes > 1:
        about.append(f"{processes:,} processes")
    if process.unit:
        about.append(mark(process.unit))
    if process.pid is None and process.parent_command:
        about.append(f"started by {mark(process.parent_command)}")
    return mark(process.command) + (f" ({', '.join(about)})" if about else "")


def culprit_text(culprit: Culprit, mark: Mark = quoted) -> str:
    """Return one culprit as a sentence without its full stop."""
    amounts = [rate_text(culprit.bytes_per_second)] if culprit.bytes_per_second else []
    if culprit.number_per_second and (culprit.what or not amounts):
        amounts.insert(0, number_text(culprit.number_per_second))
    if culprit.dimension and culprit.share is not None:
        traced = " while it was traced" if culprit.source == "trace" else ""
        amounts.append(f"{100 * culprit.share:.0f} % of what grows in {in_dimension(culprit.dimension)}{traced}")
    elif culprit.dimension:
        amounts.append(f"along with what grows in {in_dimension(culprit.dimension)}")
    told = f"{_subject(culprit, mark)}: {', '.join(amounts) or 'it grows'}"
    if culprit.stack and culprit.what and culprit.process:
        told += f"; by the counters it has more and more {culprit.what}"
    if culprit.detail:
        told += f" ({culprit.detail})"
    return told if culprit.lost is None else f"{told}; {culprit.lost:,} events lost"


def _subject(culprit: Culprit, mark: Mark) -> str:
    who = process_text(culprit.process, culprit.processes, mark) if culprit.process else None
    if culprit.stack:
        functions = " < ".join(mark(name) for name in culprit.stack[:FRAMES])
        if who:
            return f"{functions}, called by {who}"
        return f"{functions}, for {culprit.what}" if culprit.what else functions
    what = culprit.what or "memory"
    if not who:
        return what[:1].upper() + what[1:]
    return f"More and more processes {who}" if what == "processes" else f"{who} has more and more {what}"


def answer_text(found: Answer, mark: Mark = quoted) -> str:
    """Return the answer of a host in one sentence."""
    culprit = found.culprit
    seconds = found.readings.watched.window_seconds
    span = f"in {found.readings.watched.windows} windows of {seconds:.2g} seconds"
    if culprit is None:
        if found.rates:
            grow = " and ".join(
                f"{in_dimension(name)} by {rate_text(rate)}" for name, rate in sorted(found.rates.items())
            )
            return f"What grows is not named: {grow}, {span}"
        return f"Nothing grows {span}" + (", but for what is too little to name" if found.growing.by_kind else "")
    told = culprit_text(culprit, mark)
    if found.only_reclaimable:
        return f"Only reclaimable slab grows, which the kernel takes back when memory is short. {told}"
    if culprit.confidence == "low" and not culprit.process:
        return f"Only a place is known: {told}"
    if culprit.confidence == "low":
        return f"Not certain: {told}"
    return told
