# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of the kind "limit": one host's numbers against the limits of its environment.

A level of a limit can have several conditions, and all of them must hold. A condition that can't be decided (its number
is not known) makes the level undecided, unless another condition already says no. Undecided is reported, never healthy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..dimensions.kernel_stack import MINIMUM_THREADS, stack_per_thread
from ..dimensions.percpu import expected_percpu
from ..dimensions.table import LIMITED, PARTS, RULES, TOTAL
from ..model.finding import Finding, Judgement
from ..model.settings import Level
from ..model.subject import Subject, holders_remark
from ..text.safe import one_line
from ..text.units import human_bytes, number_text, percent_text
from .limit_words import Seen, base_name, largest_part_remark, limit_sentence, size_rule, value_and_limit


@dataclass(frozen=True, slots=True)
class Hit:
    """A limit that is exceeded."""

    value: int
    limit: int
    unit: str
    seen: Seen
    information_only: bool = False


Answer = Hit | str | None
"""Of a level: a hit, None where the limit holds, or the reason why that can't be said."""


@dataclass(frozen=True, slots=True)
class Test:
    """A test of a dimension: its name in the coverage, the fields of a level that ask for it, and the test itself."""

    part: str
    asked_by: tuple[str, ...]
    answer: Callable[[Subject, str, Level], Answer]

    def is_asked_by(self, level: Level | None) -> bool:
        """Whether a level asks for it."""
        return level is not None and any(getattr(level, name) is not None for name in self.asked_by)


def judge_limits(subject: Subject) -> Judgement:
    """Judge a host against the limits of its settings."""
    judgement = Judgement()
    for dimension in LIMITED:
        levels = subject.settings.limits[dimension]
        if levels.warning is None and levels.critical is None:
            judgement.not_judged[dimension] = f"The policy has no limit for it in {subject.environment}."
            continue
        _judge_dimension(judgement, subject, dimension)
    return judgement


def _judge_dimension(judgement: Judgement, subject: Subject, dimension: str) -> None:
    answered = False
    reasons: dict[str, str] = {}
    for test in (_BY_SIZE, *_FURTHER.get(dimension, ())):
        for name in ("critical", "warning"):
            level = subject.settings.limits[dimension].named(name)
            if level is None or not test.is_asked_by(level):
                continue
            answer = test.answer(subject, dimension, level)
            if isinstance(answer, str):
                reasons[test.part or f"{dimension}.{name}"] = answer
                continue
            answered = answered or answer is None or not answer.information_only
            if answer is not None:
                if answer.information_only:
                    holders = holders_remark(subject.unmeasured_holders())
                    reasons[dimension] = f"It is above its {name} limit, but {holders}."
                judgement.findings.append(_finding(subject, dimension, name, answer))
                break
    if answered and dimension not in reasons:
        judgement.judged.append(dimension)
        judgement.not_judged.update(reasons)
    else:
        judgement.not_judged[dimension] = " ".join(dict.fromkeys(reasons.values()))


def _finding(subject: Subject, dimension: str, level: str, hit: Hit) -> Finding:
    severity, seen = "info" if hit.information_only else level, hit.seen
    ceiling = subject.ceiling(dimension, "limit")
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


def _exceeds_size(subject: Subject, dimension: str, level: Level) -> Answer:
    value = subject.amount(dimension)
    if value is None:
        return subject.why_unknown(dimension)
    memory = subject.memory(dimension)
    if memory is None:
        return "The host's RAM is not known."
    band = subject.band if dimension == "unaccounted" else 0
    if band is None:
        return "The error band of the unaccounted memory is not known."
    share = _above_share(level, value - band, memory, base_name(subject, dimension))
    if share is None:
        # Nearly every host ends here.
        return None
    conditions = [share, _above_expected(subject, level, value), _little_available(subject, level)]
    if None in conditions:
        return None
    undecided = [condition for condition in conditions if isinstance(condition, str)]
    if undecided:
        return " ".join(undecided)
    held = [condition for condition in conditions if isinstance(condition, _Held)]
    limit = max(condition.limit for condition in held)
    size, allowed = value_and_limit(value, limit)
    at_least = "at least " if dimension == TOTAL and subject.facts and subject.facts.account.bound == "lower" else ""
    give_or_take = f", give or take {human_bytes(band)}" if band else ""
    base = base_name(subject, dimension)
    measure = f"{at_least}{size}, {percent_text(value, memory)} of {human_bytes(memory)} {base}{give_or_take}"
    rule = ", and also ".join(condition.rule for condition in held if condition.rule)
    remarks = [condition.remark for condition in held if condition.remark]
    if dimension == TOTAL:
        remarks.extend(_largest_part(subject))
    unmeasured = subject.unmeasured_holders() if dimension == "unaccounted" else ()
    if unmeasured:
        remarks.append(f"{holders_remark(unmeasured)}, so this is information only")
    return Hit(value, limit, "bytes", Seen(measure, allowed, rule, tuple(remarks)), bool(unmeasured))


@dataclass(frozen=True, slots=True)
class _Held:
    """A condition that holds, with the limit it sets (0: none) and its words."""

    limit: int = 0
    rule: str = ""
    remark: str = ""


Condition = _Held | str | None
"""A condition that holds, None where it does not, or the reason why that can't be said."""


def _above_share(level: Level, value: int, memory: int, base: str) -> Condition:
    if level.percent_of_ram is None:
        return _Held()
    limit = level.of(memory)
    return _Held(limit, size_rule(level, base)) if value > limit else None


def _above_expected(subject: Subject, level: Level, value: int) -> Condition:
    times = level.times_expected
    if times is None:
        return _Held()
    cpus, cgroups = subject.sample.cpus_possible, subject.sample.cgroups
    if not cpus or cgroups is None:
        missing = "possible CPUs" if not cpus else "cgroups"
        return f"Per-CPU memory is high, but the number of {missing} is not known, so what to expect isn't either."
    expected = expected_percpu(cpus, cgroups)
    limit = int(expected * times)
    rule = (
        f"{number_text(times)} times the {human_bytes(expected)} expected of {cpus:,} possible CPUs x "
        f"(1 MiB + 8 KiB x {cgroups:,} cgroups)"
    )
    return _Held(limit, rule) if value > limit else None


def _little_available(subject: Subject, level: Level) -> Condition:
    share = level.only_if_available_below_percent
    if share is None:
        return _Held()
    total, available = subject.sample.memory_total_bytes, subject.sample.memory_available_bytes
    if not total or available is None:
        return "It is high, but this limit counts only where little memory is available, and MemAvailable is not known."
    if available * 100 >= total * share:
        return None
    remark = f"{human_bytes(available)}, {percent_text(available, total)} of RAM, is available"
    return _Held(0, f"less than {number_text(share)} % of RAM available", remark)


def _too_many_threads(subject: Subject, _dimension: str, level: Level) -> Answer:
    threads, allowed, share = subject.sample.threads, subject.sample.threads_limit, level.percent_of_thread_limit
    if threads is None or not allowed:
        missing = "number of threads" if threads is None else "limit of threads"
        return f"The {missing} is not known."
    if share is None:
        return None
    limit = int(allowed * share / 100)
    if threads <= limit:
        return None
    measure = f"{threads:,}, {percent_text(threads, allowed)} of the {allowed:,} that this kernel allows"
    rule = f"{number_text(share)} % of the lower of threads-max and pid_max"
    return Hit(threads, limit, "threads", Seen(measure, f"{limit:,}", rule))


def _stacks_too_large(subject: Subject, dimension: str, level: Level) -> Answer:
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
    known = {name: subject.sample.amounts.get(name) for name in PARTS}
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
