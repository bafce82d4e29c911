# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What many hosts have in common, as cards: regressions first, only those that tell more than the causes do."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import groups as html_groups
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

AUDIT = audits.audit_with_history(200)
SHARED = next(group for group in AUDIT["groups"] if group["shared"])


def cards(**changes):
    """The cards of the audit with other groups or leaks, each as its HTML."""
    page = html_groups.seen_on_many(read(AUDIT | changes))
    return page, re.findall(r'<li class="card .*?</li>', page)


def test_a_group_whose_hosts_have_nothing_in_common_has_no_card():
    """It is told by the causes already, host by host."""
    alone = [group | {"shared": None, "regression": False} for group in AUDIT["groups"]]
    assert cards(groups=alone, fleet_findings=[]) == ("", [])
    assert html_groups.most_common(read(AUDIT | {"groups": alone, "fleet_findings": []})) == ""


def test_a_regression_comes_first_and_says_what_its_hosts_share():
    """The kernel is what an engineer can take back."""
    page, found = cards()
    assert "Kernel regression?" in found[0] and SHARED["shared"]["sentence"] in found[0]
    assert f"<b>{len(SHARED['hosts']):,}</b>" in found[0]
    assert page.startswith("<h3>Seen on many hosts</h3>")


def test_a_leak_that_one_run_shows_is_a_card_with_its_hosts():
    """It has no list of hosts, but a number of them."""
    _page, found = cards(groups=[])
    (leak,) = found
    assert "Grows with uptime" in leak and "<b>21</b>" in leak and "five of these hosts first" in leak


def test_names_are_few_and_the_rest_is_counted_and_linked():
    """All of them are one click away, where the table shows them alone."""
    many = SHARED | {"hosts": [f"h{number:03d}" for number in range(30)]}
    _page, (card,) = cards(groups=[many], fleet_findings=[])
    assert len(re.findall(r"<bdi>h\d{3}</bdi>", card)) == html_groups.MOST_NAMES
    assert " and 22 more " in card
    assert f'data-show="finding={many["dimension"]}.{many["kind"]}"' in card


def test_there_are_never_more_cards_than_a_reader_takes():
    """The rest stands in audit.json."""
    many = [SHARED | {"dimension": "vmalloc", "explanation": f"Group {number}."} for number in range(20)]
    assert len(cards(groups=many, fleet_findings=[])[1]) == html_groups.MOST_GROUPS


def test_the_most_common_cause_is_no_information():
    """The first sentence of the page is about what needs somebody."""
    quiet = SHARED | {"severity": "info", "regression": False}
    assert html_groups.most_common(read(AUDIT | {"groups": [quiet], "fleet_findings": []})) == ""
    said = html_groups.most_common(read(AUDIT | {"groups": [quiet]}))
    assert said.startswith("Most common: ") and audits.SICK_KERNEL in said
