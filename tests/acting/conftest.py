# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What these tests need of the machine: some of them root, and a tracefs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.support.one_at_a_time import one_at_a_time
from ansible_collections.fleetaudit.kernel_memory.tests.support.tracefs import WHY_NOT, tracefs

__all__ = ["tracefs"]

collect_ignore = ["test_tracing_playbook.py"] if WHY_NOT else []


@pytest.fixture(autouse=True)
def nobody_else_leaks() -> Iterator[None]:
    """The other ansible-core's tests leak at the same time, and an investigation would find that as well."""
    with one_at_a_time("leak"):
        yield


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what is left out."""
    if WHY_NOT:
        terminalreporter.write_line(f"Left out: the playbook where it traces ({WHY_NOT}).")
