# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Importing: from the texts of another tool to runs that a history store keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar
from urllib.parse import urlencode

from ..history.store import HistoryStore, RunRecord
from ..model.sample import Sample
from ..model.times import DAY
from ..model.version import VERSION
from . import netdata, pcp, prometheus, sysstat
from .points import Point, by_day, daily_samples, renamed

SOURCES = ("prometheus", "netdata", "sysstat", "pcp")
WITH_URL = ("prometheus", "netdata")
STEP_SECONDS = 3600

Content = TypeVar("Content")


@dataclass(frozen=True)
class Text:
    """What a tool printed or answered, and where it comes from."""

    origin: str
    content: str


@dataclass
class ImportResult:
    """What an import added: days and hosts seen, samples new and there already."""

    days: int = 0
    hosts: set[str] = field(default_factory=set)
    inserted: int = 0
    duplicates: int = 0


def addresses(source: str, url: str, days: int, now: int) -> Iterator[str]:
    """Yield what to ask of a server for the last *days* days, an hour at a step. Raises ValueError where the source
    has no server.
    """
    base, begin = url.rstrip("/"), now - days * DAY
    if source == "prometheus":
        # A server answers so many points of a series at most; longer ranges are asked for in pieces.
        piece = (prometheus.MOST_POINTS - 1) * STEP_SECONDS
        for start in range(begin, now, piece):
            query = {
                "query": prometheus.QUERY,
                "start": start,
                "end": min(now, start + piece - STEP_SECONDS),
                "step": STEP_SECONDS,
            }
            yield f"{base}/api/v1/query_range?{urlencode(query)}"
    elif source == "netdata":
        for chart in netdata.CHARTS:
            asked = {"chart": chart, "after": begin, "before": now, "points": days * DAY // STEP_SECONDS}
            query = {**asked, "group": "median", "format": "json", "options": "seconds"}
            yield f"{base}/api/v1/data?{urlencode(query)}"
    else:
        raise ValueError(
            f"{source} has no server to ask; give files, or run it on the hosts and give what it prints as content."
        )


def points_of(source: str, texts: Sequence[Text], host: str | None) -> list[Point]:
    """Return the points in *texts*. Raises ValueError, naming where the text comes from."""
    if source in ("netdata", "pcp") and not host:
        raise ValueError(f"What {source} prints does not say of which host it is; give host, too.")
    if source == "netdata":
        # The charts of one host belong together.
        return _named(
            "the answers", lambda contents: netdata.points_of(contents, host or ""), [text.content for text in texts]
        )
    readers: dict[str, Callable[[str], list[Point]]] = {
        "prometheus": prometheus.points_of,
        "sysstat": sysstat.points_of,
        "pcp": lambda text: pcp.points_of(text, host or ""),
    }
    reader = readers[source]
    points = [point for text in texts for point in _named(text.origin, reader, text.content)]
    # On a host itself sadf knows the host by another name than the inventory does.
    return [replace(point, host=host) for point in points] if source == "sysstat" and host else points


def _named(origin: str, read: Callable[[Content], list[Point]], content: Content) -> list[Point]:
    try:
        return read(content)
    except ValueError as exc:
        raise ValueError(f"{origin}: {exc}") from None


def samples_of(points: Sequence[Point], names: Mapping[str, str]) -> dict[str, list[Sample]]:
    """Return the daily samples in points, by day. Raises ValueError where there is nothing to import."""
    days = by_day(daily_samples(renamed(points, names)))
    if not days:
        raise ValueError("There is nothing to import: no moment has a counter of kernel memory.")
    return days


def store_days(store: HistoryStore, source: str, days: Mapping[str, Sequence[Sample]]) -> ImportResult:
    """Append each day as a run of its own, so that importing the same twice changes nothing."""
    result = ImportResult(days=len(days))
    for day, samples in days.items():
        begin = min(sample.collected_at for sample in samples)
        run = RunRecord(
            run_id=f"import-{source}-{day}", started_at=begin, source=f"import:{source}", tool_version=VERSION
        )
        added = store.append(run, samples, {})
        result.inserted += added.inserted
        result.duplicates += added.duplicates
        result.hosts |= {sample.host for sample in samples}
    return result
