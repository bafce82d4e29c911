# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings in their plain form, as a policy writes and merges them, become the classes that rules read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model.settings import Change, HistorySettings, Level, Levels, Settings, SimilarHosts


def settings_of(plain: Mapping[str, Any]) -> Settings:
    """Return the complete *plain* settings of an environment as an object."""
    similar = plain["similar_hosts"]
    return Settings(
        groups=tuple(plain["groups"]),
        based_on=plain["based_on"],
        highest_severity=plain["highest_severity"],
        limits={name: _levels(levels) for name, levels in plain["limits"].items()},
        growth={name: _changes(levels) for name, levels in plain["growth"].items()},
        level={name: _changes(levels) for name, levels in plain["level"].items()},
        history=HistorySettings(**{**plain["history"], "windows_days": tuple(plain["history"]["windows_days"])}),
        similar_hosts=None if similar is None else SimilarHosts(**similar),
        severities={cell: severity for cell, severity in plain["severities"].items() if severity is not None},
        gate=plain.get("gate") or {},
    )


def _levels(levels: Mapping[str, Any]) -> Levels:
    warning, critical = (
        None if levels.get(name) is None else Level(**levels[name]) for name in ("warning", "critical")
    )
    return Levels(warning, critical)


def _changes(levels: Mapping[str, Any]) -> dict[str, Change | None]:
    return {name: None if level is None else Change(**level) for name, level in levels.items()}
