# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook compare: what changed between two audits, as text, as files and as an exit code."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible, Result


@pytest.fixture
def audits(ansible: Ansible) -> Ansible:
    """A folder with an audit of this machine, and one like it in which the machine is critical."""
    result = ansible.audit(
        "-i", "localhost,", "-c", "local", "-e", f"kernel_mem_audit_report_dir={ansible.folder}/before"
    )
    assert result.exit_code == 0, result.output
    before: dict[str, Any] = json.loads((ansible.folder / "before" / "audit.json").read_text())
    before["hosts"][0] |= {"findings": [], "verdict": "ok", "no_data": None}
    ansible.write("before/audit.json", json.dumps(before))
    after = copy.deepcopy(before)
    finding = {
        "dimension": "percpu",
        "kind": "limit",
        "severity": "critical",
        "status": "current",
        "value": 3 * 2**30,
        "limit": 2**30,
        "unit": "bytes",
        "expected": "at most 1 GiB",
        "explanation": "Per-CPU memory is 3 GiB.",
        "next_step": "Look.",
        "command": "",
    }
    after["hosts"][0] |= {"verdict": "critical", "findings": [finding]}
    ansible.write("after/audit.json", json.dumps(after))
    return ansible


def compare(ansible: Ansible, before: str, after: str, **settings: object) -> Result:
    """Run the playbook."""
    variables = json.dumps(
        {"kernel_mem_audit_compare_before": before, "kernel_mem_audit_compare_after": after, **settings}
    )
    return ansible.command("ansible-playbook", "fleetaudit.kernel_memory.compare", "-e", variables)


def test_what_became_worse_is_printed_and_written(audits: Ansible) -> None:
    """A folder of a report is as good as its audit.json."""
    result = compare(audits, "before", "after/audit.json", kernel_mem_audit_compare_dest="compared")
    assert result.exit_code == 0, result.output
    assert "RESULT  1 host is worse and 0 are better" in result.output and "changed=0" in result.output
    assert "none -> critical      localhost  Per-CPU 3 GiB (limit 1 GiB)" in result.output
    comparison = json.loads((audits.folder / "compared" / "compare.json").read_text())
    assert [change["name"] for change in comparison["appeared"]] == ["localhost"]
    assert "`localhost`" in (audits.folder / "compared" / "compare.md").read_text()


def test_it_fails_only_where_it_is_asked_to(audits: Ansible) -> None:
    """An upgrade's pipeline stops at worse hosts and goes on at better ones."""
    assert compare(audits, "after", "before", kernel_mem_audit_compare_fail_on=["worse"]).exit_code == 0
    result = compare(audits, "before", "after", kernel_mem_audit_compare_fail_on=["worse"])
    assert result.exit_code != 0 and "demands: 1 host is worse and 0 are better." in result.output


def test_a_report_that_is_not_there_is_named(audits: Ansible) -> None:
    """One sentence with the path."""
    result = compare(audits, "before", "nowhere")
    assert result.exit_code != 0 and f"there is no file {audits.folder}/nowhere." in result.output
