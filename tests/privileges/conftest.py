# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of these tests can be made here: only root can give privileges up, and many systems keep namespaces from
users.
"""

from __future__ import annotations

import os

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.privileges.children import enter_process_namespace
from ansible_collections.fleetaudit.kernel_memory.tests.support.another_user import NotAllowed, result_after

LEFT_OUT = []
collect_ignore = []


def can_enter_namespaces() -> bool:
    """Try it, and note why not."""
    try:
        result_after(lambda: enter_process_namespace(own_users=True, own_proc=True), lambda: None)
    except NotAllowed as error:
        LEFT_OUT.append(f"containers (this user may not make namespaces: {error})")
        return False
    return True


if os.geteuid() != 0:
    collect_ignore.append("test_privileges_given_up.py")
    LEFT_OUT.append("root without capabilities, other users, hidepid (needs root)")
if not can_enter_namespaces():
    collect_ignore.append("test_containers.py")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what is left out."""
    for sentence in LEFT_OUT:
        terminalreporter.write_line(f"Left out: {sentence}.")
