# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy in force on one host, and where each of its values comes from: a profile, an environment, or the
built-in settings.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..model.facts import Facts
from .defaults import BUILT_IN, DEFAULT_ENVIRONMENT
from .file import line_of
from .policy import Policy
from .resolve import environment_chain, environment_of
from .schema import SECTIONS, join_path
from .sections import Checker, check_sections
from .source import WrittenPolicy
from .text import leaves, policy_lines
from .waivers import waivers_for

Path = tuple[str, ...]


@dataclass(frozen=True)
class _Place:
    """A part of a policy that sets values: its words, what it sets in plain form, and its key path in the file."""

    words: str
    plain: Mapping[str, Any]
    path: str


def policy_in_force(
    found: WrittenPolicy, facts: Facts | None, name: str, groups: Sequence[str] | None, override: str | None = None
) -> dict[str, Any]:
    """Return the settings in force on one host, with the origin of each, and the same as lines of text.

    *facts* are checked facts; without them profiles are not tried, and ``profiles_tried`` says so. ``origins`` has the
    key path of each value. Raises :class:`ValueError` as :func:`environment_of` and :meth:`Policy.settings_for` do.
    """
    policy = found.policy
    environment, source = environment_of(policy, groups, override)
    tried = facts is not None or not policy["profiles"]
    settings: Mapping[str, Any] = policy["environments"][environment]
    profiles: tuple[str, ...] = ()
    if facts is not None:
        whole = Policy(policy, found.source)
        _settings, profiles = whole.settings_for(environment, facts, name, groups or ())
        settings = whole.plain_settings(environment, profiles)
    places = list(_places(found, environment, profiles))
    in_force = {section: settings[section] for section in SECTIONS}
    origins = {path: _origin(path, value, places, found.lines) for path, value in leaves(in_force, ())}
    answer: dict[str, Any] = {
        "policy": policy["name"],
        "source": found.source,
        "environment": environment,
        "environment_source": source,
        "profiles": list(profiles),
        "profiles_tried": tried,
        "settings": in_force,
        "origins": {join_path(*path): origin for path, origin in origins.items()},
        "waivers": waivers_for(policy["waivers"], name, groups or ()),
    }
    return {**answer, "lines": policy_lines(answer, name, origins, places[-1].words)}


def _places(found: WrittenPolicy, environment: str, profiles: Sequence[str]) -> Iterator[_Place]:
    """Yield what may set a value, the strongest first."""
    numbers = {profile["name"]: number for number, profile in enumerate(found.policy["profiles"])}
    for name in reversed(profiles):
        number = numbers[name]
        yield _Place(f"profile {name}", found.policy["profiles"][number], f"profiles[{number}]")
    written = found.written.get("environments") or {}
    chain = environment_chain(written, environment)
    for name in chain:
        path = join_path("environments", name)
        yield _Place(name, check_sections(written.get(name) or {}, path, Checker()), path)
    built_in = chain[-1] if chain[-1] in BUILT_IN else DEFAULT_ENVIRONMENT
    yield _Place(f"built-in {built_in}", {}, "")


def _origin(path: Path, value: Any, places: Sequence[_Place], lines: Mapping[str, int]) -> str:
    for place in places:
        at = _written_at(place.plain, path)
        if at is None:
            continue
        if value is not None and _reached(place.plain, at) is None:
            # It was switched off here and on again above, where it starts from production's own.
            return f"built-in {DEFAULT_ENVIRONMENT}"
        line = line_of(f"{place.path}.{join_path(*at)}", lines)
        return place.words if line is None else f"{place.words}, line {line}"
    return places[-1].words


def _written_at(plain: Mapping[str, Any], path: Path) -> Path | None:
    """Return the part of *path* at which *plain* sets the value, or None where it does not."""
    current: Any = plain
    for depth, key in enumerate(path, 1):
        if key not in current:
            return None
        current = current[key]
        if not isinstance(current, Mapping):
            return path[:depth]
    return path


def _reached(plain: Mapping[str, Any], path: Path) -> Any:
    current: Any = plain
    for key in path:
        current = current[key]
    return current
