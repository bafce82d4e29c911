# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy: the limits of each environment, and which environment a host belongs to.

A policy is what its author wrote merged over the built-in limits. Resolved, it is complete: every environment has every
dimension, every level every key, and what is switched off is null. Resolving a resolved policy changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._dimensions import LEVELS, LIMITED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy_defaults import (
    BUILT_IN,
    DEFAULT_ENVIRONMENT,
    DEFAULT_NAME,
    default_environment_settings,
    empty_level,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy_schema import (
    ENVIRONMENT_KEYS,
    LIMIT_KEYS,
    POLICY_KEYS,
    WARNING_ONLY,
    hint,
    is_name,
    is_off,
    join_path,
    level_problems,
    order_problems,
)

MAXIMUM_NAME = 200
SEVERITIES = ("warning", "critical")
_PRODUCTION = default_environment_settings(DEFAULT_ENVIRONMENT)


class PolicyError(ValueError):
    """A policy that can't be used. ``problems`` has all of them, each beginning with its key path."""

    def __init__(self, problems: Sequence[str], source: str = "") -> None:
        self.problems = list(problems)
        self.source = source
        counted = "a problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        named = f"The policy {source}".rstrip()
        super().__init__(f"{named} has {counted}: " + " | ".join(self.problems))


def resolve_policy(data: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the complete policy for what its author wrote (None: the built-in limits).

    Raises :class:`PolicyError` with every problem at once.
    """
    problems: list[str] = []
    policy = _Resolver(problems).policy({} if data is None else data)
    if problems:
        raise PolicyError(problems)
    return policy


def environment_of(
    policy: Mapping[str, Any], groups: Sequence[str] | None, override: str | None = None
) -> tuple[str, str]:
    """Return the environment of a host and where it comes from: ``variable``, ``group NAME`` or ``default``.

    *groups* are the inventory groups of the host. The environment listed first in the policy wins.
    Raises :class:`ValueError` where *override* is no environment of the policy.
    """
    environments = policy["environments"]
    groups = () if groups is None else groups
    if not isinstance(groups, (list, tuple)) or not all(isinstance(group, str) for group in groups):
        raise ValueError("The groups of a host must be a list of names of inventory groups.")
    if override is not None and not isinstance(override, str):
        raise ValueError(f"The environment must be a name; {hint(override, environments)}")
    if override:
        if override not in environments:
            raise ValueError(f"The environment {override!r} is not in the policy; {hint(override, environments)}")
        return override, "variable"
    for name, environment in environments.items():
        for group in environment["groups"]:
            if group in groups:
                return name, f"group {group}"
    return policy["default_environment"], "default"


class _Resolver:
    """Builds the complete policy and collects what is wrong on the way."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        self.written: dict[str, Mapping[Any, Any]] = {}
        self.done: dict[str, dict[str, Any]] = {}

    def problem(self, path: str, text: str) -> None:
        self.problems.append(f"{path}: {text}")

    def mapping(self, value: Any, path: str, known: Sequence[str] | None) -> Mapping[Any, Any]:
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.problem(path, "must be a mapping of keys to settings.")
            return {}
        if known is not None:
            inner = "" if path == "policy" else f"{path}."
            for key in value:
                if key not in known:
                    self.problem(f"{inner}{join_path(key)}", f"is not a key that can stand here; {hint(key, known)}")
        return value

    def policy(self, data: Any) -> dict[str, Any]:
        top = self.mapping(data, "policy", POLICY_KEYS)
        for name, environment in self.mapping(top.get("environments"), "environments", None).items():
            path = join_path("environments", name)
            if not is_name(name):
                self.problem(path, "must be named with up to 64 letters, digits, '_', '.' and '-'.")
                continue
            self.written[name] = self.mapping(environment, path, ENVIRONMENT_KEYS)
        # The author's order decides which environment wins, so it comes first.
        names = [*self.written, *(name for name in BUILT_IN if name not in self.written)]
        environments = {name: self.environment(name, ()) for name in names}
        return {
            "name": self.name(top.get("name")),
            "default_environment": self.default_environment(top.get("default_environment"), names),
            "environments": environments,
        }

    def name(self, value: Any) -> str:
        if value is None:
            return DEFAULT_NAME
        if not isinstance(value, str) or not value.strip() or len(value) > MAXIMUM_NAME or not value.isprintable():
            self.problem("name", f"must be one line of text with up to {MAXIMUM_NAME} characters.")
            return DEFAULT_NAME
        return value.strip()

    def default_environment(self, value: Any, names: Sequence[str]) -> str:
        if value is None:
            return DEFAULT_ENVIRONMENT
        if not isinstance(value, str) or value not in names:
            self.problem("default_environment", f"is not an environment of this policy; {hint(value, names)}")
            return DEFAULT_ENVIRONMENT
        return value

    def environment(self, name: str, waiting: tuple[str, ...]) -> dict[str, Any]:
        """Resolve an environment after the one it is based on. *waiting* are those that wait for it."""
        if name not in self.done:
            written = self.written.get(name, {})
            path = join_path("environments", name)
            based_on, base = self.base(name, written.get("based_on"), (*waiting, name))
            limits = self.limits(written.get("limits"), base["limits"], f"{path}.limits")
            self.done[name] = {
                "groups": self.groups(written.get("groups"), name, f"{path}.groups"),
                "based_on": based_on,
                "highest_severity": self.highest_severity(
                    written.get("highest_severity"), base["highest_severity"], f"{path}.highest_severity"
                ),
                "limits": limits,
            }
        return self.done[name]

    def base(self, name: str, based_on: Any, waiting: tuple[str, ...]) -> tuple[str | None, dict[str, Any]]:
        own = name if name in BUILT_IN else DEFAULT_ENVIRONMENT
        path = f"{join_path('environments', name)}.based_on"
        others = [known for known in dict.fromkeys((*self.written, *BUILT_IN)) if known != name]
        if based_on is None:
            if name not in BUILT_IN:
                # Without this rule a mistyped "prodution" would silently be a new environment.
                meant = hint(name, BUILT_IN)
                self.problem(path, f"is missing; a new environment says whose limits it takes. Or {meant}")
            return None, default_environment_settings(own)
        if not isinstance(based_on, str) or based_on not in others:
            self.problem(path, f"is not another environment of this policy; {hint(based_on, others)}")
            return None, default_environment_settings(own)
        if based_on in waiting:
            self.problem(path, f"goes in a circle: {' -> '.join((*waiting, based_on))}.")
            return None, default_environment_settings(own)
        return based_on, self.environment(based_on, waiting)

    def groups(self, value: Any, name: str, path: str) -> list[str]:
        if value is None:
            return [name]
        groups = [value] if isinstance(value, str) else value
        if not isinstance(groups, (list, tuple)) or not all(isinstance(group, str) and group for group in groups):
            self.problem(path, "must be a list of names of inventory groups.")
            return [name]
        return list(groups)

    def highest_severity(self, value: Any, base: str, path: str) -> str:
        if value is None:
            return base
        if not isinstance(value, str) or value not in SEVERITIES:
            self.problem(path, f"must be warning or critical; {hint(value, SEVERITIES)}")
            return base
        return value

    def limits(self, value: Any, base: Mapping[str, Any], path: str) -> dict[str, Any]:
        written = self.mapping(value, path, LIMITED)
        return {
            dimension: self.dimension(dimension, written.get(dimension, {}), base[dimension], f"{path}.{dimension}")
            for dimension in LIMITED
        }

    def dimension(self, dimension: str, value: Any, base: Mapping[str, Any], path: str) -> dict[str, Any]:
        if is_off(value):
            return dict.fromkeys(LEVELS)
        before = len(self.problems)
        written = self.mapping(value, path, LEVELS)
        levels = {
            level: self.level(dimension, level, written[level], base[level], f"{path}.{level}")
            if level in written
            else base[level]
            for level in LEVELS
        }
        warning, critical = levels["warning"], levels["critical"]
        if len(self.problems) == before and warning is not None and critical is not None:
            for key, text in order_problems(dimension, warning, critical):
                self.problem(f"{path}.critical.{key}" if key else f"{path}.critical", text)
        return levels

    def level(self, dimension: str, level: str, value: Any, base: Any, path: str) -> dict[str, Any] | None:
        if is_off(value):
            return None
        if level == "critical" and dimension in WARNING_ONLY:
            self.problem(path, f"can't be set; {dimension} never fails a host by itself, so it has a warning only.")
            return None
        before = len(self.problems)
        checks = LIMIT_KEYS[dimension]
        # A level that was off and now gets a key has to take its other keys from somewhere: from production's own.
        merged = {**empty_level(dimension), **(base or _PRODUCTION["limits"][dimension][level] or {})}
        for key, setting in self.mapping(value, path, tuple(checks)).items():
            if key not in checks:
                continue
            try:
                merged[key] = None if is_off(setting) else checks[key](setting)
            except ValueError as exc:
                self.problem(f"{path}.{key}", str(exc))
        if len(self.problems) == before:
            for key, text in level_problems(merged):
                self.problem(f"{path}.{key}", text)
        return merged if any(setting is not None for setting in merged.values()) else None
