# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The frame of the page: what it is of, where things stand, and the environments with trouble first."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import summary as html_summary
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

AUDIT = audits.audit_with_history(120)
HEALTHY = {"ok": 5, "warning": 0, "critical": 0, "unknown": 0, "total": 5}
SICK = {"ok": 4, "warning": 0, "critical": 1, "unknown": 0, "total": 5}


def with_environments(**by_environment):
    """The audit with the counts of these environments."""
    return read(AUDIT | {"counts": AUDIT["counts"] | {"by_environment": by_environment}})


def rows(page):
    return re.findall(r"<th scope=\"row\">(?:<bdi>)?([^<]+)", page)


def test_the_head_says_of_what_and_when():
    """A page that is opened a week later must not be taken for today's."""
    head = html_summary.masthead(read(AUDIT))
    environments = len(AUDIT["counts"]["by_environment"])
    assert "2026-11-24 12:00 UTC" in head and f"120 hosts in {environments} environments" in head
    assert "history of 30 audits of 120 hosts" in head
    assert " in 1 environment ·" in html_summary.masthead(with_environments(production=HEALTHY))


def test_the_contents_lead_to_what_is_there_and_to_nothing_else():
    """A link that leads nowhere looks like a page that is broken."""
    links = html_summary.contents(read(AUDIT), {"hosts": "x", "attention": "y", "how": "z"})
    assert re.findall(r'href="#([a-z-]+)"', links) == ["attention", "hosts", "how"]
    counts = AUDIT["counts"]["all"]
    assert re.findall(r"<span>([\d,]+)</span>", links) == [str(counts["critical"] + counts["warning"]), "120"]


def test_one_environment_needs_no_table():
    """It would repeat the verdict."""
    assert html_summary.environments(with_environments(production=HEALTHY)) == ""


def test_the_environment_with_most_trouble_comes_first():
    """Critical before warning before unknown, then by name."""
    warned, blind = HEALTHY | {"warning": 5, "ok": 0}, HEALTHY | {"unknown": 5, "ok": 0}
    page = html_summary.environments(with_environments(a=HEALTHY, b=blind, c=warned, d=SICK, e=HEALTHY))
    assert rows(page) == ["d", "c", "b", "a", "e", "All"]


def test_many_healthy_environments_are_folded_and_trouble_never_is_hidden():
    """Of fifty tenants the two that burn are seen at once, and a folded one with trouble is said."""
    healthy = {f"h{number}": HEALTHY for number in range(20)}
    page = html_summary.environments(with_environments(**healthy, sick=SICK))
    assert rows(page.partition("<details>")[0]) == ["sick", "All"]
    assert "<summary>20 more, all within their limits</summary>" in page
    page = html_summary.environments(with_environments(**healthy, **{f"s{number}": SICK for number in range(8)}))
    assert rows(page.partition("<details>")[0]) == [*(f"s{number}" for number in range(6)), "All"]
    assert "<summary>22 more, 2 with trouble</summary>" in page


def test_a_number_leads_to_its_hosts_and_a_zero_to_none():
    """A click on it asks the table for this environment and verdict alone."""
    page = html_summary.environments(with_environments(a=SICK, b=HEALTHY))
    assert 'data-show="verdict=critical&amp;environment=a"' in page
    assert "verdict=critical&amp;environment=b" not in page and '<span class="nil">0</span>' in page


def test_the_words_of_the_history_are_explained_only_where_there_is_one():
    """A first run shows no days left."""
    assert "Days left are an estimate" in html_summary.how_to_read(read(AUDIT))
    first = html_summary.how_to_read(read(audits.audit(20) | {"notes": ["A <note>."]}))
    assert "Days left" not in first and "<li>A &lt;note&gt;.</li>" in first


def test_the_foot_says_which_run_and_which_version():
    """Whoever files a fault needs both."""
    foot = html_summary.footer(read(AUDIT | {"run_id": "run-<7>"}))
    assert "Run run-&lt;7&gt;, started 2026-11-24 11:58 UTC" in foot and AUDIT["tool"]["version"] in foot
