# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of the kind "limit": one host's numbers against the limits of its environment.

A level of a limit can have several conditions, and all of them must hold. A condition that can't be decided (its number
is not known) makes the level undecided, unless another condition already says no. Undecided is reported, never healthy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from ..dimensions.kernel_stack import MINIMUM_THREADS, stack_per_thread
from ..dimensions.percpu import PERCPU_UNKNOWN_BYTES, expected_percpu
from ..dimensions.table import LIMITED, RULES, SUMMED, TOTAL
from ..model.finding import Finding, Judgement, rank
from ..model.quick import quickly_made
from ..model.settings import Level
from ..model.subject import Subject, holders_remark
from ..text.safe import one_line
from ..text.units import KIB, human_bytes, number_text, percent_text
from .earlier import MOST_MARGIN, Earlier
from .limit_words import Seen, base_name, largest_part_remark, limit_sentence, size_rule, stays_remark, value_and_limit

_OUT_PERCENT = 5
"""Where less than this share of RAM is available, what is a warning elsewhere is critical."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A limit that is exceeded."""

    value: int
    limit: int
    unit: str
    seen: Seen


Answer = Hit | str | None
"""Of a level: a hit, None where the limit holds, or the reason why that can't be said."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a dimension: its name in the coverage, the fields of a level that ask for it, and the test itself."""

    part: str
    asked_by: tuple[str, ...]
    answer: Callable[[Subject, str, Level, Earlier], Answer]

    def is_asked_by(self, level: Level | None) -> bool:
        """Whether a level asks for it."""
        return level is not None and any(getattr(level, name) is not None for name in self.asked_by)


def judge_limits(subject: Subject, growing: Collection[str] = (), earlier: Earlier | None = None) -> Judgement:
    """Judge a host against the limits of its settings. *growing* are its dimensions that grow in a line; by its
    *earlier* samples a finding stays until its number has clearly left the limit.
    """
    judgement, earlier = Judgement(), earlier or Earlier(subject, None)
    for dimension in LIMITED:
        levels = subject.settings.limits[dimension]
        if levels.warning is None and levels.critical is None:
            judgement.not_judged[dimension] = f"The policy has no limit for it in {subject.environment}."
            continue
        _judge_dimension(judgement, subject, dimension, dimension in growing, earlier)
    return judgement


def _judge_dimension(judgement: Judgement, subject: Subject, dimension: str, grows: bool, earlier: Earlier) -> None:
    answered = False
    found: list[Finding] = []
    reasons: dict[str, str] = {}
    for test in (_BY_SIZE, *_FURTHER.get(dimension, ())):
        for name in ("critical", "warning"):
            level = subject.settings.limits[dimension].named(name)
            if level is None or not test.is_asked_by(level):
                continue
            answer = test.answer(subject, dimension, level, earlier)
            if isinstance(answer, str):
                reasons[test.part or f"{dimension}.{name}"] = answer
                continue
            answered = True
            if answer is not None:
                found.append(_finding(subject, dimension, name, answer, grows, earlier))
                break
    # More than one limit may be exceeded; the worst of it is the finding.
    judgement.findings.extend(sorted(found, key=lambda one: rank(one.severity))[:1])
    if answered and dimension not in reasons:
        judgement.judged.append(dimension)
        judgement.not_judged.update(reasons)
    else:
        judgement.not_judged[dimension] = " ".join(dict.fromkeys(reasons.values()))


def _finding(subject: Subject, dimension: str, level: str, hit: Hit, grows: bool, earlier: Earlier) -> Finding:
    severity, seen = level, hit.seen
    if dimension == "unaccounted" and hit.unit == "bytes":
        severity, remark = _weighed(subject, hit.value, level, grows)
        seen = seen.with_remark(remark) if remark else seen
    if severity == "warning" and dimension != "slab_reclaimable" and _is_out_of_memory(subject, earlier):
        severity = "critical"
        sample = subject.sample
        left = percent_text(sample.memory_available_bytes or 0, sample.memory_total_bytes or 1)
        seen = seen.with_remark(f"{left} of RAM is available, so this is critical")
    ceiling = subject.policy_ceiling(dimension, "limit")
    if ceiling.lowers(severity):
        severity, seen = ceiling.severity, seen.with_remark(ceiling.remark)
    cell = RULES[dimension].words_of("limit", hit.unit)
    return Finding(
        dimension=dimension,
        kind="limit",
        severity=severity,
        status="current",
        value=hit.value,
        limit=hit.limit,
        unit=hit.unit,
        expected=seen.rule,
        explanation=limit_sentence(dimension, hit.unit, subject.environment, level, seen),
        next_step=cell.next_step,
        command=cell.command,
    )


