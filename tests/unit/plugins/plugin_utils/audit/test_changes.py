# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last run."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.changes import answering, changes
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.not_judged import no_data
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import LastRun, PastFinding
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import entries_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit.entries import entry

BEFORE = "2026-11-23T12:00:00Z"
FIRST, LAST = 1_794_700_800, 1_795_435_200  # 2026-11-15 and 2026-11-23, both at midday


def host(*findings, name="web1", **changed):
    """One host as it stands in an audit."""
    return {**entry(name, findings), **changed}


def past(severity="warning", dimension="slab_unreclaimable", kind="limit", status="current", name="web1"):
    """A finding of the run before."""
    return PastFinding(name, dimension, kind, severity, status, 12.0, 8.0, FIRST, LAST)


def what(found):
    """The lists that are not empty, as severities before and now."""
    return {
        how: [(one["was"], one["severity"]) for one in found[how]]
        for how in ("new", "worse", "better", "resolved")
        if found[how]
    } | ({"ongoing": found["ongoing"]} if found["ongoing"] else {})


def silent_and_back(asked, known, last_run):
    """Who has stopped to answer, and who answers again, of hosts with and without data."""
    judged = [host(name=name) for name in asked["judged"]]
    lost = [
        {**host(name=name), "verdict": "unknown", "no_data": no_data(reason, name, "It said nothing.").as_plain()}
        for name, reason in asked["lost"]
    ]
    return answering(entries_of([*judged, *lost]), known, last_run)


def test_hosts_that_stop_answering_or_answer_again_are_a_change():
    """A host that falls silent may be the one that died of it."""
    asked = {"judged": ["a", "b", "new"], "lost": [("c", "unreachable"), ("d", "timed_out"), ("e", "shared_kernel")]}
    known = ("a", "b", "c", "d", "e")
    assert silent_and_back(asked, known, LastRun(frozenset("ace"), 2)) == (("c",), ("b",))
    assert silent_and_back(asked, known, None) == ((), ())


def test_a_host_that_the_last_run_did_not_ask_is_not_back():
    """After a run with a limit the whole inventory would be back."""
    asked = {"judged": ["a", "b", "c"], "lost": []}
    assert silent_and_back(asked, ("a", "b", "c"), LastRun(frozenset("a"), 1)) == ((), ())
    assert silent_and_back(asked, ("a", "b", "c"), LastRun(frozenset("a"), 2)) == ((), ("b", "c"))


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, "warning", {"new": [(None, "warning")]}),
        (None, "info", {}),
        ("info", "info", {}),
        ("info", None, {}),
        ("info", "warning", {"new": [("info", "warning")]}),
        ("warning", "warning", {"ongoing": 1}),
        ("warning", "critical", {"worse": [("warning", "critical")]}),
        ("critical", "warning", {"better": [("critical", "warning")]}),
        ("warning", "info", {"better": [("warning", "info")]}),
        ("critical", None, {"resolved": [("critical", "critical")]}),
    ],
)
def test_each_step(before, now, expected):
    """From what it was to what it is."""
    findings = [synthetic.finding(severity=now)] if now else []
    assert (
        what(changes(entries_of([host(*findings)]), {"web1": [past(before)] if before else []}, BEFORE).as_plain())
        == expected
    )


def test_a_change_has_all_of_this():
    """And says when it was first seen."""
    (change,) = changes(
        entries_of([host(synthetic.finding(severity="critical"))]), {"web1": [past()]}, BEFORE
    ).as_plain()["worse"]
    assert change == {
        "name": "web1",
        "dimension": "slab_unreclaimable",
        "kind": "limit",
        "severity": "critical",
        "was": "warning",
        "first_seen_at": "2026-11-15T00:00:00Z",
        "text": "Unreclaimable slab above its limit was warning and is critical now (first seen on 2026-11-15, last "
        "on 2026-11-23)."
        " Unreclaimable slab is 12 GiB; the limit is 8 GiB.",
    }
    (gone,) = changes(entries_of([host()]), {"web1": [past()]}, BEFORE).as_plain()["resolved"]
    assert (
        gone["text"]
        == "Unreclaimable slab above its limit is no longer found; it was warning, first seen on 2026-11-15, last on "
        "2026-11-23."
    )


def test_the_first_run_has_no_changes():
    """Everything would be new."""
    assert what(changes(entries_of([host(synthetic.finding())]), {}, None).as_plain()) == {}


def test_a_host_that_was_not_judged_before_is_new_and_says_so():
    """It may have been ill for long."""
    (change,) = changes(entries_of([host(synthetic.finding())]), {"other": []}, BEFORE).as_plain()["new"]
    assert (
        change["text"].startswith("The host was not judged before.")
        and change["first_seen_at"] == "2026-11-24T12:00:00Z"
    )


