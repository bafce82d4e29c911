# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last audit, on the page."""

from __future__ import annotations

import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import changes as html_changes
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

AUDIT = audits.audit_with_history(200)
BAD = [host for host in AUDIT["hosts"] if host["findings"]]


def changed(history=None, **lists):
    """The audit with other changes."""
    none = dict.fromkeys(("new", "worse", "better", "resolved"), [])
    changes = {"previous_run_at": audits.moment(1), "ongoing": 0} | none | lists
    return read(AUDIT | {"changes": changes, "history": history})


def headings(page):
    return re.findall(r"<h3>(\d+) (\w+)", page)


def test_every_list_has_its_number_also_where_it_is_empty():
    """*0 worse* is an answer; a list that is not there is a question."""
    page = html_changes.changes(changed(new=[audits.change(BAD[0], None)], resolved=[audits.change(BAD[1], "warning")]))
    assert sorted(headings(page)) == [("0", "better"), ("0", "worse"), ("1", "new"), ("1", "resolved")]
    assert page.count('class="change none"') == 2
    assert "No finding is the same as in the last audit." in page


@pytest.mark.parametrize(("ongoing", "said"), [(1, "1 finding is the same"), (1234, "1,234 findings are the same")])
def test_what_did_not_change_is_counted(ongoing, said):
    """Who sees nothing new must not think that all is well."""
    assert said in html_changes.changes(changed(ongoing=ongoing))


def test_what_became_worse_says_what_it_was():
    """From warning to critical is the news."""
    page = html_changes.changes(changed(worse=[audits.change(BAD[0], "warning")], new=[audits.change(BAD[1], None)]))
    assert page.count("was warning") == 1
    assert f"<bdi>{BAD[0]['name']}</bdi>" in page and f"<bdi>{BAD[1]['name']}</bdi>" in page


def test_a_finding_that_is_gone_is_not_called_by_its_severity():
    """*Critical:* read aloud before a host that is well again would be wrong."""
    page = html_changes.changes(changed(resolved=[audits.change(BAD[0], "critical")]))
    assert "Critical: " not in page and "Warning: " not in page and 'href="#i-ok"' in page


def test_a_long_list_is_folded_and_then_counted():
    """A kernel that goes wrong on 500 hosts still leaves a page that can be read."""
    many = [audits.change(BAD[0], None) | {"name": f"h{number:03d}"} for number in range(120)]
    page = html_changes.changes(changed(new=many))
    assert "<summary>In sentences</summary>" in page and "And 20 more; all are in audit.json." in page
    assert len(re.findall(r"<strong><bdi>h\d{3}</bdi></strong>", page)) == 100
    assert "on 120 hosts" in page and "and 116 more</li>" in page


def test_without_an_earlier_audit_the_history_says_why():
    """A first run, and one whose store could not be read, have nothing to compare with, and say which it is."""
    history = AUDIT["history"] | {"message": "The history <is> new.", "runs": 0}
    first = changed(history=history, previous_run_at=None)
    assert "The history &lt;is&gt; new." in html_changes.changes(first)
    assert html_changes.change_line(first) == html_changes.history_line(first) == ""
    assert html_changes.changes(read(AUDIT | {"changes": None, "history": None})) == ""


def test_the_line_of_the_history_says_of_what_and_since_when():
    """How much the findings over time stand on."""
    assert html_changes.history_line(read(AUDIT)) == "history of 30 audits of 200 hosts since 2026-10-26"
    once = AUDIT["history"] | {"runs": 1, "hosts": 1, "first_run_at": None}
    assert html_changes.history_line(changed(history=once)) == "history of 1 audit of 1 host"


def test_the_line_for_the_verdict_counts_what_changed():
    """It stands beside the verdict, where one looks first."""
    line = html_changes.change_line(changed(new=[audits.change(BAD[0], None)] * 2))
    assert line.startswith("Since 2026-11-23 12:00 UTC: ") and "2 new" in line
