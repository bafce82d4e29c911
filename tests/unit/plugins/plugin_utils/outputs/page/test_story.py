# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page says of a cause, a line each."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import story
from ansible_collections.fleetaudit.kernel_memory.tests.unit import growing


def test_each_line_answers_one_question() -> None:
    """How long, what, since when and how fast."""
    audit, (cause,) = growing.checked()
    assert story.left_in_two(cause.first.outlook) == ("9", "days left")
    assert story.title_of(cause) == "Unreclaimable slab runs into its limit"
    assert story.since_line(cause.first, growing.NOW).startswith("Growing since 4 Nov (20 days), 300 MiB a day")
    assert story.reached(cause.first.outlook, growing.NOW) == "about 9 days, around 3 Dec"
    assert story.verdicts_of(cause) == "1 critical"
    assert story.who_line(cause.first, cause.first.host) == ("", "Nothing that was asked for names who holds it.")


def test_a_ticket_has_all_lines_and_the_whole_names() -> None:
    """Whoever reads it has not the page."""
    audit, (cause,) = growing.checked()
    said = story.ticket(cause, growing.NOW, cause.first.host)
    name = cause.first.host.name
    assert said.startswith(f"Unreclaimable slab runs into its limit on {name}.\nLeft: about 9 days")
    assert f"Hosts: {name}" in said and "Next: " in said
