# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule of the kinds "spike" and "drop": an amount that is suddenly far from what is usual for the host, and stays
there.

The baseline is frozen where the change began, so that a change is not forgotten as soon as the baseline contains it:
the same samples that showed it keep it until it is a week old, or two weeks where it goes on rising: fast growth is
seen here before it is a steady trend. Nothing has to be remembered from run to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..dimensions.table import RULES
from ..growth.timeline import Amount
from ..model.finding import Finding
from ..model.plain import Json
from ..model.sample import UNKNOWN
from ..model.settings import Change as Level
from ..model.times import DAY, HOUR, utc_text
from ..text.units import KIB, MIB, human_bytes, percent_text
from .baseline import Usual, usual_at, usual_before
from .history_words import ON_IMPORTS, amount_rule, basis_text, day_text, level_sentence
from .host_history import OwnHistory
from .restless import ABOVE_THE_HIGHEST, Moves, is_a_move_of, moves_of
from .robust_statistics import median_of, rise_of
from .seen_before import Stretch, like_stretch

OUTLIER = 5.0
"""How many usual spreads from the median count as sudden. The amounts decide; this only keeps restless hosts out."""

_REMEMBERED = 7 * DAY
_REMEMBERED_IF_RISING = 15 * DAY  # by then a window of growth holds nothing but the rise
_MUCH = 4
"""How many times the amount counts where a host is compared with its boot before."""
_GONE = 0.8
_TWICE = 2.0
"""What was reached in several steps that do not count by themselves is information below so many times the usual."""
_OF_A_STAGE = 3
_RESTS = 0.25
"""A rise has come to rest where it went on by less than this share of its last step."""
_DROP_AT_LEAST, _DROP_AT_MOST = 16 * MIB, 64 * MIB
_APART = 3 * HOUR
_CONFIRMED_AFTER = 6 * HOUR


@dataclass(frozen=True, slots=True)
class Change:
    """A change of level: what was usual before, where it began, and which samples have shown it since."""

    usual: Usual
    began: int
    runs: int
    seconds: int
    basis: str
    before: Stretch | None = None
    """The last time that the host changed like this and came back."""
    moves: Moves | None = None
    """How the level has moved before, where a rise is one more of its moves."""
    stage: float | None = None
    """The level just before in KiB, where it was on its way already and its last step is small."""

    @property
    def confirmed(self) -> bool:
        """Whether it was seen in two audits that are far enough apart not to be one burst."""
        return self.runs > 1 and self.seconds >= _CONFIRMED_AFTER


def level_that_counts(host: OwnHistory, dimension: str, sign: int) -> Level | None:
    """Return the change that the settings ask for; None where none is judged.

    What is gone is measured by the level that it had, not by RAM: 600 MiB of slab are little, and a lot to lose.
    """
    level = host.subject.settings.level[dimension]["warning"]
    if level is None or not host.memory(dimension) or sign > 0:
        return level if host.memory(dimension) else None
    at_most = min(_DROP_AT_MOST, _DROP_AT_MOST if level.at_most is None else level.at_most)
    return replace(level, at_least=min(level.at_least or 0, _DROP_AT_LEAST), at_most=at_most)


def change_of(host: OwnHistory, dimension: str, amounts: list[int], amount: Amount, sign: int) -> Change | None:
    """Return the sudden rise (*sign* 1) or drop (-1) that the current sample is part of; the earliest beginning that
    explains it.
    """
    past, segment = host.past, host.past.segment_of(dimension)
    minimum, most = host.history.minimum_samples, host.history.baseline_samples
    if past.warming_up:
        return None
    if past.last - segment.warm < minimum:
        return _after_boot(host, dimension, amounts, amount) if sign > 0 else None
    best = None
    for began in _beginnings(past.times, amounts, segment.warm + minimum, sign):
        usual = usual_before(past, amounts, segment.warm, began, most)
        if (
            usual is not None
            and usual.samples >= minimum
            and not _outside_before(amounts, began, segment.warm, usual, amount, sign)
            and _all_outside(amounts, began, past.last, usual, amount, sign)
            and (past.times[-1] - past.times[began] <= _REMEMBERED or _rises_on(amounts, began, usual, amount, sign))
        ):
            best = _change(host, amounts, began, usual, "segment")
    if best is None:
        return None
    stage = None if host.subject.is_short_of_memory else _stage(amounts, best, amount, sign)
    return _remembering(host, dimension, amounts, replace(best, stage=stage), sign)


