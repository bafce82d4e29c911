# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary in the terminal: short whatever the fleet, and the same verdict as everywhere."""

from __future__ import annotations

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils import _audit
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils._policy import resolve_policy
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import terminal
from ansible_collections.fleetaudit.kernel_memory.tests.unit import synthetic

POLICY = resolve_policy(None)
PATHS = {name: f"/srv/reports/today/{name}" for name in ("audit.json", "hosts.csv", "report.html")}


def summary(hosts, paths=None, **settings):
    run, records = synthetic.fleet(hosts, seed=4)
    audit = _audit.build_audit(run, records, POLICY)
    return audit, terminal.summary_lines(audit, PATHS if paths is None else paths, **settings)


@pytest.mark.parametrize("hosts", [1, 2, 12, 200, 3000])
def test_it_is_short_and_narrow_whatever_the_fleet(hosts):
    _unused, lines = summary(hosts)
    assert len(lines) <= 25
    assert all(len(line) <= 100 for line in lines if not line.startswith("REPORT"))
    assert all(line.isascii() and line.isprintable() and line == line.rstrip() for line in lines)


def test_it_is_short_with_many_environments_reasons_and_groups():
    names = [f"host{number}" for number in range(60)]
    policy = resolve_policy({"environments": {f"env{number}": {"based_on": "production"} for number in range(12)}})
    outcomes = ["unreachable", "failed", "timed_out", "no_python", "not_linux", "no_answer", "facts"]
    records = {name: synthetic.record(name, outcomes[number % 7]) for number, name in enumerate(names)}
    for name in names:
        if records[name]["facts"]:
            records[name]["facts"] = synthetic.facts(name, slab_share=0.3, percpu_bytes=4 * synthetic.GIB)
    run = synthetic.run(tuple(names), {name: [f"env{number % 12}"] for number, name in enumerate(names)})
    lines = terminal.summary_lines(_audit.build_audit(run, records, policy), PATHS)
    assert len(lines) <= 25
    assert any("(9 more)" in line for line in lines)
    assert sum(line.startswith("  CRITICAL  host") for line in lines) >= 3


def test_the_verdict_is_the_second_line_and_the_decision_stands_beside_it():
    audit, lines = summary(200)
    assert lines[0] == "KERNEL MEMORY AUDIT  2026-11-24T12:00:30Z  hosts=200  limits: built-in limits"
    assert lines[1] == f"VERDICT  {audit['decision']['sentence']}  [{audit['decision']['decision']}]"


def test_the_counts_are_those_of_the_audit():
    audit, lines = summary(200)
    counts = audit["counts"]["all"]
    row = next(line for line in lines if line.startswith("all ")).split()
    assert row == ["all", *(str(counts[one]) for one in ("critical", "warning", "unknown", "ok", "total"))]


def test_a_healthy_host_alone_needs_few_lines():
    audit = _audit.build_audit(synthetic.run(("web1",)), {"web1": synthetic.record("web1")}, POLICY)
    lines = terminal.summary_lines(audit, {})
    assert len(lines) == 5
    assert not any(line.startswith(("WORST", "MOST", "NO DATA", "REPORT")) for line in lines)


def test_the_path_of_the_page_is_whole_however_long():
    folder = "/srv/" + "very-long-folder/" * 12
    _unused, lines = summary(12, {name: folder + name for name in PATHS})
    assert lines[-1] == f"REPORT  {folder}report.html  audit.json  hosts.csv"
