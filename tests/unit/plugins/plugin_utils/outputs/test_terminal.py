# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary in the terminal: short whatever the fleet, and the same verdict as everywhere."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import terminal
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.policy.policy import policy_of
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import built, read

POLICY = policy_of(None)
PATHS = {name: f"/srv/reports/today/{name}" for name in ("audit.json", "hosts.csv", "report.html")}


def summary(hosts, paths=None, **settings):
    run, records = synthetic.fleet(hosts, seed=4)
    audit = built(run, records, POLICY)
    return audit, terminal.summary_lines(read(audit), PATHS if paths is None else paths, **settings)


@pytest.mark.parametrize("hosts", [1, 2, 12, 200, 3000])
def test_it_is_short_and_narrow_whatever_the_fleet(hosts):
    _unused, lines = summary(hosts)
    assert len(lines) <= 25
    assert all(len(line) <= 100 for line in lines if not line.startswith("REPORT"))
    assert all(line.isascii() and line.isprintable() and line == line.rstrip() for line in lines)


def test_it_is_short_with_many_environments_reasons_and_groups():
    names = [f"host{number}" for number in range(60)]
    policy = policy_of({"environments": {f"env{number}": {"based_on": "production"} for number in range(12)}})
    outcomes = ["unreachable", "failed", "timed_out", "no_python", "not_linux", "no_answer", "facts"]
    records = {name: synthetic.record(name, outcomes[number % 7]) for number, name in enumerate(names)}
    for name in names:
        if records[name]["facts"]:
            records[name]["facts"] = synthetic.facts(name, slab_share=0.3, percpu_bytes=4 * synthetic.GIB)
    run = synthetic.run(tuple(names), {name: [f"env{number % 12}"] for number, name in enumerate(names)})
    lines = terminal.summary_lines(read(built(run, records, policy)), PATHS)
    assert len(lines) <= 25
    assert any("(9 more)" in line for line in lines)
    assert sum(line.startswith("  CRITICAL  host") for line in lines) >= 3


def test_the_verdict_is_the_second_line_and_the_decision_stands_beside_it():
    audit, lines = summary(200)
    assert lines[0] == "KERNEL MEMORY AUDIT  2026-11-24T12:00:30Z  hosts=200  policy: built-in"
    assert lines[1] == f"VERDICT  {audit['decision']['sentence']}  [{audit['decision']['decision']}]"


def test_the_counts_are_those_of_the_audit():
    audit, lines = summary(200)
    counts = audit["counts"]["all"]
    row = next(line for line in lines if line.startswith("all ")).split()
    assert row == ["all", *(str(counts[one]) for one in ("critical", "warning", "unknown", "ok", "total"))]


def test_a_healthy_host_alone_needs_few_lines():
    audit = built(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, POLICY)
    lines = terminal.summary_lines(read(audit), {})
    assert len(lines) == 5
    assert not any(line.startswith(("WORST", "MOST", "NO DATA", "REPORT")) for line in lines)


def test_the_path_of_the_page_is_whole_however_long():
    folder = "/srv/" + "very-long-folder/" * 12
    _unused, lines = summary(12, {name: folder + name for name in PATHS})
    assert lines[-1] == f"REPORT  {folder}report.html  audit.json  hosts.csv"


def judged(*findings, **keys):
    """An audit of one host with the given findings, and of further healthy ones."""
    names = tuple(f"host{number}" for number in range(30))
    audit = built(synthetic.run(names), {name: synthetic.record(name) for name in names}, POLICY)
    host = audit["hosts"][0]
    host.update(verdict="critical", findings=list(findings))
    return audit | keys


def test_a_second_finding_of_a_host_is_not_cut_away():
    audit = judged(
        synthetic.finding("slab_unreclaimable", "critical"),
        synthetic.finding("percpu", kind="growth", evidence={"window_days": 14}),
        synthetic.finding("dying_cgroups", value=12345, limit=2000, unit="count"),
    )
    lines = terminal.summary_lines(read(audit), {})
    place = next(number for number, line in enumerate(lines) if line.startswith("  CRITICAL  host0"))
    shown = lines[place] + lines[place + 1]
    assert (
        "Unreclaimable slab 12 GiB" in shown
        and "Per-CPU +12 GiB in 14 days" in shown
        and "Ended control groups 12,345" in shown
    )


def test_more_findings_than_there_is_room_for_are_counted():
    findings = [
        synthetic.finding(name)
        for name in ("slab_unreclaimable", "percpu", "vmalloc", "page_tables", "kernel_stack", "unaccounted")
    ] * 3
    lines = terminal.summary_lines(read(judged(*findings)), {})
    assert sum("and 1" in line and line.endswith(" more") for line in lines) == 1