def _beginnings(times: list[int], amounts: list[int], first: int, sign: int) -> Iterator[int]:
    """Yield the places, the newest first, at which a change that is remembered can have begun: whatever came since is
    beyond the amount before it.
    """
    least: int | None = None
    for place in range(len(times) - 1, first - 1, -1):
        if times[-1] - times[place] > _REMEMBERED_IF_RISING:
            return
        amount = amounts[place]
        if amount == UNKNOWN:
            continue
        least = sign * amount if least is None else min(least, sign * amount)
        before = amounts[place - 1]
        if before == UNKNOWN or sign * before < least:
            yield place


def _after_boot(host: OwnHistory, dimension: str, amounts: list[int], amount: Amount) -> Change | None:
    past, segment = host.past, host.past.segment_of(dimension)
    if segment is not past.segment:
        return None
    places = past.previous_boots(dimension, host.history.baseline_samples)
    usual = usual_at(past.times, amounts, places)
    if usual is None or usual.samples < host.history.minimum_samples:
        return None
    began = past.last
    while began >= segment.warm and (amounts[began] == UNKNOWN or _outside(amounts[began], usual, amount, 1)):
        began -= 1
    began += 1
    if began > past.last:
        return None
    return _remembering(host, dimension, amounts, _change(host, amounts, began, usual, "previous_boot"), 1)


def _remembering(host: OwnHistory, dimension: str, amounts: list[int], change: Change, sign: int) -> Change:
    """Return a change with what the host has done like it before: the last one that it came back from, its moves."""
    first = host.past.oldest_alike(dimension)
    before = like_stretch(host.past.times, amounts, first, change.began, change.usual.median, sign)
    moves = moves_of(amounts[first : change.began]) if sign > 0 and not host.subject.is_short_of_memory else None
    if moves is not None and not is_a_move_of(moves, change.usual.median, max(amounts[change.began :])):
        moves = None
    return replace(change, before=before, moves=moves)


def _stage(amounts: list[int], change: Change, amount: Amount, sign: int) -> float | None:
    """Return the level that a rise was at just before, where it is neither one sudden step nor goes on; else None."""
    before = [one for one in amounts[max(0, change.began - _OF_A_STAGE) : change.began] if one != UNKNOWN]
    since = [one for one in amounts[change.began :] if one != UNKNOWN]
    if sign < 0 or not before or max(since) >= _TWICE * change.usual.median:
        return None
    stage = median_of(sorted(before))
    step = since[0] - stage
    is_small = max(since) - stage < amount.of(stage)
    return stage if is_small and abs(since[-1] - since[0]) <= _RESTS * step else None


def _all_outside(amounts: list[int], first: int, last: int, usual: Usual, amount: Amount, sign: int) -> bool:
    return all(
        amounts[place] == UNKNOWN or _outside(amounts[place], usual, amount, sign)
        for place in range(last, first - 1, -1)
    )


def _rises_on(amounts: list[int], began: int, usual: Usual, amount: Amount, sign: int) -> bool:
    """Whether a rise has gone on since it began by as much as makes a rise."""
    return sign > 0 and rise_of([one for one in amounts[began:] if one != UNKNOWN]) >= amount.of(usual.median)


def _outside_before(amounts: list[int], began: int, first: int, usual: Usual, amount: Amount, sign: int) -> bool:
    """Whether the sample before was outside already, so that the change began earlier."""
    known = (amounts[place] for place in range(began - 1, first - 1, -1) if amounts[place] != UNKNOWN)
    before = next(known, None)
    return before is not None and _outside(before, usual, amount, sign)


def _outside(value: int, usual: Usual, amount: Amount, sign: int) -> bool:
    change = sign * (value - usual.median)
    return change >= amount.of(usual.median) and change > OUTLIER * usual.spread


