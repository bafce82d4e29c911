# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading texts of another tool: which reader takes them, and where it says that something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from . import netdata, pcp, prometheus, sysstat
from .points import Part, Point

SOURCES = ("prometheus", "netdata", "sysstat", "pcp")
WITH_URL = ("prometheus", "netdata")

Content = TypeVar("Content")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Text:
    """What a tool printed or answered, and where it comes from."""

    origin: str
    content: str


def read(source: str, texts: Iterable[Text], host: str | None) -> Iterator[Part]:
    """Yield what is in *texts*; with *host* all of it is that host's. Raises ValueError, naming where a text is of."""
    if source == "netdata" and not host:
        raise ValueError("What netdata answers does not say of which host it is; give host, too.")
    if source == "prometheus":
        for text in texts:
            yield _named(text.origin, prometheus.answer_of, text.content)
        return
    # The charts of one host belong together, and so do the files of one day that begin at local midnight.
    yield Part(_points(source, list(texts), host))


def _points(source: str, texts: list[Text], host: str | None) -> list[Point]:
    if source == "netdata":
        charts = [text.content for text in texts]
        return _named("the answers", lambda contents: netdata.points_of(contents, host or ""), charts)
    if source == "pcp":
        return [
            point for text in texts for point in _named(text.origin, lambda one: pcp.points_of(one, host), text.content)
        ]
    points = [point for text in texts for point in _named(text.origin, sysstat.points_of, text.content)]
    # On a host itself sadf knows the host by another name than the inventory does.
    return [replace(point, host=host) for point in points] if host else points


def _named(origin: str, read: Callable[[Content], Found], content: Content) -> Found:
    try:
        return read(content)
    except ValueError as exc:
        raise ValueError(f"{origin}: {exc}") from None
