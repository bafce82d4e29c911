# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What these tests need of the machine: root, and a tracefs, which they mount for themselves where there is none.

``HYPOTHESIS_PROFILE=nightly`` makes the counts full: every kind of leak, twenty healthy investigations,
fifty kills at random moments, every step killed.
"""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.thoroughness import IS_NIGHT
from ansible_collections.fleetaudit.kernel_memory.tests.support.tracefs import WHY_NOT, tracefs

__all__ = ["tracefs"]

LEFT_OUT: list[str] = []
FIGURES: list[str] = []
"""Sentences on what was counted, told at the end."""
collect_ignore: list[str] = []


if WHY_NOT:
    collect_ignore += ["test_leaks.py", "test_kills.py", "test_beside_others.py"]
    LEFT_OUT.append(f"leaks that are traced, and kills while tracing ({WHY_NOT})")
if not IS_NIGHT:
    LEFT_OUT.append("the full counts of leaks, healthy hosts and kills (make nightly)")


@pytest.fixture
def figures() -> list[str]:
    """Where a test says what it counted."""
    return FIGURES


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was counted and what is left out."""
    for sentence in FIGURES:
        terminalreporter.write_line(f"Figure: {sentence}.")
    for sentence in LEFT_OUT:
        terminalreporter.write_line(f"Left out: {sentence}.")
