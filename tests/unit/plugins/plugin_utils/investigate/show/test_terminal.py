# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last screen of an investigation."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.terminal import terminal_lines
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.style import Style
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import three_hosts

WRITTEN = {"investigation.json": "/x/investigation.json", "investigation.html": "/x/investigation.html"}
ANSWER = "ANSWER    Only on web1.example: `packet_set_ring`"


def leads(lines: list[str]) -> list[str]:
    """The words that lines begin with."""
    return [line[:10].strip() for line in lines if line[0] != " "]


def test_the_screen_ends_with_the_answer_what_to_do_and_the_report() -> None:
    """The eye is where the text ends, and a command can be picked up."""
    lines = terminal_lines(three_hosts(), WRITTEN, Style(80))
    assert leads(lines) == ["WHO MAKES", "high", "NO ANSWER", "nobody", "NOTE", "ANSWER", "NEXT", "REPORT"]
    assert next(line for line in lines if line.startswith("ANSWER")).startswith(ANSWER)
    assert lines[-2:] == ["REPORT    /x/investigation.html", "          investigation.json"]
    command = "          ansible-playbook fleetaudit.kernel_memory.investigate --limit web2.example "
    assert [len(line) <= 80 for line in lines if not line.startswith(command)] == [True] * (len(lines) - 1)


@pytest.mark.parametrize("place", range(3))
def test_of_many_hosts_as_many_are_shown_as_fit(place: int) -> None:
    """A screen has thirty lines; how many are left out is said, and the answer and the files are still there."""
    made = three_hosts()
    made["hosts"] = [made["hosts"][place]] * 60
    lines = terminal_lines(made, WRITTEN)
    shown = sum(line.startswith(("high  ", "NO ANSWER ", "nobody  ")) for line in lines)
    assert 20 < len(lines) <= 30 and f"          and {60 - shown} more hosts" in lines
    assert "REPORT    /x/investigation.html" in lines and any(line.startswith(ANSWER) for line in lines)


def test_many_notes_leave_the_answer() -> None:
    """Of sentences beside it those at the end go first."""
    made = three_hosts()
    made["notes"] = [f"Note {number}." for number in range(90)]
    lines = terminal_lines(made, WRITTEN)
    assert len(lines) <= 30 and any(line.startswith(ANSWER) for line in lines)
    assert "web1.example: " in "\n".join(lines)


def test_one_host_needs_no_answer_twice() -> None:
    """Its own line is the answer."""
    made = three_hosts()
    made["hosts"], made["counts"] = made["hosts"][:1], {"hosts": 1, "investigated": 1, "sick": 1, "healthy": 0}
    assert leads(terminal_lines(made, {})) == ["WHO MAKES", "high", "NOTE"]
