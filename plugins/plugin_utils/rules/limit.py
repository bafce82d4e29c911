# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of the kind "limit": one host's numbers against the limits of its environment.

A level of a limit can have several conditions, and all of them must hold. A condition that can't be decided (its number
is not known) makes the level undecided, unless another condition already says no. Undecided is reported, never healthy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..model.dimensions import DIMENSIONS, LIMITED, TOTAL
from ..model.finding import Judgement
from ..words.text import one_line
from ..words.units import human_bytes, number_text, percent_text
from .amounts import MINIMUM_THREADS, expected_percpu, memory_base, size_limit, size_rule, stack_per_thread
from .limit_words import Seen, holders_remark, largest_part_remark, limit_sentence, value_and_limit, words


@dataclass(frozen=True)
class Hit:
    """A limit that is exceeded."""

    value: int
    limit: int
    unit: str
    seen: Seen
    information_only: bool = False


# A level's answer: a hit, None where the limit holds, or the reason why that can't be said.
Answer = Hit | str | None
Test = Callable[[Mapping[str, Any]], Answer]


def judge_limits(facts: Mapping[str, Any], environment: str, settings: Mapping[str, Any]) -> Judgement:
    """Judge checked facts against the limits (``settings``) of an environment of a resolved policy."""
    judgement = Judgement()
    for dimension in LIMITED:
        levels = settings["limits"][dimension]
        if levels["warning"] is None and levels["critical"] is None:
            judgement.not_judged[dimension] = f"The policy has no limit for it in {environment}."
            continue
        _judge_dimension(judgement, facts, dimension, environment, settings)
    return judgement


def _judge_dimension(
    judgement: Judgement, facts: Mapping[str, Any], dimension: str, environment: str, settings: Mapping[str, Any]
) -> None:
    levels = settings["limits"][dimension]
    answered = False
    reasons: dict[str, str] = {}
    for part, trigger, test in _tests(facts, dimension):
        for level in ("critical", "warning"):
            limits = levels[level]
            if limits is None or all(limits.get(key) is None for key in trigger):
                continue
            answer = test(limits)
            if isinstance(answer, str):
                reasons[part or f"{dimension}.{level}"] = answer
                continue
            answered = answered or answer is None or not answer.information_only
            if answer is not None:
                if answer.information_only:
                    holders = holders_remark(_unmeasured_holders(facts["accounting"]))
                    reasons[dimension] = f"It is above its {level} limit, but {holders}."
                judgement.findings.append(_finding(dimension, environment, level, settings, answer))
                break
    if answered and dimension not in reasons:
        judgement.judged.append(dimension)
        judgement.not_judged.update(reasons)
    else:
        judgement.not_judged[dimension] = " ".join(dict.fromkeys(reasons.values()))


def _tests(facts: Mapping[str, Any], dimension: str) -> list[tuple[str, tuple[str, ...], Test]]:
    """Return the tests of a dimension: its name in the coverage, the keys that ask for it, and the test itself."""

    def bytes_test(limits: Mapping[str, Any]) -> Answer:
        return _exceeds_size(facts, dimension, limits)

    tests: list[tuple[str, tuple[str, ...], Test]] = [("", ("percent_of_ram", "times_expected"), bytes_test)]
    if dimension == "kernel_stack":
        by_threads, by_stack = "percent_of_thread_limit", "times_stack_per_thread"
        tests.append((f"{dimension}.{by_threads}", (by_threads,), lambda limits: _too_many_threads(facts, limits)))
        tests.append((f"{dimension}.{by_stack}", (by_stack,), lambda limits: _stacks_too_large(facts, limits)))
    return tests


