# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host's past can't be asked yet, or never, and why: a host without a finding of growth is well only where the
question could be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ..dimensions.table import TOTAL
from ..model.sample import UNKNOWN
from ..model.subject import Subject
from ..model.times import DAY, HOUR
from ..text.units import MIB, human_bytes
from ..words.labels import dimension_label
from .baseline import state_of
from .critical_limits import critical_limits
from .growth import least_points, least_seconds
from .history_words import day_text, days_text, duration_text, ready_at, since_text
from .host_history import OwnHistory
from .time_to_limit import FURTHEST_DAYS

GROWTH, SLOW_GROWTH, GROWTH_WARNING = "growth", "slow_growth", "growth_warning"
SUDDEN_CHANGES, BOOTS, OWNERS = "sudden_changes", "boots", "owners"
QUESTIONS: Mapping[str, str] = {
    GROWTH: "growth",
    SLOW_GROWTH: "growth that is not near its end",
    GROWTH_WARNING: "growth as a warning",
    SUDDEN_CHANGES: "sudden changes",
    BOOTS: "boots",
    OWNERS: "who grew",
}
"""What a past is asked, in words."""

_SEVERAL_BOOTS = 2
_SLAB = ("slab_unreclaimable", "slab_reclaimable")
_LARGE_BYTES, _LARGE_PERCENT = 256 * MIB, 5
"""From there on an audit reads the caches, unless it is told otherwise."""


def not_asked(host: OwnHistory, growing: Collection[str]) -> dict[str, str]:
    """Return which questions can't be asked of a host's past, each with the reason in a few words. *growing* are the
    dimensions that grow.
    """
    growth = _growth(host)
    answer = dict(growth)
    changes = _sudden_changes(host)
    if changes is not None:
        answer[SUDDEN_CHANGES] = changes
    if host.sample.boot_id is None and host.sample.uptime_seconds is None:
        answer[BOOTS] = "the host tells neither boot id nor uptime, so a reboot looks like a drop"
    owners = _owners(host, growing)
    if owners is not None:
        answer[OWNERS] = owners
    return answer


def _growth(host: OwnHistory) -> dict[str, str]:
    past, segment, least = host.past, host.past.segment, least_points(host.history)
    samples = past.last - segment.start + 1
    if samples < least - 1:
        return {GROWTH: _too_few(host, least - 1, samples) + since_boot(host.subject)}
    span = past.times[-1] - past.times[segment.start]
    if past.warming_up:
        return {SLOW_GROWTH: _warming_up(host)}
    if span < least_seconds(host.history):
        return {SLOW_GROWTH: f"needs {days_text(host.history.minimum_days)} of one boot, has {duration_text(span)}"}
    if samples < least:
        return {GROWTH_WARNING: f"needs {least} samples of one boot, has {samples}"}
    return {}


def _too_few(host: OwnHistory, needed: int, samples: int) -> str:
    past, segment = host.past, host.past.segment
    if not past.last:
        return f"needs {needed} samples, has {samples}"
    text = f"needs {needed} samples of one boot, has {samples} since {since_text(segment, segment.began_at)}"
    longest = _samples_of_boots_before(host)
    if len(longest) >= _SEVERAL_BOOTS and max(longest) < needed:
        return f"{text}; the last {len(longest)} boots had {max(longest)} at most, so audit it more often"
    at = ready_at(past, needed - samples)
    return text if at is None else f"{text}; from about {day_text(at)} on"


def since_boot(subject: Subject) -> str:
    """Return what a host can have grown by since it booted, where there is no past that tells it, as the end of a
    sentence; nothing where uptime or limits are not known, or no limit would be reached in 90 days.

    It is of the dimension that would be critical first, but for per-CPU memory, most of which is there from the start.
    What a kernel has of the others at the start is small and not known, so the rate is never more than that, on the
    average: a leak that began yesterday may be faster.
    """
    uptime = subject.sample.uptime_seconds
    if uptime is None or uptime < HOUR:
        return ""
    most = [
        ((limit - amount) / amount * uptime, dimension, amount)
        for dimension, limit in critical_limits(subject).items()
        for amount in [subject.amount(dimension)]
        if amount and dimension != "percpu"
    ]
    left, dimension, amount = min(most, default=(0.0, "", 0))
    if not 0 < left < FURTHEST_DAYS * DAY:
        return ""
    unit, seconds = ("a day", DAY) if uptime >= 3 * DAY else ("an hour", HOUR)
    label = dimension_label(dimension)
    rate = human_bytes(round(amount / uptime * seconds))
    return (
        f"; {label[0].lower()}{label[1:]} grew by {rate} {unit} since boot on average, at most, which reaches the "
        f"critical limit in {duration_text(left)}"
    )


def _samples_of_boots_before(host: OwnHistory) -> list[int]:
    """Return how many samples each of the last boots had that ended; three of them at most."""
    past, counts = host.past, list[int]()
    boots = past.columns.get("boot_key", ())
    place = past.segment.start - 1
    while place >= 0 and len(counts) <= _SEVERAL_BOOTS and boots[place] != UNKNOWN:
        first = place
        while first and boots[first - 1] == boots[place]:
            first -= 1
        counts.append(place - first + 1)
        place = first - 1
    return counts


def _sudden_changes(host: OwnHistory) -> str | None:
    past, needed = host.past, host.history.minimum_samples
    segment = past.segment
    places, _days, stale = host.baseline_places(segment)
    state = state_of(past, len(places), needed, stale)
    if state == "ready":
        return None
    if state == "no_history":
        return f"needs {needed} earlier samples, has none"
    if state == "warming_up":
        return _warming_up(host)
    if state == "stale":
        return f"the last sample before this one is {round((past.times[-1] - past.times[places[-1]]) / DAY)} days old"
    return f"needs {needed} earlier samples of one boot, has {len(places)}"


def _warming_up(host: OwnHistory) -> str:
    up = duration_text(host.sample.uptime_seconds or 0)
    return f"up for {up}, and the first {host.history.warm_up_hours} hours are warming up"


def _owners(host: OwnHistory, growing: Collection[str]) -> str | None:
    """Return why nobody could say which slab cache has grown; None where that is known, or nobody would ask: slab is
    small and does not grow, or the sample is a stored one.
    """
    facts = host.subject.facts
    if facts is None or any(owner.kind == "slab" for owner in facts.owners):
        return None
    slab = sum(host.sample.amounts.get(name) or 0 for name in _SLAB)
    if slab < max(_LARGE_BYTES, (host.memory(TOTAL) or 0) * _LARGE_PERCENT // 100) and not set(_SLAB) & set(growing):
        return None
    reason = host.subject.attribution.why_without("slab_caches")
    return f"no slab cache is known: {reason.rstrip('.')}" if reason else "the slab caches were not read"
