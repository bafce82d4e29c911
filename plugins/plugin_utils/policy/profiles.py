# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles: other settings for hosts that an expression describes, laid over those of their environment.

Profiles apply in the order of the policy, so the last one that sets a value wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .profile_match import NEEDS_JMESPATH, compile_match, has_jmespath, match_data
from .schema import PROFILE_KEYS, PROFILE_SECTIONS, is_name
from .sections import Checker, check_sections, merge_sections, settings_problems

MAXIMUM_PROFILES = 100


def check_profiles(value: Any, environments: Mapping[str, Mapping[str, Any]], checker: Checker) -> list[dict[str, Any]]:
    """Return the profiles of a policy in their plain form, and note what is wrong with them.

    Each is laid over each of the complete *environments*, since a limit that fits one may come before a milder one in
    another.
    """
    if value is None:
        return []
    if not isinstance(value, (list, tuple)) or len(value) > MAXIMUM_PROFILES:
        checker.problem("profiles", f"must be a list of at most {MAXIMUM_PROFILES} profiles.")
        return []
    usable = not value or has_jmespath()
    if not usable:
        checker.problem("profiles", NEEDS_JMESPATH)
    profiles: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    for number, entry in enumerate(value):
        path = f"profiles[{number}]"
        before = len(checker.problems)
        written = checker.mapping({} if entry is None else entry, path, PROFILE_KEYS)
        name, match = written.get("name"), written.get("match")
        if not isinstance(name, str) or not is_name(name):
            checker.problem(f"{path}.name", "must be given, with up to 64 letters, digits, '_', '.' and '-'.")
        elif name in names:
            checker.problem(f"{path}.name", f"is the name of {names[name]}, too; give each profile its own.")
        else:
            names[name] = path
        if usable:
            try:
                compile_match(match)
            except ValueError as exc:
                checker.problem(f"{path}.match", str(exc))
        plain = check_sections({key: written[key] for key in PROFILE_SECTIONS if key in written}, path, checker)
        if len(checker.problems) == before:
            _check_over(environments, plain, path, checker)
        profiles.append({"name": name, "match": match, **plain})
    return profiles


def _check_over(
    environments: Mapping[str, Mapping[str, Any]], plain: Mapping[str, Any], path: str, checker: Checker
) -> None:
    where: dict[tuple[str, str], list[str]] = {}
    for name, environment in environments.items():
        for place, text in settings_problems(merge_sections(environment, plain), plain):
            where.setdefault((place, text), []).append(name)
    for (place, text), names in where.items():
        checker.problem(f"{path}.{place}", f"{text.rstrip('.')} (over {', '.join(names)}).")


def settings_for(
    policy: Mapping[str, Any], environment: str, facts: Mapping[str, Any], name: str, groups: Sequence[str] | None
) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """Return the settings of one host and the names of the profiles that apply to it, in the policy's order.

    *policy* is a resolved policy, which must not be changed afterwards; *facts* are checked facts; *name* and *groups*
    are those of the inventory. Raises :class:`ValueError` with a sentence that names the host and the profile where an
    expression fails on this host, or where profiles that apply together don't fit together; the host can then be judged
    by its environment alone.
    """
    settings: Mapping[str, Any] = policy["environments"][environment]
    if not policy.get("profiles"):
        return settings, ()
    return _matcher(policy).settings(environment, facts, name, list(groups or ()))


class _Matcher:
    """The profiles of one policy, with what has been found out for earlier hosts."""

    def __init__(self, policy: Mapping[str, Any]) -> None:
        self.policy = policy
        self.tests = [(profile["name"], compile_match(profile["match"])) for profile in policy["profiles"]]
        self.merged: dict[tuple[str, tuple[str, ...]], Mapping[str, Any] | str] = {}

    def settings(
        self, environment: str, facts: Mapping[str, Any], name: str, groups: list[str]
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        data = match_data(facts, name, groups)
        matched = []
        for profile, match in self.tests:
            try:
                if match(data):
                    matched.append(profile)
            except ValueError as exc:
                raise ValueError(f"The profile {profile} can't be tried on {name}: {exc}") from None
        names = tuple(matched)
        key = (environment, names)
        if key not in self.merged:
            self.merged[key] = self.merge(environment, names)
        settings = self.merged[key]
        if isinstance(settings, str):
            raise ValueError(f"On {name} ({environment}) {settings}")
        return settings, names

    def merge(self, environment: str, names: tuple[str, ...]) -> Mapping[str, Any] | str:
        """Return the settings of an environment under some profiles, or the rest of a sentence on why there are
        none.
        """
        base: Mapping[str, Any] = self.policy["environments"][environment]
        settings = base
        touched: dict[str, Any] = {}
        for profile in self.policy["profiles"]:
            if profile["name"] in names:
                plain = {key: profile[key] for key in PROFILE_SECTIONS if key in profile}
                settings = {**base, **merge_sections(settings, plain)}
                for key, part in plain.items():
                    touched[key] = {**(touched.get(key) or {}), **part} if isinstance(part, Mapping) else part
        for place, text in settings_problems(settings, touched):
            return f"the profiles {' and '.join(names)} can't be used together: {place} {text}"
        return settings


_last: _Matcher | None = None


def _matcher(policy: Mapping[str, Any]) -> _Matcher:
    # A run has one policy. Holding it makes sure that no other one gets its place in memory.
    global _last
    if _last is None or _last.policy is not policy:
        _last = _Matcher(policy)
    return _last
