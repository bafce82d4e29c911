# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of what is seen over the fleet."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.rules.fleet_words import in_common, too_few_text


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("kernel", "on kernel N"),
        ("role", "in the group N"),
        ("environment", "in N"),
        ("hardware", "with N"),
        ("boot_parameter", "with the boot parameter N"),
    ],
)
def test_what_hosts_have_in_common(what, expected):
    """Each kind reads like a sentence."""
    assert in_common(what, "N") == expected


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (-1, "There is no similar host"),
        (0, "There is no similar host"),
        (1, "There is 1 similar host"),
        (6, "There are 6 similar hosts"),
    ],
)
def test_too_few(others, expected):
    """The minimum counts the host itself."""
    assert too_few_text(others, 8) == f"{expected}, and at least 7 are needed."
