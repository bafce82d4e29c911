# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: what they take out, until when, and what is said of those that nobody needs."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.plain import plain
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.resolve import PolicyError, resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.waivers import (
    apply_severities,
    apply_waivers,
    summaries,
    waiver_notes,
    waivers_for,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.synthetic import finding as plain_finding

TODAY = date(2026, 11, 24)


def waiver(**changes):
    return {
        "hosts": "web*",
        "dimension": "vmalloc",
        "reason": "driver leak, ticket 12",
        "until": "2026-12-31",
        **changes,
    }


def waivers(*written):
    return policy_of({"waivers": list(written)}).waivers


def finding(dimension="vmalloc", kind="limit", severity="warning", **changes):
    return Finding(**plain_finding(dimension, severity, kind=kind, explanation="Too much.", **changes))


def problems(*written):
    with pytest.raises(PolicyError) as caught:
        waivers(*written)
    return caught.value.problems


def test_a_waived_finding_stays_visible_and_does_not_count():
    bad = finding(evidence={"samples": 9})
    other = finding("percpu")
    result = apply_waivers(waivers(waiver()), "web1", [], [bad, other], TODAY)
    reason = {"hosts": "web*", "reason": "driver leak, ticket 12", "until": "2026-12-31"}
    assert result.kept == (other,)
    assert result.waived == (finding(status="waived", evidence={"samples": 9, "waiver": reason}),)
    assert (result.used, result.expired) == ((0,), ())
    assert bad == finding(evidence={"samples": 9})


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        ("web*", True),
        ("web1", True),
        ("web?", True),
        ("web", True),
        ("WEB*", False),
        ("db", False),
        ("*", True),
        ("we", False),
        ("[vw]eb1", True),
    ],
)
def test_hosts_are_a_pattern_of_names_or_one_group(hosts, expected):
    result = apply_waivers(waivers(waiver(hosts=hosts)), "web1", ["all", "web"], [finding()], TODAY)
    assert bool(result.waived) is expected


def test_a_name_that_looks_like_a_pattern_is_a_name_too():
    assert apply_waivers(waivers(waiver(hosts="rack[3]-a")), "rack[3]-a", [], [finding()], TODAY).waived


def test_a_kind_is_that_of_the_finding():
    assert apply_waivers(waivers(waiver(kind="growth")), "web1", [], [finding(kind="growth")], TODAY).waived
    assert not apply_waivers(waivers(waiver(kind="limit")), "web1", [], [finding(kind="growth")], TODAY).waived


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"kind": "limit"}, True),
        ({"kind": "growth"}, False),
        ({"dimension": "*"}, True),
        ({"dimension": "percpu"}, False),
    ],
)
def test_dimension_and_kind_must_both_fit(changes, expected):
    assert bool(apply_waivers(waivers(waiver(**changes)), "web1", [], [finding()], TODAY).waived) is expected


@pytest.mark.parametrize(
    ("until", "expected"), [("2026-11-24", True), ("2026-11-23", False), (date(2026, 11, 24), True)]
)
def test_a_waiver_counts_through_its_last_day(until, expected):
    result = apply_waivers(waivers(waiver(until=until)), "web1", [], [finding()], TODAY)
    assert bool(result.waived) is expected
    assert result.expired == (() if expected else (0,))
    assert summaries(waivers(waiver(until=until)), [result], TODAY)[0].expired is not expected


def test_where_one_has_expired_another_may_do():
    both = waivers(waiver(until="2026-01-01"), waiver(hosts="*", reason="second"))
    result = apply_waivers(both, "web1", [], [finding()], TODAY)
    assert (result.used, result.expired, result.kept) == ((1,), (), ())
    assert result.waived[0].evidence["waiver"]["reason"] == "second"


def test_without_waivers_or_findings_nothing_happens():
    assert apply_waivers([], "web1", [], [finding()], TODAY).kept == (finding(),)
    assert apply_waivers(waivers(waiver()), "web1", [], [], TODAY).used == ()


def test_the_audit_lists_each_waiver_with_the_hosts_that_needed_it():
    written = waivers(
        waiver(), waiver(hosts="db*", kind="growth"), waiver(hosts="web2", dimension="percpu", until="2026-01-31")
    )
    results = [
        apply_waivers(written, name, [], [finding(), finding("percpu")], TODAY) for name in ("web1", "web2", "lab")
    ]
    assert plain(summaries(written, results, TODAY)) == [
        {**waiver(kind=None), "used": 2, "expired": False},
        {**waiver(hosts="db*", kind="growth"), "used": 0, "expired": False},
        {**waiver(hosts="web2", dimension="percpu", kind=None, until="2026-01-31"), "used": 1, "expired": True},
    ]
    assert waiver_notes(summaries(written, results, TODAY)) == [
        "The waiver for db* (vmalloc of the kind growth, driver leak, ticket 12) waives nothing; take it out of the "
        "policy, or check its pattern.",
        "The waiver for web2 (percpu, driver leak, ticket 12) ended on 2026-01-31, and 1 host still has what it "
        "waived; "
        "mend the cause, or renew the waiver with a new day and reason.",
    ]


