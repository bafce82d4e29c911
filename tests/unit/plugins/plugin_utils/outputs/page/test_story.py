# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page says of a cause, a line each."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.outlooks import causes_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import story
from ansible_collections.fleetaudit.kernel_memory.tests.unit import growing, synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read


def test_each_line_answers_one_question() -> None:
    """How long, what, since when and how fast."""
    audit, (cause,) = growing.checked()
    assert story.left_in_two(cause.first.outlook) == ("9", "days left")
    assert story.title_of(cause) == "Unreclaimable slab runs into its limit"
    assert story.since_line(cause.first, growing.NOW).startswith("Growing since 4 Nov (20 days), 300 MiB a day")
    assert story.reached(cause.first.outlook, growing.NOW) == "about 9 days, around 3 Dec"
    assert story.verdicts_of(cause) == "1 critical"
    nobody = ("", "Nothing that was asked for names who holds it.")
    assert story.who_line(cause.first, cause.first.host, growing.NOW) == nobody


def test_a_limit_that_the_past_exceeded_is_not_said_to_be_new() -> None:
    """The samples of another tool show a month above it: the first audit is not its beginning."""
    plain = growing.audit()
    host = plain["hosts"][0]
    limit = synthetic.finding(severity="critical", limit=4 * synthetic.GIB)
    host["findings"] = [{**limit, "first_seen_at": growing.NOW}]
    host["critical_limits"] = {"slab_unreclaimable": 4 * synthetic.GIB}
    (cause,) = causes_of(read(plain).hosts)
    assert story.since_line(cause.first, growing.NOW) == ("Above it since 11 Nov by its history, first judged today.")
    host["trend"] = None
    (cause,) = causes_of(read(plain).hosts)
    assert story.since_line(cause.first, growing.NOW) == "Seen in this audit for the first time."


def test_a_host_over_its_limit_says_why_it_stands_below_others() -> None:
    """Three times its limit looks worse than six days left, and is not."""
    plain = growing.audit(2)
    over = plain["hosts"][1]
    over["dimensions"]["percpu_bytes"] = 3 * synthetic.GIB
    over["critical_limits"] = {"percpu": synthetic.GIB}
    over.update(verdict="critical", findings=[synthetic.finding("percpu", "critical")])
    over["coverage"]["history"] = {"ready": 7, "of": 7, "not_judged": {}, "not_asked": {}}
    soon, late = causes_of(read(plain).hosts)
    assert story.place_line(late.first, (soon,)) == (
        "At 3.0 times its limit, but steady; the 1 cause above it will reach a limit within 14 days."
    )
    assert story.place_line(late.first, ()) == story.place_line(soon.first, (soon,)) == ""


def test_what_grows_is_not_called_steady() -> None:
    """No end is in sight within 90 days, and it grows all the same."""
    _audit, (cause,) = growing.checked()
    grows, steady = (replace(cause.first.outlook, days_left=None, pace=pace) for pace in ("1 MiB a day", ""))
    assert story.left_in_two(grows) == ("Grows", "no end in 90 days")
    assert story.left_in_two(steady) == ("Steady", "no end in sight")
    assert story.reached(grows, growing.NOW) == "no end in sight within 90 days"


def test_who_grew_is_named_with_how_much_and_since_when() -> None:
    """And not as the largest, which it need not be."""
    plain = growing.audit()
    host = plain["hosts"][0]
    evidence = host["findings"][0]["evidence"]
    evidence.update(owner="kmalloc-512", owner_grown=5 * synthetic.GIB, owner_since="2026-11-04T12:00:00Z")
    (cause,) = causes_of(read(plain).hosts)
    assert story.who_line(cause.first, cause.first.host, growing.NOW) == ("kmalloc-512", "grew by 5 GiB since 4 Nov")
    evidence["owner"] = None
    (cause,) = causes_of(read(plain).hosts)
    assert story.who_line(cause.first, cause.first.host, growing.NOW)[1].startswith("No single one")


def test_a_ticket_has_all_lines_and_the_whole_names() -> None:
    """Whoever reads it has not the page."""
    audit, (cause,) = growing.checked()
    said = story.ticket(cause, growing.NOW, cause.first.host)
    name = cause.first.host.name
    assert said.startswith(f"Unreclaimable slab runs into its limit on {name}.\nLeft: about 9 days")
    assert f"Hosts: {name}" in said and "Next: " in said