@pytest.mark.parametrize(
    ("finding", "changed"),
    [
        ({}, {"verdict": "unknown", "no_data": no_data("not_auditable", "web1").as_plain()}),
        ({}, {"coverage": {"text": "", "judged": [], "not_judged": {"slab_unreclaimable": "no number"}}}),
        (
            {"dimension": "slab_use"},
            {
                "coverage": {
                    "text": "",
                    "judged": [],
                    "not_judged": {},
                    "checks": {"judged": [], "not_judged": {"slab_use": "skipped"}},
                }
            },
        ),
        ({"kind": "growth"}, {"baseline": {}}),
        ({"kind": "growth"}, {"baseline": {"kernel_unreclaimable": {"state": "learning", "samples": 3, "needed": 7}}}),
        (
            {"kind": "growth"},
            {
                "baseline": {
                    "kernel_unreclaimable": {"state": "ready", "samples": 3, "needed": 7},
                    "slab_unreclaimable": {"state": "warming_up", "samples": 3, "needed": 7},
                }
            },
        ),
        (
            {"kind": "spike"},
            {
                "baseline": {"slab_unreclaimable": {"state": "ready", "samples": 3, "needed": 7}},
                "coverage": {
                    "text": "",
                    "history": {"ready": 0, "of": 7, "not_judged": {"slab_unreclaimable": "stale"}},
                },
            },
        ),
        (
            {"kind": "disproportion"},
            {"coverage": {"text": "", "judged": ["slab_unreclaimable"], "not_judged": {}, "similar_hosts": None}},
        ),
        ({}, {"waived": [synthetic.finding()]}),
    ],
)
def test_what_could_not_be_judged_is_not_resolved(finding, changed):
    """No answer, no counter, no history since the boot, nobody to compare with, a waiver: none of them is a cure."""
    assert what(changes(entries_of([host(**changed)]), {"web1": [past(**finding)]}, BEFORE).as_plain()) == {}


@pytest.mark.parametrize(
    ("finding", "changed"),
    [
        ({"kind": "growth"}, {"baseline": {"kernel_unreclaimable": {"state": "ready", "samples": 3, "needed": 7}}}),
        (
            {"kind": "disproportion"},
            {"coverage": {"text": "", "judged": ["slab_unreclaimable"], "not_judged": {}, "similar_hosts": 12}},
        ),
        (
            {"dimension": "slab_use"},
            {
                "coverage": {
                    "text": "",
                    "judged": [],
                    "not_judged": {},
                    "checks": {"judged": ["slab_use"], "not_judged": {}},
                }
            },
        ),
    ],
)
def test_what_was_judged_and_is_gone_is_resolved(finding, changed):
    """The other side of it."""
    assert what(changes(entries_of([host(**changed)]), {"web1": [past(**finding)]}, BEFORE).as_plain()) == {
        "resolved": [("warning", "warning")]
    }


def test_hosts_that_are_gone_are_not_resolved():
    """A host that left the inventory was not cured."""
    assert what(changes(entries_of([host()]), {"web2": [past(name="web2")]}, BEFORE).as_plain()) == {}


def test_units_of_one_dimension_and_kind_are_one():
    """The store does not tell them apart, so the worst counts."""
    findings = [
        synthetic.finding("kernel_stack", "warning", unit="threads"),
        synthetic.finding("kernel_stack", "critical", unit="bytes_per_thread"),
    ]
    assert what(
        changes(
            entries_of([host(*findings)]),
            {"web1": [past("critical", "kernel_stack"), past("warning", "kernel_stack")]},
            BEFORE,
        ).as_plain()
    ) == {"ongoing": 1}


def test_a_waived_finding_of_the_last_run_is_new_when_the_waiver_ends():
    """Nobody was told of it then."""
    assert what(
        changes(entries_of([host(synthetic.finding())]), {"web1": [past(status="waived")]}, BEFORE).as_plain()
    ) == {"new": [(None, "warning")]}


def test_the_worst_comes_first_and_the_order_of_hosts_changes_nothing():
    """Critical, then by name."""
    hosts = [
        host(synthetic.finding(severity=severity), name=name)
        for name, severity in (("c", "warning"), ("b", "critical"), ("a", "warning"))
    ]
    last = {name: [] for name in "abc"}
    found = changes(entries_of(hosts), last, BEFORE).as_plain()
    assert [one["name"] for one in found["new"]] == ["b", "a", "c"] and found == changes(
        entries_of(hosts[::-1]), last, BEFORE
    ).as_plain()


def test_texts_from_hosts_stay_one_line():
    """An explanation holds names from hosts."""
    finding = {
        **synthetic.growth(severity="warning"),
        "explanation": "evil\n\x1b[31m" + "x" * 2000,
        "dimension": "new\nthing",
    }
    (change,) = changes(entries_of([host(finding)]), {"web1": [past()]}, BEFORE).as_plain()["new"]
    assert change["text"].isprintable() and len(change["text"]) <= 700
