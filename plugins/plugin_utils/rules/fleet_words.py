# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sentences of what only a look at many hosts shows. Each names its numbers, so that it can be checked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..dimensions.table import RULES
from ..text.safe import one_line
from ..text.units import distinct_bytes, human_bytes, number_text, percent_text
from ..words.labels import dimension_label, hosts_phrase

_GROUP_SENTENCES = {
    "growth": "{subject} grows on {hosts}: {where}.",
    "spike": "{subject} has risen suddenly on {hosts}: {where}.",
    "drop": "{subject} has dropped suddenly on {hosts}: {where}.",
    "disproportion": "{subject} is far above that of similar hosts on {hosts}: {where}.",
}


def group_sentence(subject: str, kind: str, severity: str, hosts: int, where: str) -> str:
    """Return the sentence of a finding that several hosts have."""
    if kind in _GROUP_SENTENCES:
        return _GROUP_SENTENCES[kind].format(subject=subject, hosts=hosts_phrase(hosts), where=where)
    limit = "a limit" if severity == "info" else f"its {severity} limit"
    return f"{subject} is above {limit} on {hosts_phrase(hosts)}: {where}."


@dataclass(frozen=True, slots=True)
class Likes:
    """What a host's similar hosts show: how many there are, what they share, their median, how many times that it is,
    and their usual spread in percent.
    """

    hosts: int
    shared: tuple[str, ...]
    median: float
    ratio: float
    spread_percent: float


@dataclass(frozen=True, slots=True)
class Others:
    """What such hosts show on other kernels: how many there are, and bytes a day of uptime."""

    hosts: int
    slope: float


def disproportion_sentence(
    dimension: str,
    unit: str,
    likes: Likes,
    *,
    value: int,
    limit: int,
    total: int,
    memory: float,
    basis: str,
    remarks: Sequence[str],
) -> str:
    """Return the sentence of a host that stands out from its similar hosts. *value* and *limit* are in *unit*, *total*
    in bytes.

    *basis* is the memory that the amounts are a share of, where that is not RAM.
    """
    size, bound = distinct_bytes(value, limit)
    share = f"{percent_text(total, memory)} of RAM"
    measure = f"{size}, {share}" if unit == "bytes" else f"{size} ({human_bytes(total)} in all, {share})"
    scaled = f"; for this host's {basis or 'RAM'} " if unit == "bytes" else "; "
    subject = RULES[dimension].words_of("disproportion", unit).subject
    parts = [
        f"{subject} is {measure}{scaled}{likes.hosts:,} similar hosts ({', '.join(likes.shared)}) have"
        f" {human_bytes(round(likes.median))}, the median, so this is"
        f" {number_text(round(round(likes.ratio, 2), 1))} times as much",
        f"their usual spread is {number_text(round(round(likes.spread_percent, 1)))} %, and above {bound} counts",
    ]
    return "; ".join([*parts, *remarks]) + "."


def too_different_text(others: int, spread_percent: float) -> str:
    """Return why similar hosts can't be compared."""
    return (
        f"The {others:,} similar hosts differ too much from each other (usual spread {round(spread_percent)} %) "
        "to compare this host with them."
    )


def too_few_text(others: int, minimum: int) -> str:
    """Return why a host can't be compared."""
    there = (
        "There is no similar host"
        if others <= 0
        else "There is 1 similar host"
        if others == 1
        else f"There are {others:,} similar hosts"
    )
    return f"{there}, and at least {max(minimum, 2) - 1:,} are needed."


def share_sentence(
    what: str, name: str, with_it: int, there: int, rest_with: int, rest: int, did: str = "have it"
) -> str:
    """Return how much more often hosts with something in common have a finding than the others."""
    return (
        f"{with_it:,} of {hosts_phrase(there)} {in_common(what, name)} {did} ({percent_text(with_it, there)}), "
        f"{rest_with:,} of the {rest:,} others do"
        f" ({percent_text(rest_with, rest)})."
    )


