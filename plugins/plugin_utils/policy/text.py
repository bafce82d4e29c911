# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy in force on one host as lines for a terminal: what holds, and after it where that comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..text.safe import one_line
from ..text.units import human_bytes, number_text
from ..words.levels import level_words
from .schema import LEVEL_KEYS

Origins = Mapping[tuple[str, ...], str]
_OFF = "off"
_SIZES = ("at_least", "at_most")
_HEADINGS = {"limits": "limits", "growth": "growth", "level": "level (sudden changes)"}


def policy_lines(answer: Mapping[str, Any], name: str, origins: Origins, usual: str) -> list[str]:
    """Return the lines. *answer* is what :func:`policy_in_force` knows so far, *origins* the origin of each value by
    its path.

    *usual* is the origin that most values have; it is said once and not after each of them.
    """
    settings = answer["settings"]
    from_where = {"default": "built in", "variable": "given as a variable"}.get(answer["source"], answer["source"])
    lines = [
        f"{one_line(name) or 'This host'} is judged as {answer['environment']} "
        f"({one_line(answer['environment_source'])}) "
        f"by the policy {answer['policy']!r} ({one_line(from_where)}).",
        f"Profiles: {_profiles(answer)}. What has no [origin] is {usual}.",
    ]
    for section, heading in _HEADINGS.items():
        dimensions = settings[section]
        rows = [
            row
            for dimension in dimensions
            for row in _dimension_rows(section, dimension, dimensions[dimension], origins, usual)
        ]
        lines += [f"{heading}:", *_columns(rows)]
    for section in ("history", "similar_hosts", "severities", "gate", "highest_severity"):
        rows = [
            (
                ".".join(path[1:]),
                human_bytes(value) if path[-1] in _SIZES and value else _value(value),
                _mark([origins[path]], usual),
            )
            for path, value in leaves(settings[section], (section,))
        ]
        if len(rows) == 1 and rows[0][0] == "":
            lines.append(f"{section}: {rows[0][1]}  {rows[0][2]}".rstrip())
        elif rows:
            lines += [f"{section}:", *_columns(rows)]
    for waiver in answer["waivers"]:
        kind = f", {waiver['kind']} only" if waiver["kind"] else ""
        lines.append(f"waiver until {waiver['until']}: {waiver['dimension']}{kind}: {waiver['reason']}")
    return lines


def _profiles(answer: Mapping[str, Any]) -> str:
    if not answer["profiles_tried"]:
        return "not tried, since nothing was read from this host"
    return ", ".join(answer["profiles"]) or "none"


def _dimension_rows(
    section: str, dimension: str, levels: Mapping[str, Any], origins: Origins, usual: str
) -> Iterator[tuple[str, ...]]:
    names = LEVEL_KEYS[section][0]
    rows = [
        (level_words(levels[level]) or _OFF, _level_mark((section, dimension, level), levels[level], origins, usual))
        for level in names
    ]
    if {words for words, _mark in rows} == {_OFF} and len(set(rows)) == 1:
        yield dimension, "", "  ".join(rows[0])
        return
    for number, (level, row) in enumerate(zip(names, rows, strict=True)):
        yield "" if number else dimension, level, "  ".join(row)


def _level_mark(path: tuple[str, ...], level: Mapping[str, Any] | None, origins: Origins, usual: str) -> str:
    if level is None:
        return _mark([origins[path]], usual)
    by_origin: dict[str, list[str]] = {}
    for key in level:
        origin = origins.get((*path, key))
        if origin is not None:
            by_origin.setdefault(origin, []).append(key)
    if len(by_origin) == 1:
        return _mark(list(by_origin), usual)
    return _mark([f"{origin}: {', '.join(keys)}" for origin, keys in by_origin.items() if origin != usual], usual)


def _mark(origins: list[str], usual: str) -> str:
    return "" if origins == [usual] else " ".join(f"[{origin}]" for origin in origins)


def leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield each value inside settings with its path, which begins with *path*."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from leaves(below, (*path, key))
    else:
        yield path, value


def _value(value: Any) -> str:
    if value is None:
        return _OFF
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(_value(entry) for entry in value) or "none"
    return number_text(value) if isinstance(value, (int, float)) else one_line(str(value))


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """Return rows with their columns below each other, but for the last one, which ends a line."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]) - 1)] if rows else []
    padded = [[*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]] for row in rows]
    return [f"  {'  '.join(cells)}".rstrip() for cells in padded]