def _is_out_of_memory(subject: Subject, earlier: Earlier) -> bool:
    total, available = subject.sample.memory_total_bytes, subject.sample.memory_available_bytes
    if not total or available is None:
        return False
    return earlier.is_below("memory_available_kib", available, total * _OUT_PERCENT / 100, KIB)


def _weighed(subject: Subject, value: int, level: str, grows: bool) -> tuple[str, str]:
    """Return how bad unaccounted memory is where something is loaded that may hold it, and the clause that says why.

    What is loaded is no evidence: it excuses what it plausibly takes, while memory is not short and nothing grows.
    """
    holders = subject.unmeasured_holders()
    if not holders:
        return level, ""
    may = holders_remark(holders)
    if subject.is_explained(value) and not grows:
        return "info", f"{may}, so this is information only"
    plausible = sum(holder.plausible_bytes or 0 for holder in holders)
    if grows:
        why = "it grows in a line, which such memory does not"
    elif subject.is_short_of_memory:
        why = "memory is short"
    else:
        why = f"such a holder takes {human_bytes(plausible)} at most elsewhere"
    return level, f"{may}, but {why}: so it is that, or memory that is lost"


def _exceeds_size(subject: Subject, dimension: str, level: Level, earlier: Earlier) -> Answer:
    value = subject.amount(dimension)
    if value is None:
        return subject.why_unknown(dimension)
    memory = subject.memory(dimension)
    if memory is None:
        return "The host's RAM is not known."
    band = subject.band if dimension == "unaccounted" else 0
    if band is None:
        return "The error band of the unaccounted memory is not known."
    if _is_far_below(value, memory, level):
        # Nearly every host ends here.
        return None
    cached = subject.arc_in(dimension)
    size = _Size(f"{dimension}_kib", value - cached - band, cached + band, earlier)
    share = _above_share(level, size, memory, base_name(subject, dimension))
    if share is None:
        return None
    conditions = [share, _above_expected(subject, level, size), _little_available(subject, level, earlier)]
    if None in conditions:
        return None
    undecided = [condition for condition in conditions if isinstance(condition, str)]
    if undecided:
        return " ".join(undecided)
    held = [condition for condition in conditions if isinstance(condition, _Held)]
    limit = max(condition.limit for condition in held)
    value -= cached
    amount, allowed = value_and_limit(value, limit)
    at_least = "at least " if dimension == TOTAL and subject.facts and subject.facts.account.bound == "lower" else ""
    give_or_take = f", give or take {human_bytes(band)}" if band else ""
    base = base_name(subject, dimension)
    measure = f"{at_least}{amount}, {percent_text(value, memory)} of {human_bytes(memory)} {base}{give_or_take}"
    rule = ", and also ".join(condition.rule for condition in held if condition.rule)
    remarks = [condition.remark for condition in held if condition.remark]
    if value - band <= limit:
        remarks.append(stays_remark(earlier.margin(size.column, limit, KIB)))
    if cached:
        remarks.append(f"{human_bytes(cached)} more are objects of the cache of ZFS (ARC), which this leaves out")
    if dimension == TOTAL:
        remarks.extend(_largest_part(subject))
    return Hit(value, limit, "bytes", Seen(measure, allowed, rule, tuple(remarks)))


def _is_far_below(value: int, memory: int, level: Level) -> bool:
    """Whether an amount is below the share of a level by so much that nothing earlier counts. What a cache or an error
    may be of it only makes it less.
    """
    if level.percent_of_ram is None:
        return False
    limit = level.of(memory)
    return limit < memory and value <= limit * (1 - MOST_MARGIN)


@quickly_made
@dataclass(frozen=True, slots=True)
class _Size:
    """An amount that is compared with limits: its bytes, and what its column in earlier samples holds beside them."""

    column: str
    bytes: int
    offset: int
    earlier: Earlier

    def is_above(self, limit: float) -> bool:
        """Whether it is above a limit, or was and has not clearly left it."""
        return self.earlier.is_above(self.column, self.bytes, limit, self.offset, KIB)


@dataclass(frozen=True, slots=True)
class _Held:
    """A condition that holds, with the limit it sets (0: none) and its words."""

    limit: int = 0
    rule: str = ""
    remark: str = ""


Condition = _Held | str | None
"""A condition that holds, None where it does not, or the reason why that can't be said."""


def _above_share(level: Level, size: _Size, memory: int, base: str) -> Condition:
    if level.percent_of_ram is None:
        return _Held()
    limit = level.of(memory)
    if limit >= memory:
        return f"Its limit of {human_bytes(limit)} is above the {human_bytes(memory)} of this host's {base}."
    return _Held(limit, size_rule(level, base, memory)) if size.is_above(limit) else None