def in_common(what: str, name: str) -> str:
    """Return what hosts have in common in words: ``on kernel 6.12.0 x86_64``."""
    shown = one_line(name, 80)
    return {
        "kernel": f"on kernel {shown}",
        "role": f"in the group {shown}",
        "environment": f"in {shown}",
        "hardware": f"with {shown}",
    }.get(what, f"with the boot parameter {shown}")


def uptime_sentence(
    dimension: str,
    where: str,
    *,
    hosts: int,
    rates: tuple[float, float, float],
    uptimes: tuple[float, float],
    within: str,
    grown: tuple[float, float],
    halves: tuple[float, float],
    whole: float | None,
    others: Others | None,
    what: str,
) -> str:
    """Return the sentence of hosts that hold more memory the longer they are up; *where* says of a kernel, a role
    (*what*), or on all.

    *rates* are bytes a day and their bounds, *uptimes* the quartiles of uptime in days, *grown* the growth between
    these and the least that counts, *halves* the rates of the younger and the older half, *whole* the rate of all
    kernel memory where *dimension* is a part of it, *others* the same on other kernels.
    """
    rate, low, high = (human_bytes(round(amount)) for amount in rates)
    label = dimension_label(dimension)
    everything = "all kernel memory that can't be reclaimed"
    part = f" ({human_bytes(round(whole))} of {everything})" if whole is not None else ""
    days = f"{number_text(round(uptimes[0], 1))} to {number_text(round(uptimes[1], 1))} days"
    parts = [
        f"{where[0].upper()}{one_line(where[1:], 90)} each day of uptime costs about {rate} of "
        f"{label[0].lower()}{label[1:]}{part},"
        f" estimated range {low} to {high}",
        f"this rests on one look at {hosts:,} hosts, compared {within}; the middle half of them is up {days}, which "
        "makes a difference of"
        f" {human_bytes(round(grown[0]))}{f' of {everything}' if whole is not None else ''} (from "
        f"{human_bytes(round(grown[1]))} on it counts)",
        f"in the half that is up longer it is {human_bytes(round(halves[1]))} a day, in the other "
        f"{human_bytes(round(halves[0]))}, so it is not levelling off",
    ]
    if others is None:
        parts.append(
            "no kernel and no role stands out, so nobody can tell whose doing it is, and this is information only"
            if what == "fleet"
            else f"no other {what} has enough hosts to compare with, so this is information only"
        )
    else:
        shown = f"show {human_bytes(round(others.slope))} a day" if others.slope > 0 else "show no growth"
        parts.append(
            f"{'on other kernels' if what == 'kernel' else 'in other roles'}, {others.hosts:,} such hosts {shown}"
        )
    return (
        "; ".join(parts)
        + ". It is an estimate: a second audit some days later tells whether the same hosts really grow."
    )


def kernels_sentence(
    dimension: str,
    kernel: str,
    *,
    hosts: int,
    others: int,
    sizes: tuple[float, float],
    share: float,
    counts_from: float,
) -> str:
    """Return the sentence of a kernel whose hosts hold more than like hosts on other kernels.

    *sizes* are the medians of both in bytes, *share* says in which share of all pairs of them its host has more,
    *counts_from* from which difference on it counts.
    """
    own, usual = (human_bytes(round(size)) for size in sizes)
    label = dimension_label(dimension)
    times, pairs = number_text(round(sizes[0] / max(sizes[1], 1), 1)), number_text(round(100 * share))
    return (
        f"On kernel {one_line(kernel, 80)} {label[0].lower()}{label[1:]} is {own}, the median of {hosts:,} hosts; on "
        f"other kernels {others:,} hosts of the same role, size and uptime have {usual}, so it is {times} times as "
        f"much; in {pairs} % of the pairs of both the host on this kernel has more, and a difference from "
        f"{human_bytes(round(counts_from))} on counts."
    )
