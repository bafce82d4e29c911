# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes to the next jobs of a workflow stays small, and says the worst first."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.hosts import Hosts
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.result import (
    LARGEST_BYTES,
    MOST_HOSTS,
    run_result,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.audit.slices import RESULT
from ansible_collections.fleetaudit.kernel_memory.tests.unit import audits
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read

PATHS = {
    name: f"/runner/project/reports/2026-11-24T120000Z/{name}" for name in ("audit.json", "report.html", "hosts.csv")
}


@pytest.fixture(scope="module")
def fleet() -> dict[str, Any]:
    """An audit of 5,000 hosts."""
    return audits.audit(5000)


def size(result: dict[str, Any]) -> int:
    """Bytes of the variable that set_stats gives on."""
    return len(json.dumps({RESULT: result}))


@pytest.mark.once
def test_it_is_small_for_a_large_fleet(fleet: dict[str, Any]) -> None:
    """AWX copies it into the variables of every job that follows."""
    result = run_result(read(fleet), "/runner/project/reports/2026-11-24T120000Z", PATHS)
    assert size(result) <= LARGEST_BYTES
    assert result["counts"]["total"] == 5000 and result["decision"] == fleet["decision"]["decision"]
    assert result["written"] == PATHS
    assert len(result["worst_hosts"]) == MOST_HOSTS
    assert len(result["worst_hosts"]) + result["hosts_left_out"] == 5000 - result["counts"]["ok"]


def test_the_worst_come_first() -> None:
    """A notification shows the beginning."""
    result = run_result(read(audits.audit(300)), None, {})
    order = ["critical", "warning", "unknown"]
    found = [order.index(host["verdict"]) for host in result["worst_hosts"]]
    assert found == sorted(found) and found[0] == 0
    assert all(host["finding"] for host in result["worst_hosts"])


@pytest.mark.once
@pytest.mark.parametrize("sign", ["x", "\u00fc", "\U0001f600"])
def test_it_is_small_whatever_things_are_called(fleet: dict[str, Any], sign: str) -> None:
    """Names and paths may be long, and of signs that take twelve bytes each."""
    hosts = [host | {"name": sign * 3000 + str(number)} for number, host in enumerate(fleet["hosts"])]
    decision = fleet["decision"] | {"sentence": sign * 9000, "reasons": [sign * 9000] * 9}
    result = run_result(
        read(fleet | {"hosts": hosts, "decision": decision}), f"/{sign * 4000}", dict.fromkeys(PATHS, f"/{sign * 4000}")
    )
    assert size(result) <= LARGEST_BYTES
    assert result["counts"] == fleet["counts"]["all"] and result["run_id"] == fleet["run_id"]
    assert len(result["worst_hosts"]) + result["hosts_left_out"] == 5000 - result["counts"]["ok"]


def test_a_healthy_fleet_and_an_old_audit() -> None:
    """Nothing to tell of is no error; older audits have no history."""
    fleet = audits.audit(20)
    result = run_result(replace(read(fleet), hosts=Hosts([]), history=None), None, {})
    assert (result["worst_hosts"], result["hosts_left_out"], result["history"]) == ([], 0, None)
