# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the page about the fleet: what changed, causes, distributions, comparisons, slab caches and waivers."""

from __future__ import annotations

import copy
import html
import re

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.outlooks import causes_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.dimensions.table import DIMENSIONS
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import changes as html_changes
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import fleet as html_fleet
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import groups as html_groups
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import hosts as html_hosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import limits as html_limits
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page as report_html
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import parts as html_parts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import summary as html_summary
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import verdict as html_verdict
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits, entries, synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entry_of, read

AUDIT = audits.audit_with_history(200)


def words(markup):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def spaced(text):
    """A number as :func:`words` leaves it, which splits at every space."""
    return text.replace(html_parts.NB, " ")


def test_sections_come_in_the_order_in_which_a_reader_needs_them():
    anchors = re.findall(r'<section id="([\w-]+)"', report_html.render(read(AUDIT)))
    assert anchors == [
        "verdict",
        "changes",
        "attention",
        "days",
        "environments",
        "time",
        "no-data",
        "hosts",
        "fleet",
        "compare",
        "caches",
        "limits",
        "how",
    ]


def test_the_verdict_says_what_changed_before_its_reasons():
    audit = read(AUDIT)
    shown = words(html_summary.masthead(audit) + html_verdict.verdict(audit, (), ""))
    assert shown.index("Since 2026-11-23 12:00 UTC: 4 new, 2 worse") < shown.index(AUDIT["decision"]["reasons"][0])
    assert "history of 30 audits of 200 hosts since 2026-10-26" in shown


def test_changes_name_host_and_finding_and_what_it_was():
    shown = words(html_changes.changes(read(AUDIT)))
    for key in ("new", "worse", "better", "resolved"):
        for change in AUDIT["changes"][key]:
            assert change["name"] in shown and change["text"] in shown
    assert shown.count("was warning") == 2 and shown.count("was critical") == 1
    assert "was warning" not in words(
        html_changes.changes(read({**AUDIT, "changes": {**AUDIT["changes"], "worse": []}}))
    )


def test_many_changes_are_folded_and_counted():
    many = {**AUDIT, "changes": {**AUDIT["changes"], "new": AUDIT["changes"]["new"] * 50}}
    shown = html_changes.changes(read(many))
    assert "200 new , not there in the last audit" in words(shown)
    assert "And 100 more; all are in audit.json." in shown
    others = sum(len(AUDIT["changes"][key]) for key in ("worse", "better", "resolved"))
    causes = len(
        {(key, one["dimension"], one["kind"]) for key in html_changes.MEANINGS for one in AUDIT["changes"][key]}
    )
    assert shown.count("<li>") == causes + 100 + others


def test_changes_stand_by_cause_with_the_number_of_hosts_and_who_holds_it():
    """Nine lines of one deployment say less than one."""
    one = {**AUDIT["changes"]["resolved"][0], "dimension": "vmalloc", "kind": "spike"}
    hosts = [{**one, "name": f"web{number}"} for number in range(9)]
    changes = {**AUDIT["changes"], "resolved": hosts, "silent": ["db1"], "back": ["db2", "db3"]}
    shown = words(html_changes.changes(read({**AUDIT, "changes": changes})))
    assert "Vmalloc, sudden rise on 9 hosts: web0 , web1 , web2 , web3 and 5 more" in shown
    assert "1 host stopped answering , judged in the last audit, no data now db1" in shown
    assert "2 hosts answer again , no data in the last audit db2 , db3" in shown
    known = read(AUDIT)
    causes = causes_of(known.hosts)
    held = next(
        one.outlook.holder
        for change in AUDIT["changes"]["new"]
        for cause in causes
        for one in cause.members
        if (one.host.name, one.outlook.dimension) == (change["name"], change["dimension"]) and one.outlook.holder
    )
    assert held in words(html_changes.changes(known, causes)) and held not in words(html_changes.changes(known))


def test_the_verdict_counts_what_is_waived_and_which_waivers_have_expired():
    """The page may not be quieter than the terminal."""
    waived = copy.deepcopy(AUDIT["hosts"][0]["findings"][:1]) or [synthetic.finding()]
    host = {**AUDIT["hosts"][0], "waived": waived}
    waiver = {**AUDIT["waivers"][0], "hosts": "db*", "until": "2026-11-01", "expired": True, "used": 1}
    audit = {**AUDIT, "hosts": [host, *AUDIT["hosts"][1:]], "waivers": [waiver]}
    assert "waived; 1 waiver has expired (db*, 2026-11-01)." in words(html_verdict.verdict(read(audit), (), ""))


@pytest.mark.parametrize(
    ("history", "changes", "expected"),
    [
        (None, None, ""),
        ({"state": "off", "message": None, "name": "", "runs": 0, "hosts": 0}, None, ""),
        (
            {"state": "new", "message": "This is the first audit.", "name": "", "runs": 0, "hosts": 0},
            None,
            "This is the first audit.",
        ),
        (
            {"state": "off", "message": "The history could not be read.", "name": "", "runs": 3, "hosts": 2},
            {"previous_run_at": None, "ongoing": 0},
            "The history could not be read.",
        ),
    ],
)
def test_without_an_earlier_audit_the_page_says_why_or_nothing(history, changes, expected):
    shown = words(html_changes.changes(read({**AUDIT, "history": history, "changes": changes})))
    assert shown == (f"What changed {expected}" if expected else "")


