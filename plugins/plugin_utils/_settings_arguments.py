# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of kernel_memory_settings. A test holds them equal to the documentation."""

from __future__ import annotations

from .settings.setting import ENTRIES


def settings_argument_spec() -> dict[str, dict[str, object]]:
    """Return the argument specification of kernel_memory_settings."""
    return {"entry": {"type": "str", "required": True, "choices": list(ENTRIES)}, "hosts_pattern": {"type": "raw"}}
