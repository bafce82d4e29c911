# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an audit in the order of their trouble, and their numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.consolidated import (
    Counts,
    available_share,
    counts_of,
    in_order,
    worst_share,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.entry import Entry, SeenFinding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.model.finding import VERDICTS, Finding
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.rules.fleet_of_subjects import (
    as_in_audit,
    subject,
)

WELL = as_in_audit(subject("web1"))


def over(severity: str, value: float, limit: float | None = 100.0) -> SeenFinding:
    """A limit that is exceeded."""
    finding = Finding("percpu", "limit", severity, "current", value, limit, "bytes", "1", "Much.", "Look.", "ls")
    return SeenFinding.of(finding, "web1", "2026-11-24T12:00:00Z")


def host(name: str, verdict: str, *findings: SeenFinding, environment: str = "production") -> Entry:
    """A host with findings."""
    return replace(WELL, name=name, verdict=verdict, findings=findings, environment=environment)


HOSTS = st.lists(
    st.builds(host, st.text("abc", min_size=1), st.sampled_from(VERDICTS), environment=st.sampled_from(["a", "b"]))
)


@given(HOSTS)
def test_every_host_is_counted_once_and_in_its_environment(hosts: list[Entry]) -> None:
    """The numbers of a page add up, by verdict and by environment."""
    found = counts_of(hosts)
    assert found.all.total == len(hosts) == sum(found.all.of(verdict) for verdict in VERDICTS)
    assert list(found.by_environment) == sorted({one.environment for one in hosts})
    for name, counts in found.by_environment.items():
        for verdict in VERDICTS:
            assert counts.of(verdict) == sum((one.environment, one.verdict) == (name, verdict) for one in hosts)
    assert Counts.together(found.by_environment.values()) == found.all


@given(HOSTS)
def test_the_worst_come_first_and_nobody_is_lost(hosts: list[Entry]) -> None:
    """By verdict, then by name where nothing is ahead of either."""
    ordered = in_order(hosts)
    assert sorted(map(id, ordered)) == sorted(map(id, hosts))
    keys = [(VERDICTS.index(one.verdict), one.name) for one in ordered]
    assert keys == sorted(keys)


def test_of_two_critical_hosts_the_one_in_more_danger_comes_first() -> None:
    """More above its limit; and a limit that is exceeded comes before nothing at all."""
    hosts = [
        host("a", "critical"),
        host("b", "critical", over("critical", 150)),
        host("c", "critical", over("critical", 300)),
        host("d", "warning", over("warning", 900)),
    ]
    assert [one.name for one in in_order(hosts)] == ["c", "b", "a", "d"]


@pytest.mark.parametrize(
    ("findings", "share"),
    [
        ((), 0.0),
        ((over("critical", 150),), 1.5),
        ((over("critical", 150), over("critical", 200)), 2.0),
        # What made the host critical counts, not what would have made it a warning.
        ((over("critical", 150), over("warning", 900)), 1.5),
        ((over("critical", 150, None),), 0.0),
    ],
)
def test_how_far_above_its_limit_a_host_is(findings: tuple[SeenFinding, ...], share: float) -> None:
    """Half above it is 1.5."""
    assert worst_share(host("a", "critical", *findings)) == share


def test_what_is_available_of_a_host() -> None:
    """Not known is not nothing."""
    machine = WELL.host
    assert machine is not None and machine.memory_available_bytes is not None and machine.memory_total_bytes
    assert available_share(WELL) == machine.memory_available_bytes / machine.memory_total_bytes
    for unknown in (
        None,
        replace(machine, memory_available_bytes=None),
        replace(machine, memory_total_bytes=None),
        replace(machine, memory_total_bytes=0),
    ):
        assert available_share(replace(WELL, host=unknown)) is None


def test_counts_are_ordered_by_trouble() -> None:
    """One critical host comes before any number of warnings, these before hosts without data."""
    counts = [Counts(ok=9), Counts(unknown=5), Counts(warning=1), Counts(critical=1), Counts(warning=2)]
    ordered = sorted(counts, key=lambda one: one.by_trouble)
    assert ordered == [Counts(critical=1), Counts(warning=2), Counts(warning=1), Counts(unknown=5), Counts(ok=9)]