def test_an_expired_waiver_that_nobody_needs_is_named_too():
    written = waivers(waiver(dimension="*", until="2026-01-31", reason="Old."))
    (note,) = waiver_notes(summaries(written, [], TODAY))
    assert (
        note
        == "The waiver for web* (all findings, Old) ended on 2026-01-31 and is no longer needed; take it out of the "
        "policy."
    )


def test_the_waivers_for_a_host_can_be_listed():
    written = resolve_policy({"waivers": [waiver(), waiver(hosts="db"), waiver(hosts="prod")]})["waivers"]
    assert [entry["hosts"] for entry in waivers_for(written, "web1", ["prod"])] == ["web*", "prod"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"hosts": None},
            "waivers[0].hosts: must be the name of a host or of an inventory group, or a pattern of host names with "
            "* or ?.",
        ),
        ({"hosts": "a\nb"}, "waivers[0].hosts: must be the name of a host"),
        (
            {"hosts": "web*,db*"},
            "waivers[0].hosts: must be one group or one pattern with * or ?; write a waiver for each.",
        ),
        ({"hosts": "!web"}, "waivers[0].hosts: must be one group or one pattern"),
        (
            {"dimension": "vmaloc"},
            "waivers[0].dimension: must be a dimension or a check, or * for all; did you mean vmalloc?",
        ),
        (
            {"dimension": []},
            "waivers[0].dimension: must be a dimension or a check, or * for all; use one of slab_unreclaimable, ",
        ),
        ({"kind": "limits"}, "waivers[0].kind: must be a kind of finding; did you mean limit?"),
        (
            {"reason": None},
            "waivers[0].reason: must be given: one line with up to 200 characters for whoever reads the report.",
        ),
        ({"reason": " "}, "waivers[0].reason: must be given"),
        ({"until": None}, "waivers[0].until: must be given: the last day on which the waiver counts, as YYYY-MM-DD."),
        ({"until": "soon"}, "waivers[0].until: must be given"),
        ({"until": 20261231}, "waivers[0].until: must be given"),
        ({"until": datetime(2026, 12, 31)}, "waivers[0].until: must be given"),
        ({"until": "2026-02-30"}, "waivers[0].until: is 2026-02-30, which is no day of the calendar."),
        ({"untill": "2026-02-28"}, "waivers[0].untill: is not a key that can stand here; did you mean until?"),
    ],
)
def test_a_mistake_in_a_waiver_is_named_where_it_stands(changes, expected):
    (problem,) = problems(waiver(**changes))
    assert problem.startswith(expected)


def test_a_waiver_is_a_mapping_in_a_list():
    assert problems("web1") == ["waivers[0]: must be a mapping of keys to settings."]
    with pytest.raises(PolicyError, match="waivers: must be a list of at most 1,000 waivers."):
        resolve_policy({"waivers": waiver()})


def capped(severity="critical", highest="critical", **severities):
    sections = {"severities": severities, "highest_severity": highest}
    settings = policy_of({"environments": {"production": sections}}).environments["production"]
    (found,) = apply_severities(settings, [finding(severity=severity)])
    return found


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ({}, "critical"),
        ({"vmalloc.limit": "warning"}, "warning"),
        ({"vmalloc.*": "info"}, "info"),
        ({"*.limit": "info", "vmalloc.limit": "warning"}, "info"),
        ({"*.*": "warning"}, "warning"),
        ({"vmalloc.growth": "info", "percpu.limit": "info"}, "critical"),
        ({"vmalloc.limit": "none"}, "critical"),
    ],
)
def test_the_lowest_severity_that_fits_a_finding_counts(severities, expected):
    assert capped(**severities).severity == expected


def test_severities_only_make_milder_and_say_so():
    assert capped(severity="info", **{"vmalloc.limit": "warning"}) == finding(severity="info")
    assert (
        capped(**{"vmalloc.limit": "info"}).explanation
        == "Too much. It would be critical, but the policy has info at most for it."
    )


def test_the_highest_severity_of_the_environment_holds_for_every_kind():
    assert capped(highest="warning").severity == "warning"
    assert capped(severity="warning", highest="warning") == finding(severity="warning")