def _above_expected(subject: Subject, level: Level, size: _Size) -> Condition:
    times = level.times_expected
    if times is None:
        return _Held()
    cpus, cgroups, memory = subject.sample.cpus_possible, subject.living_cgroups, subject.memory("percpu")
    if not cpus or not memory:
        return "Per-CPU memory is high, but the number of possible CPUs is not known, so what to expect isn't either."
    expected, each = expected_percpu(cpus, cgroups), f"{cpus:,} possible CPUs x "
    if cgroups is None:
        each += f"{human_bytes(PERCPU_UNKNOWN_BYTES)}, since the number of control groups is not known"
    else:
        each += f"(1 MiB + 8 KiB x {cgroups:,} control groups)"
    rule = f"{number_text(times)} times the {human_bytes(expected)} expected of {each}"
    limit = int(expected * times)
    # However many CPUs and groups there are, so much of a host is no amount to expect.
    most = int(memory * level.most_of_ram_for_a_floor / 100)
    if limit > most:
        limit, rule = most, f"{rule}, but no more than {number_text(level.most_of_ram_for_a_floor)} % of RAM"
    return _Held(limit, rule) if size.is_above(limit) else None


def _little_available(subject: Subject, level: Level, earlier: Earlier) -> Condition:
    share = level.only_if_available_below_percent
    if share is None:
        return _Held()
    total, available = subject.sample.memory_total_bytes, subject.sample.memory_available_bytes
    if not total or available is None:
        return "It is high, but this limit counts only where little memory is available, and MemAvailable is not known."
    if not earlier.is_below("memory_available_kib", available, total * share / 100, KIB):
        return None
    remark = f"{human_bytes(available)}, {percent_text(available, total)} of RAM, is available"
    return _Held(0, f"less than {number_text(share)} % of RAM available", remark)


def _too_many_threads(subject: Subject, _dimension: str, level: Level, earlier: Earlier) -> Answer:
    threads, allowed, share = subject.sample.threads, subject.sample.threads_limit, level.percent_of_thread_limit
    if threads is None or not allowed:
        missing = "number of threads" if threads is None else "limit of threads"
        return f"The {missing} is not known."
    if share is None:
        return None
    limit = int(allowed * share / 100)
    if not earlier.is_above("threads", threads, limit):
        return None
    measure = f"{threads:,}, {percent_text(threads, allowed)} of the {allowed:,} that this kernel allows"
    rule = f"{number_text(share)} % of the lower of threads-max and pid_max"
    stays = (stays_remark(earlier.margin("threads", limit)),) if threads <= limit else ()
    return Hit(threads, limit, "threads", Seen(measure, f"{limit:,}", rule, stays))


def _stacks_too_large(subject: Subject, dimension: str, level: Level, _earlier: Earlier) -> Answer:
    threads, stacks, times = subject.sample.threads, subject.amount(dimension), level.times_stack_per_thread
    if stacks is None:
        return subject.why_unknown(dimension)
    if threads is None:
        return "The number of threads is not known."
    if threads < MINIMUM_THREADS or times is None:
        return None
    page = subject.facts.machine.page_size_bytes if subject.facts else None
    architecture = one_line(subject.sample.architecture or "", 40)
    usual = stack_per_thread(subject.sample.architecture, page)
    if usual is None:
        return f"The usual size of a kernel stack on the architecture {architecture!r} is not known."
    value, limit = stacks // threads, int(usual * times)
    if value <= limit:
        return None
    size, allowed = value_and_limit(value, limit)
    measure = f"{size} ({human_bytes(stacks)} for {threads:,} threads)"
    rule = f"{number_text(times)} times the {human_bytes(usual)} of {architecture}"
    return Hit(value, limit, "bytes_per_thread", Seen(measure, allowed, rule))


def _largest_part(subject: Subject) -> list[str]:
    known = {name: subject.sample.amounts.get(name) for name in SUMMED}
    parts = {name: size for name, size in known.items() if size is not None}
    return [largest_part_remark(parts)] if parts else []


_BY_SIZE = Test("", ("percent_of_ram", "times_expected"), _exceeds_size)
_FURTHER = {
    "kernel_stack": (
        Test("kernel_stack.percent_of_thread_limit", ("percent_of_thread_limit",), _too_many_threads),
        Test("kernel_stack.times_stack_per_thread", ("times_stack_per_thread",), _stacks_too_large),
    )
}
"""What else is tested of a dimension than its size."""