def test_kernel_regressions_come_first_then_leaks():
    shown = html_groups.seen_on_many(read(AUDIT))
    at = {
        title: [place.start() for place in re.finditer(re.escape(title), shown)]
        for title in ("Kernel regression?", "Grows with uptime")
    }
    assert at["Kernel regression?"] and max(at["Kernel regression?"]) < at["Grows with uptime"][0]
    for group in AUDIT["groups"]:
        if group["shared"]:
            assert group["shared"]["sentence"] in words(shown)
        elif not group["regression"]:
            assert group["explanation"] not in words(shown), "the causes tell it already"


def test_the_verdict_names_the_cause_that_the_page_shows_first():
    first = AUDIT["groups"][0]
    assert html_groups.most_common(read(AUDIT)) == f"Most common: {first['explanation']} {first['shared']['sentence']}"
    assert (
        html_groups.most_common(read({**AUDIT, "groups": [{**first, "severity": "info"}], "fleet_findings": []})) == ""
    )


def test_a_distribution_is_in_numbers_too():
    fleet = html_fleet.compared(read(AUDIT))
    shown = words(html_fleet.distributions(fleet))
    shares = sorted(100 * host.dimensions["percpu_bytes"] / host.memory_total_bytes for host in fleet.hosts)
    assert "Per-CPU" in shown and f"highest {spaced(html_parts.share(shares[-1], 100))} on " in shown
    assert f"Median {spaced(html_parts.share(shares[len(shares) // 2], 100))}" in shown


def test_the_median_of_a_kernel_far_above_the_fleet_is_marked():
    sick = copy.deepcopy(AUDIT)
    for host in sick["hosts"]:
        if host["dimensions"] and host["host"]["kernel_release"] == audits.SICK_KERNEL:
            host["dimensions"]["percpu_bytes"] *= 50
    # Two columns with numbers stand before the dimensions in the row of a kernel.
    before, after = (
        re.findall(rf"{audits.SICK_KERNEL}.*?</tr>", html_fleet.comparisons(html_fleet.compared(read(one))))[0].split(
            "<td"
        )
        for one in (AUDIT, sick)
    )
    assert [at for at, cell in enumerate(after) if "▲" in cell and "▲" not in before[at]] == [
        3 + DIMENSIONS.index("percpu")
    ]
    assert '<span class="sr"> high</span>' in after[3 + DIMENSIONS.index("percpu")]


def test_a_kind_that_no_host_has_and_very_many_kernels_are_said():
    other = copy.deepcopy(AUDIT)
    for number, host in enumerate(other["hosts"]):
        if host["dimensions"]:
            host["dimensions"]["vmalloc_bytes"] = None
            host["host"]["kernel_release"] = f"6.{number}"
    fleet = html_fleet.compared(read(other))
    assert "Vmalloc No host has this number." in words(html_fleet.distributions(fleet))
    assert f"{len(fleet.hosts) - html_fleet.MOST_ROWS:,} more with fewer hosts are left out." in html_fleet.comparisons(
        fleet
    )


def test_slab_caches_of_the_fleet_have_their_aliases_and_what_they_share():
    shown = words(html_fleet.caches(read(AUDIT)))
    for cache in AUDIT["caches"]:
        assert cache["name"] in shown and cache["largest_host"] in shown and (cache["shared"] or "–") in shown
    assert "with eventpoll_pwq, pool_workqueue" in shown


def test_waivers_say_until_when_and_that_they_have_expired():
    shown = words(html_limits.limits(read(AUDIT)))
    assert "log-* Unreclaimable slab Elasticsearch moves in March 2027-03-31 2" in shown
    assert "staging Any: limit load test 2026-10-01 expired 0" in shown
    assert "Waivers" not in html_limits.limits(read({**AUDIT, "waivers": []}))


def test_a_link_carries_what_the_table_is_to_show():
    assert (
        html_parts.show(verdict="critical,warning", environment='a&b"=c')
        == 'data-show="verdict=critical,warning&amp;environment=a%26b%22%3Dc"'
    )
    assert html_parts.show(environment="\ud800\u202e") == 'data-show="environment=%5Cud800%5Cu202e"'


@pytest.mark.parametrize("state", ["no_history", "learning", "warming_up", "ready", "stale", "unsupported"])
def test_a_host_whose_history_is_not_judged_says_why(state):
    host = copy.deepcopy(next(host for host in AUDIT["hosts"] if host["findings"]))
    host["baseline"]["kernel_unreclaimable"].update(state=state, samples=3)
    said = " ".join(html_hosts.remarks(entry_of(host)))
    assert ("history" in said) == (state != "ready")
    assert ("3 of 7 samples" in said) == (state == "learning")


@pytest.mark.parametrize(
    ("status", "first", "expected"),
    [
        ("current", "2026-11-24T01:00:00Z", ""),
        ("current", None, ""),
        ("suspected", None, "suspected"),
        ("current", "2026-11-01T00:00:00Z", "first seen 2026-11-01"),
        ("confirmed", "2026-11-01T00:00:00Z", "confirmed, first seen 2026-11-01"),
    ],
)
def test_how_sure_a_finding_is_and_since_when_is_said_where_it_says_more_than_now(status, first, expected):
    plain = synthetic.finding(status=status, first_seen_at=first)
    (seen,) = entry_of(entries.entry(findings=[plain])).findings
    assert html_hosts.seen_words(seen, "2026-11-24T12:00:00Z") == expected
