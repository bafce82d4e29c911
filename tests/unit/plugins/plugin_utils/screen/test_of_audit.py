# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the last screen says of an audit is what the audit says, bounded and safe to look at."""

from __future__ import annotations

import json

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.screen.of_audit import content_of
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.words.names import shared_ending
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits, synthetic
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

PATHS = {name: f"/srv/reports/today/{name}" for name in ("audit.json", "hosts.csv", "report.html")}


def test_the_counts_are_those_of_the_audit() -> None:
    """One audit, one verdict, wherever it is shown."""
    audit = audits.audit_with_history(200)
    content, counts = content_of(read(audit), PATHS), audit["counts"]["all"]
    assert (content.critical, content.warning, content.ok, content.total) == tuple(
        counts[name] for name in ("critical", "warning", "ok", "total")
    )
    assert content.without_data + content.shared == counts["unknown"]
    assert sum(row.number for row in content.no_data) == counts["unknown"]
    assert content.report == PATHS["report.html"] and set(content.others) == set(PATHS.values()) - {content.report}


def test_every_host_that_alarms_has_a_cause() -> None:
    """Hosts of one cause are told once, with how many more have it."""
    audit = audits.audit(500)
    content = content_of(read(audit), PATHS)
    assert content.causes_total == len(content.causes)
    alarming = sum(host["verdict"] in ("critical", "warning") for host in audit["hosts"])
    assert sum(1 + cause.more for cause in content.causes) == alarming


def test_it_is_small_whatever_the_fleet_and_whatever_hosts_say() -> None:
    """It stands in a task's result, which callbacks, logs and AWX keep."""
    audit = audits.shouted(audits.audit_with_history(500), "\x1b]0;owned\x07" + "x" * 5000)
    plain = json.dumps(content_of(read(audit), PATHS).as_plain())
    assert len(plain) < 40_000
    assert "\x1b" not in json.loads(plain)["causes"][0]["what"] and "\\u001b" not in plain


def test_what_soonest_reaches_its_limit_comes_first() -> None:
    """A host with two days left is more urgent than one that has been over its limit for months."""
    audit = audits.audit(60)
    first, second = audit["hosts"][:2]
    first.update(verdict="critical", findings=[synthetic.finding("percpu", "critical")])
    reach = {"estimate": 2.4, "limit_bytes": 10 * synthetic.GIB}
    evidence = {"time_to_limit_days": reach, "since": "2026-11-20T00:00:00Z", "slope_bytes_per_day": 2**30}
    growing = synthetic.growth("slab_unreclaimable", "warning", evidence=evidence)
    second.update(verdict="warning", findings=[growing])
    cause = content_of(read(audit), PATHS).causes[0]
    assert (cause.host, cause.left, cause.since) == (second["name"], "2 days", "since 20 Nov")


def test_an_ending_is_shared_by_all_names_and_begins_with_a_dot() -> None:
    """The part that all names have says nothing, and takes the width of what does."""
    assert shared_ending(["a.x.net", "b.x.net", "c.x.net"]) == ".x.net"
    assert shared_ending(["a1.x.net", "b1.x.net", "c1.x.net"]) == ".x.net"
    assert shared_ending(["a.x.net", "b.x.net"]) == ""
    assert shared_ending(["a.x.net", "b.x.net", "c"]) == ""
