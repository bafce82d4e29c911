# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy: the settings of each environment, which environment a host belongs to, profiles and waivers.

A policy is what its author wrote merged over the built-in settings. Resolved, it is complete: every environment has
every section and dimension, every level every key, and what is switched off is null. Profiles keep only what they
change. Resolving a resolved policy changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .defaults import BUILT_IN, DEFAULT_ENVIRONMENT, DEFAULT_NAME, default_environment_settings
from .profiles import check_profiles
from .schema import ENVIRONMENT_KEYS, EVERY_HOST, POLICY_KEYS, hint, is_line, is_name, join_path
from .sections import Checker, check_sections, merge_sections, settings_problems
from .waivers import check_waivers

MAXIMUM_NAME = 200


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
    checker = Checker()
    policy = _Resolver(checker).policy({} if data is None else data)
    if checker.problems:
        raise PolicyError(checker.problems)
    return policy


def environment_chain(written: Mapping[str, Any], name: str) -> list[str]:
    """Return an environment and those it is based on, nearest first. *written* are the environments of a policy that
    can be resolved.
    """
    chain = [name]
    while (base := (written.get(chain[-1]) or {}).get("based_on")) is not None:
        chain.append(base)
    return chain


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
            if group in groups or group == EVERY_HOST:
                return name, f"group {group}"
    return policy["default_environment"], "default"


class _Resolver:
    """Builds the complete policy; the checker collects what is wrong on the way."""

    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.written: dict[str, Mapping[Any, Any]] = {}
        self.done: dict[str, dict[str, Any]] = {}

    def policy(self, data: Any) -> dict[str, Any]:
        top = self.checker.mapping(data, "policy", POLICY_KEYS)
        for name, environment in self.checker.mapping(top.get("environments"), "environments", None).items():
            path = join_path("environments", name)
            if not is_name(name):
                self.checker.problem(path, "must be named with up to 64 letters, digits, '_', '.' and '-'.")
                continue
            self.written[name] = self.checker.mapping(environment, path, ENVIRONMENT_KEYS)
        # The author's order decides which environment wins, so it comes first.
        names = [*self.written, *(name for name in BUILT_IN if name not in self.written)]
        environments = {name: self.environment(name, ()) for name in names}
        return {
            "name": self.name(top.get("name")),
            "default_environment": self.default_environment(top.get("default_environment"), names),
            "environments": environments,
            "profiles": check_profiles(top.get("profiles"), environments, self.checker),
            "waivers": check_waivers(top.get("waivers"), self.checker),
        }

    def name(self, value: Any) -> str:
        if value is None:
            return DEFAULT_NAME
        if not is_line(value, MAXIMUM_NAME):
            self.checker.problem("name", f"must be one line of text with up to {MAXIMUM_NAME} characters.")
            return DEFAULT_NAME
        return str(value).strip()

    def default_environment(self, value: Any, names: Sequence[str]) -> str:
        if value is None:
            return DEFAULT_ENVIRONMENT
        if not isinstance(value, str) or value not in names:
            self.checker.problem("default_environment", f"is not an environment of this policy; {hint(value, names)}")
            return DEFAULT_ENVIRONMENT
        return value

    def environment(self, name: str, waiting: tuple[str, ...]) -> dict[str, Any]:
        """Resolve an environment after the one it is based on. *waiting* are those that wait for it."""
        if name not in self.done:
            written = self.written.get(name, {})
            path = join_path("environments", name)
            based_on, base = self.base(name, written.get("based_on"), (*waiting, name))
            plain = check_sections(written, path, self.checker)
            groups = self.groups(written.get("groups"), name, f"{path}.groups")
            settings = merge_sections(base, plain)
            # What is wrong by itself is left out of the settings, so what then does not fit together is no news.
            wrong = tuple(problem.partition(": ")[0] for problem in self.checker.problems)
            for place, text in settings_problems(settings, plain):
                if not any(at.startswith(f"{path}.{_topic(place)}") for at in wrong):
                    self.checker.problem(f"{path}.{place}", text)
            self.done[name] = {"groups": groups, "based_on": based_on, **settings}
        return self.done[name]

    def base(self, name: str, based_on: Any, waiting: tuple[str, ...]) -> tuple[str | None, dict[str, Any]]:
        own = name if name in BUILT_IN else DEFAULT_ENVIRONMENT
        path = f"{join_path('environments', name)}.based_on"
        others = [known for known in dict.fromkeys((*self.written, *BUILT_IN)) if known != name]
        if based_on is None:
            if name not in BUILT_IN:
                # Without this rule a mistyped "prodution" would silently be a new environment.
                meant = hint(name, BUILT_IN)
                self.checker.problem(path, f"is missing; a new environment says whose limits it takes. Or {meant}")
            return None, default_environment_settings(own)
        if not isinstance(based_on, str) or based_on not in others:
            self.checker.problem(path, f"is not another environment of this policy; {hint(based_on, others)}")
            return None, default_environment_settings(own)
        if based_on in waiting:
            self.checker.problem(path, f"goes in a circle: {' -> '.join((*waiting, based_on))}.")
            return None, default_environment_settings(own)
        return based_on, self.environment(based_on, waiting)

    def groups(self, value: Any, name: str, path: str) -> list[str]:
        if value is None:
            return [name]
        groups = [value] if isinstance(value, str) else value
        if not isinstance(groups, (list, tuple)) or not all(isinstance(group, str) and group for group in groups):
            self.checker.problem(path, "must be a list of names of inventory groups.")
            return [name]
        return list(groups)


def _topic(path: str) -> str:
    """Return the section and dimension of a key path inside settings."""
    return ".".join(path.split(".")[:2])
