# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all hosts without scripts: all of a small fleet, the worst of a large one, and never a number that is
not known.
"""

from __future__ import annotations

import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import table as html_table
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entry_of, read

AUDIT = audits.audit_with_history(120)
HOSTS = AUDIT["hosts"]
NB = "\u00a0"


def rows(audit, held=(), ending=""):
    """The rows of the table, each a list of the words in its cells."""
    page = html_table.all_hosts(read(audit), dict(held), ending).partition('<div id="static">')[2]
    found = re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", page)
    return page, [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.split(r"</t[hd]>", row)][: len(row.split("</td>"))]
        for row in found
    ]


def test_every_host_is_a_row_in_the_order_of_the_audit():
    """What strikes first stands first, also where scripts are blocked."""
    _page, found = rows(AUDIT)
    assert [row[0] for row in found] == [host["name"] for host in HOSTS]


def test_a_host_without_data_has_dashes_and_the_reason():
    """It is not at 0 % of its limit."""
    place = next(place for place, host in enumerate(HOSTS) if host["no_data"])
    row = rows(AUDIT)[1][place]
    assert row[2:5] == ["–", "–", "–"] and row[5] and row[6] == "–"


def test_who_holds_the_memory_is_named():
    """It is the next question."""
    _page, found = rows(AUDIT, {HOSTS[0]["name"]: "kmalloc-512 <x>"})
    assert found[0][5] == "kmalloc-512 &lt;x&gt;"


def test_an_ending_is_left_out_and_said():
    """Who copies a name must know what was left out."""
    ending = ".example.net"
    page = html_table.all_hosts(read(AUDIT), {}, ending)
    assert "All names end in <code>.example.net</code>, which is left out." in page
    assert "which is left out" not in html_table.all_hosts(read(AUDIT), {}, "")


@pytest.mark.parametrize(("bad", "words"), [(3, "only the 3 that"), (250, "only 200 of the 250 that")])
def test_of_a_large_fleet_only_the_worst_are_there_and_it_says_so(bad, words):
    """Ten thousand rows would be no page; hosts that are left out silently would be healthy ones."""
    sick = next(host for host in HOSTS if host["verdict"] == "critical")
    well = next(host for host in HOSTS if host["verdict"] == "ok")
    hosts = [(sick if number < bad else well) | {"name": f"h{number:04d}"} for number in range(501)]
    page, found = rows(AUDIT | {"hosts": hosts})
    assert len(found) == min(bad, html_table.MOST_WORST_ROWS) and words in page and "All 501 are in hosts.csv" in page
    assert len(rows(AUDIT | {"hosts": hosts[:500]})[1]) == 500


@pytest.mark.parametrize(
    ("part", "shown"), [(0.22, "22"), (0.094, "9.4"), (0.0996, "10"), (0.0994, "9.9"), (0.0, "0.0"), (1.0, "100")]
)
def test_a_share_has_a_decimal_only_where_it_is_small(part, shown):
    """10 % and 9.9 %, never 10.0 %, which would stand wider than its neighbours."""
    assert html_table.percent(part) == f"{shown}{NB}%"


def test_the_nearest_limit_is_a_bar_with_its_number_and_its_kind():
    """A host at half of its limit and one at three times of it can be told apart by reading."""
    host = next(host for host in HOSTS if host["verdict"] == "ok")
    amount = host["dimensions"]["slab_unreclaimable_bytes"]
    entry = entry_of(host | {"critical_limits": {"slab_unreclaimable": 2 * amount}})
    words = re.sub(r"<[^>]+>", "", html_table.nearest(entry)).strip()
    assert words == f"50{NB}% Unreclaimable slab"
    assert html_table.nearest(entry_of(host | {"critical_limits": {}})) == "–"


def test_coverage_says_what_was_judged_or_why_nothing_was():
    """A host that nobody could judge is not covered."""
    without, judged = (next(host for host in HOSTS if bool(host["no_data"]) == missing) for missing in (True, False))
    assert html_table.coverage(entry_of(judged)) == judged["coverage"]["text"]
    assert html_table.coverage(entry_of(without)) not in ("", "–")
