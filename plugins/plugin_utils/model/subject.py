# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A subject: one host that can be judged, with everything that a rule over the fleet needs to know of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .sample import Sample


@dataclass(frozen=True)
class Subject:
    """One host of a run. ``facts`` are checked, ``settings`` are those of its environment with its profiles applied."""

    name: str
    facts: Mapping[str, Any]
    sample: Sample
    environment: str
    settings: Mapping[str, Any]
    groups: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    findings: list[dict[str, Any]] = field(default_factory=list)
    """The findings of the rules that look at one host; rules over the fleet may raise their severity."""
