# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles: other settings for hosts that an expression describes, laid over those of their environment.

Profiles apply in the order of the policy, so the last one that sets a value wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .profile_match import NEEDS_JMESPATH, compile_match, has_jmespath
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