def change(name="host1", severity="warning", **overrides):
    base = {
        "name": name,
        "dimension": "percpu",
        "kind": "limit",
        "severity": severity,
        "was": None,
        "first_seen_at": None,
        "text": "Per-CPU rose.",
    }
    return base | overrides


def changes(**lists):
    return {
        "previous_run_at": "2026-11-23T12:00:00Z",
        "new": [],
        "worse": [],
        "better": [],
        "resolved": [],
        "ongoing": 7,
    } | lists


def test_what_changed_comes_before_everything_else_and_the_bad_news_first():
    found = changes(new=[change("b"), change("a", "critical")], resolved=[change("c")])
    lines = terminal.summary_lines(read(judged(synthetic.finding(), changes=found)), {})
    place = lines.index("CHANGED SINCE 2026-11-23T12:00:00Z: 2 new, 0 worse, 0 better, 1 resolved, 7 as before")
    assert [line.split()[:3] for line in lines[place + 1 : place + 4]] == [
        ["NEW", "CRITICAL", "a"],
        ["NEW", "WARNING", "b"],
        ["RESOLVED", "WARNING", "c"],
    ]
    assert place < next(number for number, line in enumerate(lines) if line.startswith("WORST"))


def test_a_first_audit_says_nothing_of_changes_and_says_that_a_history_begins():
    history = {
        "state": "new",
        "message": "This is the first audit of this history.",
        "engine": "sqlite",
        "name": "h",
        "runs": 0,
        "hosts": 0,
    }
    lines = terminal.summary_lines(read(judged(changes=changes(previous_run_at=None), history=history)), {})
    assert lines[2] == "HISTORY  This is the first audit of this history."
    assert not any(line.startswith("CHANGED") for line in lines)


def test_a_history_that_is_ready_needs_no_line():
    history = {"state": "ready", "message": None, "engine": "sqlite", "name": "h", "runs": 9, "hosts": 30}
    assert not any(line.startswith("HISTORY") for line in terminal.summary_lines(read(judged(history=history)), {}))


def test_kernel_regressions_and_leaks_come_before_what_is_merely_common():
    shared = {
        "what": "kernel",
        "name": "6.12.1 x86_64",
        "hosts_with": 81,
        "hosts_there": 152,
        "rate_percent": 53.3,
        "rest_rate_percent": 0.4,
        "sentence": "s",
    }
    group = {
        "dimension": "vmalloc",
        "kind": "limit",
        "severity": "critical",
        "hosts": ["host1", "host2"],
        "environments": ["production"],
        "explanation": "Common.",
        "next_step": "Look.",
        "command": "",
        "shared": None,
        "regression": False,
    }
    leak = {
        "kind": "uptime_growth",
        "dimension": "kernel_unreclaimable",
        "severity": "warning",
        "kernel": "6.12.9",
        "hosts": 212,
        "bytes_per_day": 38 * 1024**2,
        "low": 1,
        "high": 2,
        "explanation": "e",
        "next_step": "n",
        "command": "",
    }
    regression = group | {"kind": "growth", "severity": "warning", "shared": shared, "regression": True}
    lines = terminal.summary_lines(read(judged(groups=[group, regression], fleet_findings=[leak])), {})
    place = lines.index("MOST COMMON")
    assert lines[place + 1 : place + 4] == [
        "      2  WARNING   Vmalloc, growth: 53.3 % of hosts with kernel 6.12.1 x86_64, 0.4 % of others",
        "    212  WARNING   Unreclaimable kernel memory grows by 38 MiB a day of uptime on kernel 6.12.9",
        "      2  CRITICAL  Common.",
    ]


@pytest.mark.parametrize("hosts", [1, 12, 200, 3000])
def test_it_is_short_with_everything_at_once(hosts):
    run, records = synthetic.fleet(hosts, seed=4)
    audit = built(
        run, records, policy_of({"environments": {f"env{number}": {"based_on": "production"} for number in range(12)}})
    )
    audit["changes"] = changes(new=[change(f"h{number}") for number in range(50)])
    audit["history"] = {"state": "not_saved", "message": "x" * 300, "name": "", "runs": 0, "hosts": 0}
    audit["merged"] = {"gaps": ["y" * 300, "z"]}
    for host in audit["hosts"]:
        host["findings"] = host["findings"] * 4
    lines = terminal.summary_lines(read(audit), PATHS)
    assert len(lines) <= 25 and all(len(line) <= 100 for line in lines)


def test_a_policy_of_ones_own_is_named():
    policy = {"name": "built-in limits", "source": "/etc/kernel-memory.yml", "environments": {}}
    assert terminal.summary_lines(read(judged(policy=policy)), {})[0].endswith("policy: kernel-memory.yml")
    assert terminal.summary_lines(read(judged(policy=policy | {"name": "house rules"})), {})[0].endswith(
        "policy: house rules"
    )
