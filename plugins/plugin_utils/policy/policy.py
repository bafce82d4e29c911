# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A policy as the rest of the code asks it: which environment is a host's, by which settings it is judged, what is
waived.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..model.facts import Facts
from ..model.settings import Settings
from .profile_match import compile_match, match_data
from .resolve import environment_of, resolve_policy
from .schema import PROFILE_SECTIONS
from .sections import merge_sections, settings_problems
from .settings import settings_of
from .waivers import Waiver


class Policy:
    """A resolved policy. It does not change, and remembers what it has worked out for earlier hosts.

    ``plain`` is the policy as :func:`resolve_policy` gives it, ``source`` where it comes from: ``default``,
    ``variable`` or a path.
    """

    def __init__(self, plain: Mapping[str, Any], source: str = "default") -> None:
        self.plain = plain
        self.source = source
        self.name = str(plain["name"])
        self.default_environment = str(plain["default_environment"])
        self.environments: Mapping[str, Settings] = {
            name: settings_of(settings) for name, settings in plain["environments"].items()
        }
        self.waivers = tuple(Waiver(**waiver) for waiver in plain["waivers"])
        self._profiles = [(profile["name"], compile_match(profile["match"])) for profile in plain["profiles"]]
        self._merged: dict[tuple[str, tuple[str, ...]], Settings | str] = {}

    def environment_of(self, groups: Sequence[str] | None, override: str | None = None) -> tuple[str, str]:
        """Return the environment of a host and where it comes from: ``variable``, ``group NAME`` or ``default``.

        *groups* are the inventory groups of the host. Raises ValueError where *override* is no environment.
        """
        return environment_of(self.plain, groups, override)

    def settings_for(
        self, environment: str, facts: Facts, name: str, groups: Sequence[str]
    ) -> tuple[Settings, tuple[str, ...]]:
        """Return the settings of one host and the names of the profiles that apply to it, in the policy's order.

        Raises ValueError with a sentence that names the host and the profile where an expression fails on this host, or
        where profiles that apply together don't fit together; the host can then be judged by its environment alone.
        """
        if not self._profiles:
            return self.environments[environment], ()
        names = self._matching(facts, name, groups)
        settings = self._merged.get((environment, names))
        if settings is None:
            settings = self._merged[environment, names] = self._merge(environment, names)
        if isinstance(settings, str):
            raise ValueError(f"On {name} ({environment}) {settings}")
        return settings, names

    def plain_settings(self, environment: str, names: Sequence[str]) -> dict[str, Any]:
        """Return the settings of an environment under some profiles in their plain form.

        Raises ValueError with the rest of a sentence where the profiles don't fit together.
        """
        base: Mapping[str, Any] = self.plain["environments"][environment]
        settings: dict[str, Any] = dict(base)
        touched: dict[str, Any] = {}
        for profile in self.plain["profiles"]:
            if profile["name"] in names:
                changes = {key: profile[key] for key in PROFILE_SECTIONS if key in profile}
                settings = {**base, **merge_sections(settings, changes)}
                for key, part in changes.items():
                    touched[key] = {**(touched.get(key) or {}), **part} if isinstance(part, Mapping) else part
        for place, text in settings_problems(settings, touched):
            raise ValueError(f"the profiles {' and '.join(names)} can't be used together: {place} {text}")
        return settings

    def _matching(self, facts: Facts, name: str, groups: Sequence[str]) -> tuple[str, ...]:
        data = match_data(facts, name, groups)
        matched = []
        for profile, match in self._profiles:
            try:
                if match(data):
                    matched.append(profile)
            except ValueError as exc:
                raise ValueError(f"The profile {profile} can't be tried on {name}: {exc}") from None
        return tuple(matched)

    def _merge(self, environment: str, names: tuple[str, ...]) -> Settings | str:
        try:
            return settings_of(self.plain_settings(environment, names))
        except ValueError as exc:
            return str(exc)


def policy_of(data: Mapping[str, Any] | None, source: str = "default") -> Policy:
    """Return the policy for what its author wrote (None: the built-in limits).

    Raises :class:`PolicyError` with every problem at once.
    """
    return Policy(resolve_policy(data), source)