def _change(host: OwnHistory, amounts: list[int], began: int, usual: Usual, basis: str) -> Change:
    times = host.past.times
    runs, last = 0, None
    for place in range(began, host.past.last + 1):
        if amounts[place] != UNKNOWN and (last is None or times[place] - last >= _APART or place == host.past.last):
            runs += last is None or times[place] - last >= _APART
            last = times[place]
    return Change(usual, began, runs, times[-1] - times[began], basis)


def level_finding(host: OwnHistory, dimension: str, change: Change, level: Level, sign: int) -> Finding:
    """Return the finding about a change of level."""
    usual, kind, amount = change.usual, "spike" if sign > 0 else "drop", host.amount(dimension, level)
    value = host.sample.amounts[dimension]
    if value is None:
        raise AssertionError("only called where there is one")
    remarks: list[str] = []
    severity = _severity(change, value, sign, remarks)
    more = abs(value / KIB - usual.median)
    if change.basis == "previous_boot" and severity == "warning" and more < _MUCH * amount.of(usual.median):
        severity = "info"
        remarks.append(f"the comparison is with the boot before, so less than {_MUCH} times that is information")
    imported = host.past.rests_on_imports(usual.first_at)
    if imported:
        remarks.append(ON_IMPORTS)
    severity = host.capped(severity, dimension, kind, remarks)
    limit = round((usual.median + sign * max(amount.of(usual.median), OUTLIER * usual.spread)) * KIB)
    evidence: dict[str, Json] = {
        "median_bytes": round(usual.median * KIB),
        "mad_bytes": round(usual.spread * KIB),
        "samples": usual.samples,
        "z": round((value / KIB - usual.median) / max(usual.spread, 1), 1),
        "window_days": max(1, round((usual.last_at - usual.first_at) / DAY)),
        "confirmed_runs": change.runs,
        "basis": change.basis,
        "since": utc_text(host.past.times[max(change.began - 1, 0)]),
    }
    cell = RULES[dimension].words_of(kind)
    basis = basis_text(host.past, host.past.segment_of(dimension), change.basis)
    return Finding(
        dimension=dimension,
        kind=kind,
        severity=severity,
        status="confirmed" if change.confirmed and not imported else "suspected",
        value=value,
        limit=limit,
        unit="bytes",
        expected=amount_rule(level),
        explanation=level_sentence(
            dimension,
            kind,
            usual,
            change.runs,
            basis,
            value=value,
            limit=limit,
            environment=host.subject.environment,
            level=level,
            since=host.past.times[change.began],
            remarks=remarks,
        ),
        next_step=cell.next_step,
        command=cell.command,
        evidence=evidence,
    )


def _severity(change: Change, value: int, sign: int, remarks: list[str]) -> str:
    """Return how bad a change is by itself. How near it brings the host to an end is said by limits and by growth."""
    if not change.confirmed:
        return "info"
    if change.before is not None:
        remarks.append(
            f"it was like this from {day_text(change.before.began)} to {day_text(change.before.ended)} and came back, "
            "and has not lasted longer this time, so this is information"
        )
        return "info"
    if change.moves is not None:
        remarks.append(
            f"the level of this host moves: in the {change.moves.samples} samples before it was at up to "
            f"{human_bytes(round(change.moves.highest * KIB))} and has fallen by up to "
            f"{percent_text(change.moves.deepest_fall, 1)}, so less than {ABOVE_THE_HIGHEST:.2g} times the highest is "
            "information"
        )
        return "info"
    if change.stage is not None:
        remarks.append(
            f"it was at {human_bytes(round(change.stage * KIB))} before already, so the last step alone does not "
            f"count, and less than {_TWICE:g} times the usual level is information"
        )
        return "info"
    if sign > 0:
        return "warning"
    gone = change.usual.median > 0 and change.usual.median - value / KIB > _GONE * change.usual.median
    if gone:
        remarks.append(f"more than {_GONE:.0%} is gone without a reboot".replace("%", " %"))
    return "warning" if gone else "info"
