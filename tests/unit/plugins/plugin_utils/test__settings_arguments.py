# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the check of settings."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._settings_arguments import settings_argument_spec
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.settings.setting import ENTRIES


def test_an_entry_is_one_that_a_setting_can_belong_to() -> None:
    """A playbook with a misspelt entry would have its settings checked against none."""
    entry = settings_argument_spec()["entry"]
    assert entry["required"] is True and entry["choices"] == list(ENTRIES)
