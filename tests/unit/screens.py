# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run shows at its end."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.audit import Audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.last_screen import last_screen
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.style import Style


def shown(audit: Audit, paths: Mapping[str, str] | None = None) -> list[str]:
    """The lines of the last screen."""
    return last_screen(content_of(audit, paths or {}), Style())
