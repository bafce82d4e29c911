# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit as groups and variables of hosts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.opening import open_store
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.history.store import NewFinding
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.inventory import (
    Entry,
    check_age,
    chosen,
    entries_of_audit,
    entries_of_history,
    entries_of_report,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs import audit_json
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit_with_history
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.plugins.plugin_utils.history.making import add


@pytest.fixture(scope="module")
def fleet() -> dict[str, Any]:
    """A fleet with findings of every kind."""
    return audit_with_history(60)


def test_a_host_is_in_the_groups_of_what_was_found(fleet: dict[str, Any]) -> None:
    """By verdict, kind, dimension, severity, pattern, kernel, environment."""
    entries = {entry.name: entry for entry in entries_of_audit(fleet, {})}
    assert set(entries) == {host["name"] for host in fleet["hosts"]}
    for host in fleet["hosts"]:
        groups = entries[host["name"]].groups
        assert host["verdict"] in groups and f"environment_{host['environment']}" in groups
        for one in host["findings"]:
            assert {f"finding_{one['kind']}", f"dimension_{one['dimension']}"} <= set(groups)
        assert all(group.replace("_", "").isalnum() and group.isascii() for group in groups)
        if host["host"] and host["host"]["kernel_release"]:
            assert any(group.startswith("kernel_") for group in groups)


def test_a_host_has_what_somebody_acts_on(fleet: dict[str, Any]) -> None:
    """Days left, owner, and the command of an investigation."""
    bad = next(host for host in fleet["hosts"] if host["findings"])
    soon, later = (
        {**bad["findings"][0], "evidence": {"time_to_limit_days": {"estimate": days}}} for days in (4.2, 30.0)
    )
    changed = {**fleet, "hosts": [{**bad, "findings": [later, soon, *bad["findings"]]}]}
    told = {entry.name: entry.variables for entry in entries_of_audit(changed, {})}
    assert told[bad["name"]]["days_left"] == 4.2
    assert told[bad["name"]]["investigate"] == (
        f"ansible-playbook fleetaudit.kernel_memory.investigate --limit {bad['name']} --become"
    )
    assert told[bad["name"]]["run_id"] == fleet["run_id"]


def test_the_owner_is_that_of_the_dimension(fleet: dict[str, Any]) -> None:
    """And the unit of the process, so that it can be restarted."""
    [host] = [host for host in fleet["hosts"] if host["findings"]][:1]
    finding = {**host["findings"][0], "dimension": "page_tables"}
    process = {"pid": 7, "command": "postgres", "bytes": 1, "cgroup": "/system.slice/postgresql.service"}
    part = {"page_table_processes": {"processes": [{**process, "container_id": None}]}}
    changed = {**fleet, "hosts": [{**host, "findings": [finding], "attribution": part}]}
    [entry] = entries_of_audit(changed, {})
    told = entry.variables
    assert (told["owner"], told["unit"]) == ("process postgres", "postgresql.service")


def test_a_culprit_gives_its_unit(fleet: dict[str, Any]) -> None:
    """It was seen, where the audit's owner is only the largest."""
    name = fleet["hosts"][0]["name"]
    culprit = {"sentence": "x", "process": {"command": "tcpdump -i", "unit": "capture.service"}}
    entry = next(entry for entry in entries_of_audit(fleet, {name: culprit}) if entry.name == name)
    assert entry.variables["unit"] == "capture.service"
    assert "culprit_tcpdump_i" in entry.groups


def test_a_container_is_no_unit(fleet: dict[str, Any]) -> None:
    """Nobody should restart a name that systemd does not know."""
    name = fleet["hosts"][0]["name"]
    entry = entries_of_audit(fleet, {name: {"process": {"command": "x", "unit": "4f3a"}}})[0]
    assert entry.variables["unit"] is None


def test_the_newest_report_of_a_folder_is_taken(tmp_path: Path, fleet: dict[str, Any]) -> None:
    """An inventory of a folder of reports is that of its newest."""
    for name in ("2026-11-24T120000Z-2", "2026-11-24T120000Z"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "audit.json").write_text(audit_json.render(read({**fleet, "run_id": name})))
    assert entries_of_report(str(tmp_path))[0].variables["run_id"] == "2026-11-24T120000Z-2"


def test_without_a_report_it_is_said(tmp_path: Path) -> None:
    """In one sentence that names the path."""
    with pytest.raises(ValueError, match="holds neither an audit.json nor folders with one"):
        entries_of_report(str(tmp_path))
    (tmp_path / "audit.json").write_text(json.dumps({"schema": "x"}))
    with pytest.raises(ValueError, match="is not an audit that this version reads"):
        entries_of_report(str(tmp_path))
    with pytest.raises(ValueError, match="There is no file"):
        entries_of_report(str(tmp_path / "nowhere"))


def test_a_lookup_chooses(fleet: dict[str, Any]) -> None:
    """By verdict and dimension; nothing asked is everything."""
    entries = entries_of_audit(fleet, {})
    assert len(chosen(entries, [], [], [])) == len(fleet["hosts"])
    critical = chosen(entries, ["critical"], [], [])
    assert critical and all(host["verdict"] == "critical" for host in critical)
    for host in chosen(entries, [], ["percpu"], []):
        assert "dimension_percpu" in host["groups"]


def test_a_history_has_the_findings_of_the_latest_run(tmp_path: Path) -> None:
    """Without causes, owners and environments, which it does not keep."""
    store = open_store(str(tmp_path / "history.sqlite3"))
    add(
        store,
        "run-1",
        1795521600,
        findings={"web1": [NewFinding("percpu", "limit", "critical", "current", 9, 5)], "web2": []},
    )
    store.close()
    entries = {entry.name: entry for entry in entries_of_history(str(tmp_path / "history.sqlite3"))}
    assert entries["web1"].groups == ("critical", "finding_limit", "dimension_percpu", "severity_critical")
    assert entries["web2"].groups == ("ok",)


def aged(*times: str | None) -> list[Entry]:
    """Hosts with the times of their audits."""
    variables = entries_of_audit(audit_with_history(5), {})[0].variables
    return [Entry(f"web{place}", (), {**variables, "audited_at": at}) for place, at in enumerate(times)]


def test_an_audit_that_is_too_old_is_not_acted_on() -> None:
    """The newest of all hosts counts; a source without any time is none that is new enough."""
    now = 1795521600.0
    hosts = aged("2026-11-24T10:00:00Z", "2026-11-23T12:00:00Z", None)
    check_age(hosts, 2.0, now)
    check_age(hosts, None, now + 9e9)
    check_age([], None, now)
    with pytest.raises(ValueError, match=r"^the newest audit is 3 hours old, and maximum_age is 2\.$"):
        check_age(hosts, 2.0, now + 3600)
    with pytest.raises(ValueError, match="no host has the time of an audit, and maximum_age is 2"):
        check_age(aged(None), 2.0, now)
