# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people call things."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.bounded import BOUNDED
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.object_limits import OBJECT_LABELS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.checks.table import CHECKS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import TABLE
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.labels import dimension_label


@pytest.mark.parametrize("name", [*TABLE, *CHECKS])
def test_dimensions_and_checks_are_called_as_their_files_say(name: str) -> None:
    """One place for a name."""
    assert dimension_label(name) == {**TABLE, **CHECKS}[name].label


def test_what_has_no_file_is_named_all_the_same() -> None:
    """An audit of another release may name what this one does not know."""
    assert dimension_label("kernel_total") == "Kernel memory"
    assert dimension_label("brand_new") == "Brand new"


def test_every_bounded_object_has_a_name() -> None:
    """A finding on objects is called by what fills up."""
    assert {bounded.name for bounded in BOUNDED} < set(OBJECT_LABELS)
