# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an audit as a fleet: who is among those that are compared, and what tells them apart."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import (
    Entry,
    SeenFinding,
    traits_of_entries,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    as_in_audit,
    subject,
)


def test_hosts_without_data_are_not_among_the_rest():
    """They can't have a finding, so they would make every rate look better."""
    hosts = [as_in_audit(subject(f"h{n}")) for n in range(10)]
    gone = Entry("gone", "production", "default", ())
    assert len(traits_of_entries([*hosts, gone]).of) == 10


def test_a_host_of_an_audit_has_these_traits():
    """Kernel, groups that are roles, environment, hardware."""
    hosts = [as_in_audit(subject(f"h{n}", groups=["production", "all-of-us", "web" if n else "db"])) for n in range(12)]
    traits = traits_of_entries(hosts)
    assert traits.of["h0"] == [
        ("role", "db"),
        ("kernel", "6.12.0 x86_64"),
        ("environment", "production"),
        ("hardware", "x86_64, physical, up to 16 CPUs, 32 to 64 GiB of RAM"),
    ]
    assert {what for what, _name in traits.of["h1"]} == {"kernel", "environment", "hardware"}


def test_a_finding_about_memory_says_how_to_find_out_who_it_is() -> None:
    """Whoever reads audit.json alone, as a ticket's template does, has the next command."""
    found = [
        Finding(dimension, "limit", "critical", "current", 2.0, 1.0, "bytes", "1 KiB", "Much.", "Look.", "slabtop")
        for dimension in ("percpu", "counters")
    ]
    seen = [SeenFinding.of(finding, "web 1", "2026-11-24T12:00:00Z") for finding in found]
    assert [one.investigate for one in seen] == [
        "ansible-playbook fleetaudit.kernel_memory.investigate --limit 'web 1' --become",
        None,
    ]
