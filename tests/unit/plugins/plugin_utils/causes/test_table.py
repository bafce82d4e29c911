# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of patterns: every family is in it, and what is general comes after what is special."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.families import FAMILIES
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.causes.table import PATTERNS

NAMES = [pattern.name for pattern in PATTERNS]


def test_every_family_with_a_name_is_a_pattern_with_its_words() -> None:
    """A family that is in no pattern would never be named."""
    for family in FAMILIES:
        if family.name:
            (pattern,) = [one for one in PATTERNS if one.name == family.name]
            assert (pattern.meaning, pattern.next_step) == (family.meaning, family.next_step)
            assert pattern.command == family.command


def test_what_is_general_comes_last() -> None:
    """General caches hold what the others have lost, so they are asked after all of them."""
    families = [NAMES.index(family.name) for family in FAMILIES if family.name]
    assert max(families) < NAMES.index("module_cache") < NAMES.index("kmalloc_leak")
    assert NAMES.index("driver_page_leak") == len(NAMES) - 1
