# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits on the page: in words, of the environments that have hosts, with the waivers and what they took out."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import limits as html_limits
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

AUDIT = audits.audit_with_history(60)
SECTION = html_limits.limits(read(AUDIT))


def rows(section, label):
    """The rows of the table of a label, as lists of the words in their cells."""
    table = section.partition(f'aria-label="{label}"')[2].partition("</table>")[0]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)[1:]]
    return [[re.sub(r"<[^>]+>", "", cell) for cell in row] for row in cells]


def test_only_environments_with_hosts_are_shown_and_each_with_its_number():
    """A policy may name fifty environments; whoever reads the page asks about those of this run."""
    shown = re.findall(r"<h3><bdi>([^<]+)</bdi></h3> <span class=\"mu\">([^<]+)</span>", SECTION)
    used = AUDIT["counts"]["by_environment"]
    assert dict(shown) == {name: f"{counts['total']} hosts" for name, counts in used.items()}
    assert "<details open>" not in SECTION


def test_the_only_environment_stands_open():
    """There is nothing to choose from."""
    counts = AUDIT["counts"] | {"by_environment": {"production": AUDIT["counts"]["all"]}}
    section = html_limits.limits(read(AUDIT | {"counts": counts}))
    assert "<details open>" in section and section.count("<details") == 1


def test_a_limit_is_in_words_and_none_is_a_dash():
    """A dash says that there is no such limit, not that the limit is 0."""
    found = {row[0]: row[1:] for row in rows(SECTION, "Limits of production")}
    assert found["Unreclaimable slab"] == [
        "8 % of RAM, at least 512 MiB, at most 32 GiB",
        found["Unreclaimable slab"][1],
    ]
    assert found["Reclaimable slab"][1] == "–"


def test_an_environment_that_is_never_critical_says_so():
    """Otherwise its critical limits would promise what can't come."""
    policy = AUDIT["policy"]
    production = policy["environments"]["production"]
    for highest, said in (("warning", 1), ("critical", 0)):
        environments = policy["environments"] | {"production": production | {"highest_severity": highest}}
        changed = read(AUDIT | {"policy": policy | {"environments": environments}})
        others = sum(
            environments[name].get("highest_severity") == "warning"
            for name in AUDIT["counts"]["by_environment"]
            if name != "production"
        )
        words = "In this environment no host is worse than warning."
        assert html_limits.limits(changed).count(words) == said + others


def test_waivers_are_listed_with_what_they_are_for_and_whether_they_ended():
    """A waiver that has ended, or took nothing out, is the one to delete."""
    assert rows(SECTION, "Waivers") == [
        ["log-*", "Unreclaimable slab", "Elasticsearch moves in March", "2027-03-31", "2"],
        ["staging", "Any: limit", "load test", "2026-10-01 expired", "0"],
    ]
    assert "Waivers" not in html_limits.limits(read(AUDIT | {"waivers": []}))


def test_a_policy_that_is_no_mapping_has_no_limits():
    """An audit.json comes from outside, too."""
    assert html_limits.mapping_of(None) == html_limits.mapping_of([1]) == {}
    assert html_limits.mapping_of({"a": 1}) == {"a": 1}
