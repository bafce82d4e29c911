# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much is tried: what is enough for each change, and what a night is long enough for."""

from __future__ import annotations

import os

IS_NIGHT = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
"""One word for all: the profile of the property tests."""


def as_many_as(usual: int, at_night: int) -> int:
    """How many times something is tried."""
    return at_night if IS_NIGHT else usual
