# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control groups that were removed and still hold memory."""

from __future__ import annotations

from dataclasses import dataclass

from ..dimensions.dimension import Words
from ..dimensions.percpu import PERCPU_CGROUP_BYTES
from ..model.subject import Subject
from ..text.units import GIB, MIB, human_bytes
from .check import Answer, Check, Seen, missing, share

COST_OF_GROUP = 256 * 1024
MOST_GROUPS = 40_000
"""Many kernels have room for 65,535 control groups, ended ones included; then no container can start."""

WORDS = Words(
    "The number of ended control groups that still hold memory",
    "Find what creates and ends control groups all the time: a failing service, a short timer, a pod that restarts.",
    "cat /sys/fs/cgroup/cgroup.stat; grep memory /proc/cgroups; systemctl list-units --state=failed,activating",
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How many control groups there are beyond those that are in use, and from where on that is unusual."""

    ended: int
    limit: int
    warning: int
    measure: str
    rule: str
    warning_rule: str


def ended_cgroups(subject: Subject) -> Ended | None:
    """Return the ended control groups of a host, or None where it does not say how many there are."""
    cgroups, threads = subject.sample.cgroups, subject.sample.threads
    dying = subject.attribution.cgroups.dying if subject.attribution.cgroups else None
    if dying is not None:
        visible = max((cgroups or dying) - dying, 1)
        limit, warning = share(visible, 1000, 2_000, 20_000), share(visible, 2500, 5_000, 40_000)
        rule, warning_rule = "10 times those that exist, 2,000 to 20,000", "25 times those that exist, 5,000 to 40,000"
        return Ended(dying, limit, warning, f"{dying:,} beside {visible:,} that exist", rule, warning_rule)
    if cgroups is None or threads is None:
        return None
    # Version 1 does not count them, but each group in use has a process or holds groups that have one.
    excess = max(cgroups - threads, 0)
    measure = f"at least {excess:,}: there are {cgroups:,} groups and only {threads:,} threads"
    return Ended(excess, 2_000, 10_000, measure, "2,000 groups more than threads", "10,000 groups more than threads")


def answer(subject: Subject) -> Answer:
    """Compare their number with those that exist, and what they may hold with RAM."""
    ended = ended_cgroups(subject)
    if ended is None:
        return missing(subject, "cgroups", "cgroups")
    if ended.ended <= ended.limit:
        return []
    cpus = subject.sample.cpus_possible
    cost = ended.ended * (cpus * PERCPU_CGROUP_BYTES if cpus else COST_OF_GROUP)
    dear = cost > share(subject.sample.memory_total_bytes or 0, 2, 512 * MIB, 16 * GIB)
    hard = ended.ended > ended.warning and (dear or ended.ended > MOST_GROUPS)
    limit, rule = (ended.warning, ended.warning_rule) if hard else (ended.limit, ended.rule)
    return [
        Seen(
            "warning" if hard else "info",
            ended.ended,
            limit,
            "count",
            WORDS,
            measure=ended.measure,
            allowed=f"{limit:,}",
            rule=rule,
            remarks=(f"they may hold up to {human_bytes(cost)}",),
            evidence={"cgroups": subject.sample.cgroups, "ended": ended.ended, "estimated_bytes": cost},
        )
    ]


DYING_CGROUPS = Check(
    "dying_cgroups",
    "Ended control groups",
    "Ended control groups that still hold memory far outnumber those that exist; each keeps slab and per-CPU memory.",
    (WORDS,),
    answer,
)
