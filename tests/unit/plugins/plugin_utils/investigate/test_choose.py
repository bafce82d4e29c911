# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts of an investigation: the worst of an audit and healthy ones beside them, or those of a play."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.choose import (
    of_an_audit,
    of_the_play,
)
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit


@pytest.fixture(scope="module")
def fleet() -> dict[str, Any]:
    """A fleet of 200 hosts."""
    return audit()


def names(fleet: dict[str, Any]) -> list[str]:
    """All hosts."""
    return [host["name"] for host in fleet["hosts"]]


def test_the_worst_hosts_come_first(fleet: dict[str, Any]) -> None:
    """Critical before warning, and what is most above its limit."""
    found = of_an_audit(fleet, names(fleet), 6, 0)
    verdicts = {host["name"]: host["verdict"] for host in fleet["hosts"]}
    severities = [verdicts[host.name] for host in found.hosts]
    assert len(severities) == 6 and severities == sorted(severities)
    assert all(host.role == "sick" for host in found.hosts)
    assert "have findings; the worst 6 are investigated" in found.notes[0]


def test_each_is_asked_for_the_dimensions_of_its_findings(fleet: dict[str, Any]) -> None:
    """A finding need not grow in the seconds of an investigation."""
    by_name = {host["name"]: host for host in fleet["hosts"]}
    for host in of_an_audit(fleet, names(fleet), 50, 0).hosts:
        found = {finding["dimension"] for finding in by_name[host.name]["findings"]}
        assert set(host.dimensions) <= found and len(host.dimensions) <= 2


def test_healthy_hosts_have_the_kernel_of_a_sick_one(fleet: dict[str, Any]) -> None:
    """Else they would differ in more than in being sick."""
    found = of_an_audit(fleet, names(fleet), 3, 2)
    by_name = {host["name"]: host for host in fleet["hosts"]}
    kernels = {by_name[host.name]["host"]["kernel_release"] for host in found.hosts if host.role == "sick"}
    well = [by_name[host.name] for host in found.hosts if host.role == "healthy"]
    assert len(well) == 2
    assert all(host["verdict"] == "ok" and host["host"]["kernel_release"] in kernels for host in well)


def test_only_hosts_of_the_play_are_taken(fleet: dict[str, Any]) -> None:
    """--limit is a promise."""
    sick = [host.name for host in of_an_audit(fleet, names(fleet), 5, 0).hosts]
    found = of_an_audit(fleet, sick[:2], 5, 2)
    assert [host.name for host in found.hosts] == sick[:2]
    assert "with findings are not hosts of this play" in found.notes[0]
    with pytest.raises(ValueError, match="has no host with a warning or a critical finding here; .* are not hosts of"):
        of_an_audit(fleet, ["elsewhere"], 5, 2)


def test_a_play_has_a_handful_of_hosts() -> None:
    """Nobody wants four thousand investigations for a forgotten --limit."""
    assert [host.role for host in of_the_play(["a", "b"], 10).hosts] == ["asked", "asked"]
    with pytest.raises(
        ValueError, match=r"match 11 hosts, and an investigation takes 10 at most; name some with --lim"
    ):
        of_the_play([str(number) for number in range(11)], 10)
    with pytest.raises(ValueError, match="there is nothing to look at"):
        of_the_play([], 10)
