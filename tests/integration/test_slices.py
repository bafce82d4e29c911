# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Slices of a fleet, and one report of them: without AWX, over a file, with each ansible-core."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.fleet.saved_fleet import saved_hosts
from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible, Result

RUN = ("-e", "kernel_mem_audit_run_id=r1", "-e", "kernel_mem_audit_history=history.db")
NOT_REQUIRED = ("-e", "kernel_mem_audit_history_required=false")
FAIL_ON_CRITICAL = ("-e", '{"kernel_mem_audit_fail_on": ["critical"]}')


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Three saved hosts, the last of them sick."""
    made = saved_hosts(tmp_path_factory.mktemp("hosts"))
    return {
        name: {**made[name], "ansible_host": "localhost", "ansible_connection": "local"}
        for name in ("saved01", "saved02", "saved16")
    }


def run(ansible: Ansible, playbook: str, hosts: dict[str, Any], *arguments: str) -> Result:
    """Run a playbook over some hosts; each run has a folder of reports."""
    inventory = ansible.write("hosts.json", json.dumps({"all": {"hosts": hosts}}))
    number = len(list(ansible.folder.glob("reports*")))
    return ansible.command(
        "ansible-playbook",
        f"fleetaudit.kernel_memory.{playbook}",
        "-i",
        str(inventory),
        *arguments,
        "-e",
        f"kernel_mem_audit_report_dir=reports{number}",
        ANSIBLE_SHOW_CUSTOM_STATS="true",
    )


def audit(folder: Path) -> dict[str, Any]:
    """The report of the last run that wrote one."""
    return dict(json.loads(max(folder.glob("reports*/audit.json")).read_text()))


def test_one_report_of_slices(ansible: Ansible, hosts: dict[str, dict[str, Any]]) -> None:
    """Of what two runs gathered apart, with a host that neither has; its outcome is that of the fleet, and its
    result is handed on even so.
    """
    names = list(hosts)
    for name in names[:2]:
        gathered = run(ansible, "audit", {name: hosts[name]}, *RUN, "-e", "kernel_mem_audit_keep_records=true")
        assert gathered.exit_code == 0, gathered.output
    run(ansible, "report", hosts, *RUN)
    assert {host["name"]: host["no_data"] and host["no_data"]["reason"] for host in audit(ansible.folder)["hosts"]} == {
        "saved01": None,
        "saved02": None,
        "saved16": "not_run",
    }
    assert (
        run(
            ansible,
            "audit",
            {"saved16": hosts["saved16"]},
            *RUN,
            "-e",
            "kernel_mem_audit_keep_records=true",
            *FAIL_ON_CRITICAL,
        ).exit_code
        == 2
    )
    whole = run(ansible, "report", hosts, *RUN, *FAIL_ON_CRITICAL)
    assert whole.exit_code == 2
    assert [(host["name"], host["verdict"]) for host in audit(ansible.folder)["hosts"]][0] == ("saved16", "critical")
    assert (
        audit(ansible.folder)["counts"]["all"]["total"] == 3 and audit(ansible.folder)["counts"]["all"]["unknown"] == 0
    )
    assert "kernel_mem_audit_result" in whole.output.split("CUSTOM STATS")[1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (RUN, "has no record of the run r1"),
        (("-e", "kernel_mem_audit_history=none"), "this report has none; name theirs by kernel_mem_audit_history"),
        (
            ("-e", "kernel_mem_audit_history=postgresql://audit:hidden@127.0.0.1:1/fleet", *NOT_REQUIRED),
            "The records of slices are in the history store and nowhere else",
        ),
    ],
)
def test_a_report_of_nothing_is_an_error(
    ansible: Ansible, hosts: dict[str, dict[str, Any]], arguments: tuple[str, ...], sentence: str
) -> None:
    """It would look like a fleet that is down. What is wrong is another name of the run, or another store."""
    result = run(ansible, "report", hosts, *arguments)
    assert result.exit_code == 2
    assert sentence in result.output.replace("\n", " ") and "hidden" not in result.output
    assert not list(ansible.folder.glob("reports*/audit.json"))


def test_a_slice_that_cannot_leave_its_records_fails(ansible: Ansible, hosts: dict[str, dict[str, Any]]) -> None:
    """Green, it would look as if the report had its hosts. It is the second audit in its workflow, and so a run of
    its own.
    """
    result = run(
        ansible,
        "audit",
        {"saved01": hosts["saved01"]},
        "-e",
        "awx_workflow_job_id=9",
        "-e",
        '{"kernel_mem_audit_result": {"run_id": "awx-9"}}',
        "-e",
        "kernel_mem_audit_history=postgresql://audit:hidden@127.0.0.1:1/fleet",
        *NOT_REQUIRED,
    )
    assert result.exit_code == 2
    assert (
        "so the report of the run awx-9-2 will lack its hosts" in result.output.replace("\n", " ")
        and "hidden" not in result.output
    )
    assert audit(ansible.folder)["counts"]["all"]["ok"] == 1, "its own report is written all the same"
