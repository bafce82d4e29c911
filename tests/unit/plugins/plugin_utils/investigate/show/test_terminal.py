# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last lines of the play."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.terminal import terminal_lines
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import three_hosts


def test_the_terminal_ends_with_the_answer() -> None:
    """The eye is where the text ends."""
    lines = terminal_lines(three_hosts(), {"investigation.json": "/x/investigation.json"})
    assert len(lines) <= 30
    assert lines[-1].startswith("ANSWER  Only on web1.example: `packet_set_ring`")


@pytest.mark.parametrize("place", range(3))
def test_of_many_hosts_as_many_are_shown_as_fit(place: int) -> None:
    """A screen has thirty lines; how many are left out is said, and the answer and the files are still there."""
    made = three_hosts()
    made["hosts"] = [made["hosts"][place]] * 60
    lines = terminal_lines(made, {"investigation.json": "/x"})
    shown = sum(line.startswith("  web") for line in lines)
    assert 20 < len(lines) <= 30 and f"  and {60 - shown} more hosts" in lines
    assert "  investigation.json: /x" in lines and lines[-1].startswith("ANSWER")


def test_many_notes_leave_the_answer() -> None:
    """Of sentences beside it those at the end go first."""
    made = three_hosts()
    made["notes"] = [f"Note {number}." for number in range(90)]
    lines = terminal_lines(made, {"investigation.json": "/x"})
    assert len(lines) <= 30 and lines[-1].startswith("ANSWER") and "  web1.example: " in "\n".join(lines)


def test_one_host_needs_no_answer_twice() -> None:
    """Its own line is the answer."""
    made = three_hosts()
    made["hosts"], made["counts"] = made["hosts"][:1], {"hosts": 1, "investigated": 1, "sick": 1, "healthy": 0}
    lines = terminal_lines(made, {})
    assert lines[0].endswith("1 of 1 hosts answered") and not any(line.startswith("ANSWER") for line in lines)
