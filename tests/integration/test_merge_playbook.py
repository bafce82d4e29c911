# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook merge: slices and spools become one report; what is missing or not ours is said in one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible, Result


def slices(ansible: Ansible, saved_host: Path) -> None:
    """Audit two slices of an inventory, each into a folder of its own. The saved tree has no boot id, so two hosts
    of it are two kernels.
    """
    (ansible.folder / "slices").mkdir()
    for number, names in (("1", ("web1", "gone")), ("2", ("web2",))):
        hosts = "".join(
            f"    {name}: {{ansible_connection: "
            f"{'ssh, ansible_host: 127.0.0.1, ansible_port: 1' if name == 'gone' else 'local'}}}\n"
            for name in names
        )
        result = ansible.audit(
            "-e",
            f"kernel_mem_audit_report_dir={ansible.folder}/slices/{number}",
            "-e",
            f"kernel_mem_audit_spool={ansible.folder}/slices/{number}.jsonl",
            "-e",
            f"kernel_mem_audit_proc_root={saved_host}/proc",
            "-e",
            f"kernel_mem_audit_sys_root={saved_host}/sys",
            inventory=f"all:\n  hosts:\n{hosts}",
        )
        assert result.exit_code == 0, result.output


def merge(
    ansible: Ansible,
    inputs: list[str],
    *arguments: str,
    report_dir: str | None = "merged",
    environment: Mapping[str, str] | None = None,
    **settings: object,
) -> Result:
    """Run the playbook; *report_dir* is below the working folder, None for the default."""
    placed = {} if report_dir is None else {"kernel_mem_audit_report_dir": str(ansible.folder / report_dir)}
    variables = json.dumps({"kernel_mem_audit_merge_inputs": inputs, **placed, **settings})
    playbook = "fleetaudit.kernel_memory.merge"
    return ansible.command("ansible-playbook", playbook, "-e", variables, *arguments, **(environment or {}))


def merged(ansible: Ansible) -> dict[str, str]:
    """The verdicts of the merged audit, by host."""
    audit = json.loads((ansible.folder / "merged" / "audit.json").read_text())
    return {host["name"]: host["verdict"] for host in audit["hosts"]}


def test_slices_become_one_report(ansible: Ansible, saved_host: Path) -> None:
    """Every host of every slice once, the gaps named, check mode without a file, and spools as good as audits."""
    slices(ansible, saved_host)
    result = merge(ansible, ["slices/*/audit.json"], kernel_mem_audit_merge_expected_slices=2)
    assert result.exit_code == 0, result.output
    verdicts = merged(ansible)
    assert (
        sorted(verdicts) == ["gone", "web1", "web2"]
        and verdicts["gone"] == "unknown"
        and "unknown" not in (verdicts["web1"], verdicts["web2"])
    )
    assert "1 of 3 hosts" in result.output and "changed=0" in result.output
    assert sorted(path.name for path in (ansible.folder / "merged").iterdir()) == [
        "audit.json",
        "hosts.csv",
        "report.html",
    ]

    shutil.rmtree(ansible.folder / "merged")
    assert merge(ansible, ["slices/*/audit.json"], "--check").exit_code == 0
    assert not (ansible.folder / "merged").exists()

    result = merge(ansible, ["slices/*.jsonl"], kernel_mem_audit_outputs=["audit.json"])
    assert result.exit_code == 0, result.output
    assert merged(ansible) == verdicts

    inventory = ansible.write("all.yml", "all: {hosts: {web1: , web2: , gone: , nobody: }}")
    result = merge(
        ansible,
        ["slices/1/audit.json", "slices/3/audit.json"],
        "-i",
        str(inventory),
        kernel_mem_audit_merge_expect_inventory=True,
        kernel_mem_audit_fail_on=["unknown"],
    )
    assert result.exit_code != 0
    assert "1 input is not there" in result.output and "slices/3/audit.json" in result.output, result.output
    assert sorted(merged(ansible)) == ["gone", "nobody", "web1", "web2"]


def test_a_merged_report_is_a_report(ansible: Ansible, saved_host: Path) -> None:
    """It has its row in the folder's index, the link to the newest and old reports follow the settings, and the next
    job of a workflow gets its result, as of an audit.
    """
    slices(ansible, saved_host)
    result = merge(
        ansible,
        ["slices/*/audit.json"],
        report_dir=None,
        environment={"ANSIBLE_SHOW_CUSTOM_STATS": "true"},
        kernel_mem_audit_latest=True,
        kernel_mem_audit_fail_on=["unknown"],
    )
    assert result.exit_code == 2 and "1 of 3 hosts" in result.output, result.output
    reports = ansible.folder / "reports"
    first = (reports / "latest").resolve()
    assert f'href="{first.name}/report.html"' in (reports / "index.html").read_text()
    assert '"decision": "inconclusive"' in result.output.partition("CUSTOM STATS")[2]

    result = merge(
        ansible,
        ["slices/*/audit.json"],
        report_dir="reports/2099-01-01T000000Z",
        kernel_mem_audit_latest=True,
        kernel_mem_audit_keep_reports=1,
    )
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in reports.glob("[il2]*")) == ["2099-01-01T000000Z", "index.html", "latest"]
    assert first.name not in (reports / "index.html").read_text()


def test_what_is_not_ours_is_refused_in_one_sentence(ansible: Ansible) -> None:
    """A file of another kind must not become an empty report."""
    path = ansible.write("package.json", "{}")
    result = merge(ansible, [str(path)])
    assert result.exit_code != 0
    assert f"{path} is not an audit that this version reads: it has no schema" in result.output
    assert not (ansible.folder / "merged").exists()


def test_no_input_is_an_error(ansible: Ansible) -> None:
    """A wildcard that matches nothing is no empty fleet."""
    result = merge(ansible, ["nowhere/*/audit.json"])
    assert result.exit_code != 0 and "which no file matches." in result.output


def test_the_inputs_are_asked_for(ansible: Ansible) -> None:
    """The one variable that has no default is named where it is missing."""
    result = ansible.command("ansible-playbook", "fleetaudit.kernel_memory.merge")
    assert result.exit_code != 0 and "kernel_mem_audit_merge_inputs is not set" in result.output
