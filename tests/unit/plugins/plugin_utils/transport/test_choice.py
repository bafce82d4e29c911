# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which transport asks a host: what is wanted, and shell where a host turns out to have no Python."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.module_utils.collect.arguments import TRANSPORTS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.transport.choice import (
    AUTO,
    BY_COMMAND,
    LEAN,
    SHELL,
    first_transport,
    next_transport,
)


@pytest.mark.parametrize(
    ("wanted", "first"), [("auto", "lean"), ("lean", "lean"), ("module", "module"), ("shell", "shell")]
)
def test_what_is_wanted_is_asked_first(wanted, first):
    """Python comes first where nothing is said: it brings the same for less time of the host."""
    assert first_transport(wanted) == (LEAN if wanted == AUTO else wanted)


@pytest.mark.parametrize("wanted", TRANSPORTS)
@pytest.mark.parametrize("outcome", ["no_python", "no_answer", "needs_tty", "failed", "unreachable", "timed_out"])
def test_a_second_question_only_where_python_is_missing_and_nobody_chose(wanted, outcome):
    """Whoever wants lean is told that there is no Python; a host that failed for another reason is not asked twice."""
    second = next_transport(wanted, first_transport(wanted), outcome)
    assert second == (SHELL if (wanted, outcome) == (AUTO, "no_python") else None)
    assert next_transport(wanted, SHELL, outcome) is None


def test_one_process_for_many_hosts_can_ask_by_all_that_are_commands():
    """Whatever the setting may be is either asked so, or is Ansible's own way."""
    assert set(TRANSPORTS) - set(BY_COMMAND) == {"module"} and LEAN in BY_COMMAND
