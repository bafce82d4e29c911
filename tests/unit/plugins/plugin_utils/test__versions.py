# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which ansible-core and Python are too old, and that the sentence can be said where the rest can't be read."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _versions


@pytest.mark.parametrize(
    ("ansible", "python"),
    [("2.15.13", (3, 11, 2)), ("2.13.13", (3, 8, 18)), ("2.16.0", (3, 9, 1)), ("2.9.27", (3, 8, 0))],
)
def test_what_is_too_old_is_told_what_is_needed(ansible: str, python: tuple[int, ...]) -> None:
    """Else the first thing that people see is a TypeError of ours."""
    sentence = _versions.too_old(ansible, python) or ""
    assert sentence.startswith("fleetaudit.kernel_memory needs ansible-core 2.16 or newer on Python 3.10 or newer")
    assert f"this is ansible-core {ansible} on Python {python[0]}.{python[1]}." in sentence


@pytest.mark.parametrize("ansible", ["2.16.0", "2.21.5", "2.22.0.dev0", "3.0.0"])
def test_what_is_new_enough_passes(ansible: str) -> None:
    """Also what is not released yet."""
    assert _versions.too_old(ansible, (3, 10, 0)) is None


def test_an_old_python_understands_the_file() -> None:
    """It is read by the Python that is too old."""
    ast.parse(Path(_versions.__file__).read_text(), feature_version=(3, 7))
