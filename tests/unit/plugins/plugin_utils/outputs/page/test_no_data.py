# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts without data on the page: by reason and message, none lost, each with a next step."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import no_data as html_no_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read


def section(unreachable, others=()):
    """The section of an audit in which hosts were not reached; of each the message."""
    names = [f"host{number:04d}" for number in range(len(unreachable))]
    records = {name: synthetic.record(name, "unreachable", said) for name, said in zip(names, unreachable, strict=True)}
    records |= {name: synthetic.record(name, outcome, message) for name, outcome, message in others}
    return html_no_data.without_data(read(built(synthetic.run(tuple(records)), records, policy_of(None))))


def test_where_every_host_answered_the_page_says_so():
    """An empty section could also mean that nobody looked."""
    page = section([], [("web1", "facts", None)])
    assert "Every host gave data." in page and '<span class="mu">0</span>' in page


def test_hosts_are_counted_by_reason_the_most_first():
    """What most hosts have in common is what to mend first."""
    page = section(["timed out"] * 3, [("a", "failed", "sudo: a password is required"), ("b", "no_python", None)])
    assert re.findall(r"<b>([\d,]+)</b> <span class=\"mu\">(hosts?)<", page) == [
        ("3", "hosts"),
        ("1", "host"),
        ("1", "host"),
    ]
    assert '<span class="mu">5</span>' in page and page.count("Next:</span>") == 3
    assert "A host without data is not a healthy host." in page


def test_hosts_with_one_message_stand_behind_it_once():
    """400 hosts behind one broken jump host are one line and not 400."""
    page = section(["no route"] * 120 + ["timed out"] * 2)
    messages = re.findall(r"<li>([^<]+)<p class=\"names\">", page)
    assert [message.count("no route") for message in messages] == [1, 0]
    assert page.count("no route") == 1 and page.count("timed out") == 1
    # All names are on the page, the first eight at once and the rest folded, and the beyond is counted.
    assert "<summary>112 hosts more</summary>" in page and " and 12 more, see hosts.csv" in page
    assert len(re.findall(r"<bdi>host\d{4}", page)) == 8 + 100 + 2


def test_hosts_with_rare_messages_are_counted_too():
    """None may vanish because its message is its own."""
    page = section([f"error {number:02d}" for number in range(11)])
    assert page.count("<li>") == html_no_data.MOST_MESSAGES
    assert "3 hosts with other messages; see hosts.csv." in page
    assert 'href="#hosts"' in page and 'href="#hosts"' not in section(["a"] * html_no_data.MOST_NAMES)


def test_what_a_host_says_stays_text():
    """A message comes from the other side."""
    page = section(["<script>alert(1)</script>\u202e"])
    assert "<script" not in page and "&lt;script&gt;" in page and "\u202e" not in page