def _finding(dimension: str, environment: str, level: str, settings: Mapping[str, Any], hit: Hit) -> dict[str, Any]:
    severity, seen = level, hit.seen
    if hit.information_only:
        severity = "info"
    elif level == "critical" and settings["highest_severity"] == "warning":
        severity = "warning"
        remark = f"{environment} hosts get a warning at most"
        seen = Seen(seen.measure, seen.allowed, seen.rule, (*seen.remarks, remark))
    cell = words(dimension, "limit", hit.unit)
    return {
        "dimension": dimension,
        "kind": "limit",
        "severity": severity,
        "status": "current",
        "value": hit.value,
        "limit": hit.limit,
        "unit": hit.unit,
        "expected": seen.rule,
        "explanation": limit_sentence(dimension, hit.unit, environment, level, seen),
        "next_step": cell.next_step,
        "command": cell.command,
        "pattern": None,
        "evidence": {},
    }


def _exceeds_size(facts: Mapping[str, Any], dimension: str, limits: Mapping[str, Any]) -> Answer:
    value = _value(facts, dimension)
    if isinstance(value, str):
        return value
    memory, base_name = memory_base(facts["host"], dimension)
    if memory is None:
        return "The host's RAM is not known."
    band = facts["accounting"]["unaccounted_band_bytes"] if dimension == "unaccounted" else 0
    if band is None:
        return "The error band of the unaccounted memory is not known."
    share = _above_share(limits, value - band, memory, base_name)
    if share is None:
        # Nearly every host ends here.
        return None
    conditions = [share, _above_expected(facts, limits, value), _little_available(facts, limits)]
    if None in conditions:
        return None
    undecided = [condition for condition in conditions if isinstance(condition, str)]
    if undecided:
        return " ".join(undecided)
    held = [condition for condition in conditions if isinstance(condition, _Held)]
    limit = max(condition.limit for condition in held)
    size, allowed = value_and_limit(value, limit)
    at_least = "at least " if dimension == TOTAL and facts["accounting"]["bound"] == "lower" else ""
    give_or_take = f", give or take {human_bytes(band)}" if band else ""
    measure = f"{at_least}{size}, {percent_text(value, memory)} of {human_bytes(memory)} {base_name}{give_or_take}"
    rule = ", and also ".join(condition.rule for condition in held if condition.rule)
    remarks = [condition.remark for condition in held if condition.remark]
    if dimension == TOTAL:
        remarks.extend(_largest_part(facts))
    unmeasured = _unmeasured_holders(facts["accounting"]) if dimension == "unaccounted" else []
    if unmeasured:
        remarks.append(f"{holders_remark(unmeasured)}, so this is information only")
    return Hit(value, limit, "bytes", Seen(measure, allowed, rule, tuple(remarks)), bool(unmeasured))


def _value(facts: Mapping[str, Any], dimension: str) -> int | str:
    """Return the bytes of a dimension, or the reason why they can't be judged."""
    key = f"{dimension}_bytes"
    value: int | None = facts[key] if dimension == TOTAL else facts["dimensions"][key]
    meaning = facts["accounting"]["vmalloc_meaning"]
    if dimension == "vmalloc" and meaning != "pages" and value is not None:
        return f"VmallocUsed does not count pages on this kernel (its meaning is {meaning!r}), so it is not judged."
    if value is not None:
        return value
    reasons = facts["unavailable"]
    return one_line(reasons.get(key) or reasons.get(dimension) or "The host gave no number and no reason.")


@dataclass(frozen=True)
class _Held:
    """A condition that holds, with the limit it sets (0: none) and its words."""

    limit: int = 0
    rule: str = ""
    remark: str = ""


# A condition that holds, None where it does not, or the reason why that can't be said.
Condition = _Held | str | None


def _above_share(limits: Mapping[str, Any], value: int, memory: int, base_name: str) -> Condition:
    if limits["percent_of_ram"] is None:
        return _Held()
    limit = size_limit(limits, memory)
    return _Held(limit, size_rule(limits, base_name)) if value > limit else None


