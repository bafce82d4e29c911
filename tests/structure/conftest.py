# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures of what may only fall are said at the end."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.structure import test_what_may_only_fall as habits


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say them."""
    found, of = habits.count_of_any()
    missing = len(habits.without_a_test())
    terminalreporter.write_line(
        f"Figure: Any in {found} of {of} annotations of the controller side ({found / of:.1%})."
    )
    terminalreporter.write_line(f"Figure: {missing} files with logic have no test file of their name.")
    terminalreporter.write_line(f"Figure: {habits.lines_with_room()} lines say room.")
