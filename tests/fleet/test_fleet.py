# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fleet over real SSH, with everything wrong that goes wrong in fleets: the report tells each apart."""

from __future__ import annotations

import csv
import json
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.loopback import ROOT
from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import SAVED, Fleet

WRONG = {
    "unreachable": "refused",
    "silent": "connect_timed_out",
    "hanging": "timed_out",
    "refusing": "no_answer",
    "no-interpreter": "no_python",
    "bsd": "not_linux",
    "live-again": "shared_kernel",
}
WELL = (
    [f"saved{number:02}" for number in range(1, SAVED + 1)]
    + ["live"]
    + (["plain-user", "sudo-user", "sudo-wants-terminal", "no-python"] if ROOT else [])
)


def host(audit: dict[str, Any], name: str) -> dict[str, Any]:
    """The one entry of a host."""
    found = [entry for entry in audit["hosts"] if entry["name"] == name]
    assert len(found) == 1, f"{name} stands {len(found)} times in the audit"
    return found[0]


def test_every_host_stands_in_every_output_once(lean: dict[str, Any]) -> None:
    """The report is of the inventory, not of those that answered."""
    expected = sorted([*WELL, *WRONG])
    assert len(expected) >= 20
    assert sorted(entry["name"] for entry in lean["hosts"]) == expected
    with (lean["report"] / "hosts.csv").open(newline="") as table:
        assert sorted(row["host"] for row in csv.DictReader(table)) == expected


@pytest.mark.parametrize(("name", "reason"), sorted(WRONG.items()))
def test_what_is_wrong_is_told_apart(lean: dict[str, Any], name: str, reason: str) -> None:
    """Each way of giving no data has its own name, sentence and next step, and is never healthy."""
    entry = host(lean, name)
    assert entry["no_data"]["reason"] == reason, entry["no_data"]
    assert entry["verdict"] == "unknown"
    assert len(entry["no_data"]["message"]) > 20 and len(entry["no_data"]["next_step"]) > 20


@pytest.mark.parametrize("name", WELL)
def test_hosts_that_answer_are_accounted_for(lean: dict[str, Any], name: str) -> None:
    """Facts came through SSH, by plain user or sudo, and the columns add up by hand."""
    entry = host(lean, name)
    assert entry["no_data"] is None, entry["no_data"]
    assert entry["transport"] == ("shell" if name == "no-python" else "lean")
    parts = [value for part, value in entry["dimensions"].items() if part != "unaccounted_bytes" and value is not None]
    assert sum(parts) == entry["kernel_total_bytes"]


def test_the_sick_host_is_critical_and_first(lean: dict[str, Any]) -> None:
    """30 % of RAM in slab that can't be reclaimed is above any limit; the worst host leads the list."""
    assert lean["hosts"][0]["name"] == f"saved{SAVED:02}"
    assert lean["hosts"][0]["verdict"] == "critical"
    assert lean["decision"]["decision"] == "fail"
    assert lean["counts"]["all"]["critical"] == 1


def test_environment_follows_the_group_also_without_data(lean: dict[str, Any]) -> None:
    """saved03 answered and silent did not; both are in the group staging."""
    assert host(lean, "saved03")["environment"] == "staging"
    assert host(lean, "silent")["environment"] == "staging"


def test_audit_made_is_exit_code_0(lean: dict[str, Any]) -> None:
    """Findings and missing data are the report's business unless fail_on says otherwise."""
    assert lean["exit_code"] == 0, lean["output"]


def test_module_transport_gives_equal_facts(fleet: Fleet, lean: dict[str, Any]) -> None:
    """The same hosts by the ordinary module: the same account of each saved host."""
    only = ":".join(name for name in WELL if name.startswith("saved"))
    given = {"ansible_python_interpreter": "/usr/bin/python3", "kernel_mem_audit_transport": "module"}
    if not ROOT:
        given["ansible_pipelining"] = (
            "true"  # without it Ansible asks for a terminal, which sshd can't give unless it is root
        )
    audit = fleet.audit("module-run", "-e", json.dumps(given), "--limit", only)
    assert audit["exit_code"] == 0, audit["output"]
    for entry in audit["hosts"]:
        twin = host(lean, entry["name"])
        assert entry["transport"] == "module", entry["no_data"]
        for part in (
            "host",
            "platform",
            "dimensions",
            "kernel_total_bytes",
            "kernel_unreclaimable_bytes",
            "accounting",
            "unavailable",
            "verdict",
        ):
            assert entry[part] == twin[part], f"{entry['name']}: {part}"