def _above_expected(facts: Mapping[str, Any], limits: Mapping[str, Any], value: int) -> Condition:
    times = limits.get("times_expected")
    if times is None:
        return _Held()
    cpus, cgroups = facts["host"]["cpus_possible"], facts["host"]["cgroups"]
    if not cpus or cgroups is None:
        missing = "possible CPUs" if not cpus else "cgroups"
        return f"Per-CPU memory is high, but the number of {missing} is not known, so what to expect isn't either."
    expected = expected_percpu(int(cpus), int(cgroups))
    limit = int(expected * times)
    rule = (
        f"{number_text(times)} times the {human_bytes(expected)} expected of {int(cpus):,} possible CPUs x "
        f"(1 MiB + 8 KiB x {int(cgroups):,} cgroups)"
    )
    return _Held(limit, rule) if value > limit else None


def _little_available(facts: Mapping[str, Any], limits: Mapping[str, Any]) -> Condition:
    share = limits["only_if_available_below_percent"]
    if share is None:
        return _Held()
    total, available = facts["host"]["memory_total_bytes"], facts["host"]["memory_available_bytes"]
    if not total or available is None:
        return "It is high, but this limit counts only where little memory is available, and MemAvailable is not known."
    if available * 100 >= total * share:
        return None
    remark = f"{human_bytes(int(available))}, {percent_text(available, total)} of RAM, is available"
    return _Held(0, f"less than {number_text(share)} % of RAM available", remark)


def _too_many_threads(facts: Mapping[str, Any], limits: Mapping[str, Any]) -> Answer:
    threads, allowed = facts["host"]["threads"], facts["host"]["threads_limit"]
    if threads is None or not allowed:
        missing = "number of threads" if threads is None else "limit of threads"
        return f"The {missing} is not known."
    share = limits["percent_of_thread_limit"]
    limit = int(allowed * share / 100)
    if threads <= limit:
        return None
    measure = f"{int(threads):,}, {percent_text(threads, allowed)} of the {int(allowed):,} that this kernel allows"
    rule = f"{number_text(share)} % of the lower of threads-max and pid_max"
    return Hit(int(threads), limit, "threads", Seen(measure, f"{limit:,}", rule))


def _stacks_too_large(facts: Mapping[str, Any], limits: Mapping[str, Any]) -> Answer:
    host = facts["host"]
    threads = host["threads"]
    stacks = _value(facts, "kernel_stack")
    if isinstance(stacks, str):
        return stacks
    if threads is None:
        return "The number of threads is not known."
    if threads < MINIMUM_THREADS:
        return None
    usual = stack_per_thread(host["architecture"], host["page_size_bytes"])
    if usual is None:
        name = one_line(host["architecture"] or "", 40)
        return f"The usual size of a kernel stack on the architecture {name!r} is not known."
    times = limits["times_stack_per_thread"]
    value, limit = int(stacks // threads), int(usual * times)
    if value <= limit:
        return None
    size, allowed = value_and_limit(value, limit)
    measure = f"{size} ({human_bytes(stacks)} for {int(threads):,} threads)"
    rule = f"{number_text(times)} times the {human_bytes(usual)} of {one_line(host['architecture'], 40)}"
    return Hit(value, limit, "bytes_per_thread", Seen(measure, allowed, rule))


def _unmeasured_holders(accounting: Mapping[str, Any]) -> list[str]:
    # A network driver that is merely loaded is a suspect, not an explanation.
    return [
        str(holder["name"] or holder["kind"])
        for holder in accounting["holders"]
        if holder["bytes"] is None and holder["kind"] != "driver"
    ]


def _largest_part(facts: Mapping[str, Any]) -> list[str]:
    known = {name: facts["dimensions"][f"{name}_bytes"] for name in DIMENSIONS}
    # Neither is a part of this total.
    parts = {
        name: size
        for name, size in known.items()
        if size is not None and name not in ("slab_reclaimable", "unaccounted")
    }
    return [largest_part_remark(parts)] if parts else []
