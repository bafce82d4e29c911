# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Segments: the samples of one boot of one kernel on unchanged hardware. A baseline or a trend never crosses one.

After a reboot a host starts from another level, and after a change of its hardware a share of RAM means something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..dimensions.table import TOTAL
from ..model.quick import quickly_made
from ..model.sample import COLUMNS, UNKNOWN, Origin, Sample, Series, row_of

_MEMORY_CHANGE = 0.01  # less is the kernel's own doing: memory that a boot parameter or a driver reserves
_CLOCK_SLACK = 120
# What else starts a segment, and for which dimensions. The total holds them both.
_OWN = {"vmalloc": ("vmalloc_meaning",), "percpu": ("cpus_possible",), TOTAL: ("vmalloc_meaning", "cpus_possible")}
_PLACE = {name: place for place, name in enumerate(COLUMNS)}


@quickly_made
@dataclass(frozen=True, slots=True)
class Segment:
    """The places ``start`` to the end of a history belong together; those from ``warm`` on have left the time after
    boot behind.
    """

    start: int
    warm: int
    began_at: int
    """Seconds since 1970: when the host booted, or of the first sample after a change of its hardware."""
    since_boot: bool


class Past:
    """One host's history with the current sample as its last, place by place. Times never fall."""

    def __init__(self, series: Series | None, sample: Sample, warm_up_seconds: int) -> None:
        self.columns = series.columns if series is not None else {}
        self.row = row_of(sample)
        self.last = len(series) if series is not None else 0
        self.warm_up_seconds = warm_up_seconds
        self._is_live = sample.origin == Origin.LIVE
        now = sample.collected_at
        times = [*self.columns["collected_at"], now] if self.last else [now]
        # A clock that was set back, or ran ahead, must neither reorder samples nor make them younger than now.
        for place in range(self.last - 1, -1, -1):
            if times[place] > times[place + 1]:
                times[place] = times[place + 1]
        self.times: list[int] = times
        self.segment = self._segment()
        self._own: dict[str, Segment] = {}
        self._oldest: dict[tuple[int, tuple[str, ...]], int] = {}

    def rests_on_imports(self, since: int) -> bool:
        """Whether an audit judges the current sample by what other tools have kept, and by nothing else, since then."""
        origins = self.columns.get("origin") if self.last and self._is_live else None
        if origins is None:
            return False
        earlier = [origin for origin, time in zip(origins, self.times, strict=False) if time >= since]
        return bool(earlier) and all(origin == Origin.IMPORTED for origin in earlier)

    @property
    def ballooned(self) -> bool:
        """Whether a balloon moved MemTotal within the segment; then RAM is MemTotal and the balloon together."""
        totals = self.column("memory_total_kib")[self.segment.start :]
        known = [total for total in totals if total != UNKNOWN]
        return bool(known) and not _alike(min(known), max(known))

    @property
    def warming_up(self) -> bool:
        """Whether the host has booted so recently that its kernel memory has not settled."""
        return UNKNOWN < self.row[_PLACE["uptime_seconds"]] < self.warm_up_seconds

    def amounts(self, dimension: str) -> list[int]:
        """Return the amounts of a dimension in KiB, the current one last; UNKNOWN where there is none."""
        return self.column(f"{dimension}_kib")

    def column(self, name: str) -> list[int]:
        """Return a column of a series with the current sample as its last."""
        return [*self.columns[name], self.row[_PLACE[name]]] if self.last else [self.row[_PLACE[name]]]

    def at_places(self, name: str, places: Sequence[int]) -> list[int]:
        """Return a column at some places, without the rest of it."""
        now = self.row[_PLACE[name]]
        known = self.columns[name] if self.last else ()
        if places and places[-1] - places[0] == len(places) - 1:
            # A run of samples without a gap, as of daily audits.
            taken = [*known[places[0] : places[-1] + 1]]
            return [*taken, now] if places[-1] == self.last else taken
        return [now if place == self.last else known[place] for place in places]

    def segment_of(self, dimension: str) -> Segment:
        """Return the segment that the current sample is in, as far as this dimension goes."""
        names = _OWN.get(dimension)
        if names is None or self.segment.start == self.last:
            return self.segment
        if dimension not in self._own:
            self._own[dimension] = self._narrowed(names)
        return self._own[dimension]

    def previous_boots(self, dimension: str, most: int) -> list[int]:
        """Return the last warm places of the boots before, as far as they can be compared with this one; oldest
        first.
        """
        place, after = self.segment.start - 1, self.segment.start
        names = _OWN.get(dimension, ())
        places: list[int] = []
        if not self.segment.since_boot:
            return places
        while place >= 0 and len(places) < most:
            if not self._same_memory(place, after) or any(self._differs(name, place, after) for name in names):
                break
            if not UNKNOWN < self.columns["uptime_seconds"][place] < self.warm_up_seconds:
                places.append(place)
            place, after = place - 1, place
        return places[::-1]

    def oldest_alike(self, dimension: str) -> int:
        """Return the first place from which on a dimension can be compared with now, whatever the boot."""
        start, names = self.segment_of(dimension).start, _OWN.get(dimension, ())
        if (start, names) not in self._oldest:
            # Mostly a host has had this memory for as long as it is known.
            place = 0 if all(self._is_constant(name) for name in ("memory_total_kib", *names)) else start
            while (
                place
                and self._same_memory(place - 1, place)
                and not any(self._differs(name, place - 1, place) for name in names)
            ):
                place -= 1
            self._oldest[start, names] = place
        return self._oldest[start, names]

    def _is_constant(self, name: str) -> bool:
        return not self.last or self.columns[name].count(self.row[_PLACE[name]]) == self.last

    def kernel_changed(self) -> bool:
        """Whether the boot before ran another kernel."""
        return self._differs("kernel_key", self.segment.start - 1, self.segment.start)

    def _at(self, name: str, place: int) -> int:
        return self.row[_PLACE[name]] if place == self.last else self.columns[name][place]

    def _segment(self) -> Segment:
        boot, memory = self.row[_PLACE["boot_key"]], self.row[_PLACE["memory_total_kib"]]
        start = self.last
        # One boot on one machine is by far the most common history, so look for that first.
        if start and boot != UNKNOWN:
            boots, memories = self.columns["boot_key"], self.columns["memory_total_kib"]
            while start > 0 and boots[start - 1] == boot and memories[start - 1] == memory:
                start -= 1
        while start > 0 and self._same(start - 1, start):
            start -= 1
        since_boot = start == 0 or not self._same_boot(start - 1, start)
        return Segment(start, self._warm(start, self.last), self._began_at(start, since_boot), since_boot)

    def _narrowed(self, names: tuple[str, ...]) -> Segment:
        whole, start = self.segment, self.segment.start
        for name in names:
            known = self.columns[name]
            if known.count(self.row[_PLACE[name]]) == self.last:
                continue
            place = self.last
            while place > start and not self._differs(name, place - 1, place):
                place -= 1
            start = place
        if start == whole.start:
            return whole
        return Segment(start, max(start, min(whole.warm, self.last)), self._began_at(start, False), False)

    def _warm(self, start: int, end: int) -> int:
        place = start
        while place < end and UNKNOWN < self._at("uptime_seconds", place) < self.warm_up_seconds:
            place += 1
        return place

    def _began_at(self, start: int, since_boot: bool) -> int:
        uptime = self.row[_PLACE["uptime_seconds"]]
        if since_boot and uptime != UNKNOWN:
            return self.times[-1] - uptime
        return self.times[start]

    def _same(self, before: int, after: int) -> bool:
        return self._same_boot(before, after) and self._same_memory(before, after)

    def _same_boot(self, before: int, after: int) -> bool:
        keys = self._at("boot_key", before), self._at("boot_key", after)
        if UNKNOWN not in keys:
            return keys[0] == keys[1]
        # Without boot ids (imported samples): a host that is up for less time than has passed was booted in between.
        uptime = self._at("uptime_seconds", after)
        return uptime == UNKNOWN or uptime + _CLOCK_SLACK >= self.times[after] - self.times[before]

    def _same_memory(self, before: int, after: int) -> bool:
        totals = self._at("memory_total_kib", before), self._at("memory_total_kib", after)
        if UNKNOWN in totals or _alike(*totals):
            return True
        # A balloon moves MemTotal without any change of the machine: then the sum of both stays.
        held = [max(self._at("balloon_kib", place), 0) for place in (before, after)]
        return _alike(totals[0] + held[0], totals[1] + held[1])

    def _differs(self, name: str, before: int, after: int) -> bool:
        one, two = self._at(name, before), self._at(name, after)
        return one != two and UNKNOWN not in (one, two)


def _alike(one: int, two: int) -> bool:
    return abs(one - two) <= _MEMORY_CHANGE * max(one, two)
