# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a kernel never had is told from what is damaged, refused or was not asked for."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.account.missing import (
    Missing,
    is_from,
    is_sure_to_have,
    version_of,
    why_unreadable,
)


@pytest.mark.parametrize(
    ("release", "field", "sure"),
    [
        ("6.12.118+deb13-cloud-amd64", "Percpu", True),
        ("4.18.0-553.el8", "Percpu", False),
        ("2.6.18-419.el5", "MemAvailable", False),
        ("3.14.0", "MemAvailable", True),
        ("6.1.0", "Balloon", False),
        (None, "Slab", False),
        ("odd", "Slab", False),
    ],
)
def test_a_line_that_every_kernel_of_a_release_writes(release: str | None, field: str, sure: bool) -> None:
    """Only then is a missing line damage."""
    assert is_sure_to_have(release, field) is sure


def test_releases_are_compared_as_numbers() -> None:
    """5.10 is later than 5.9."""
    assert version_of("5.10.0-46-cloud-amd64") == (5, 10, 0) and version_of("x") is None
    assert is_from("5.10.0", (5, 9)) and not is_from("5.9.1", (5, 10)) and not is_from(None, (1, 0))


@pytest.mark.parametrize(
    ("reading", "kind"),
    [
        ({"files": {"f": "?"}}, "damaged"),
        ({"files": {}, "errors": {"f": "EACCES"}}, "not_readable"),
        ({"files": {}, "errors": {"f": "deadline"}}, "not_readable"),
        ({"files": {}, "errors": {"f": "EIO"}}, "not_readable"),
        ({"files": {}, "errors": {"f": "ENOENT"}, "live": True}, "not_in_this_kernel"),
        ({"files": {}, "errors": {}, "live": False}, "not_gathered"),
        ({}, "not_gathered"),
    ],
)
def test_a_file_without_a_value_has_a_class_and_a_sentence(reading: dict[str, Any], kind: str) -> None:
    """The verdict rests on the class; people read the sentence."""
    found, sentence = why_unreadable(reading, "f")
    assert found == kind and sentence.endswith(".")


def test_one_reason_may_stand_for_two() -> None:
    """A sum lacks what its part lacks."""
    missing = Missing()
    missing.note("vmalloc", "damaged", "It is odd.")
    missing.like("total", "vmalloc")
    assert "total" in missing and "percpu" not in missing
    assert (missing.classes["total"], missing.reasons["total"]) == ("damaged", "It is odd.")
