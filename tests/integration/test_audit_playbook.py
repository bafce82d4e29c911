# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit playbook keeps its word: every host once, always a report, a clear answer to bad input."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible

LOCAL = "{ansible_connection: local}"
CLOSED_PORT = "{ansible_host: 127.0.0.1, ansible_port: 1, ansible_connection: ssh}"


def fleet(**hosts: str) -> str:
    """An inventory of the given hosts, as YAML."""
    return "all:\n  hosts:\n" + "".join(f"    {name}: {variables}\n" for name, variables in hosts.items())


def names(result) -> list[str]:
    """The names in the audit, sorted, repeated ones repeated."""
    return sorted(host["name"] for host in result.audit["hosts"])


def test_this_machine_is_audited_and_nothing_else_is_written(ansible: Ansible) -> None:
    """The thin line: one command, one report, no change, and no file outside the report's folder."""
    result = ansible.audit("-i", "localhost,", "-c", "local")
    assert result.exit_code == 0, result.output
    host = result.host("localhost")
    assert host["transport"] == "lean"
    assert host["dimensions"]["slab_unreclaimable_bytes"] > 0
    assert "changed=0" in result.output
    assert "\nREPORT    " in result.output
    assert sorted(path.name for path in result.report_dir.iterdir()) == ["audit.json", "hosts.csv", "report.html"]
    assert sorted(path.name for path in result.folder.iterdir()) == ["local-tmp", "reports"]


def test_first_host_unreachable_loses_nothing(ansible: Ansible) -> None:
    """Ansible ends a play when the first host of a run_once task is unreachable; the report must come all the same."""
    result = ansible.audit(inventory=fleet(a_dead=CLOSED_PORT, b_alive=LOCAL))
    assert result.exit_code == 0, result.output
    assert names(result) == ["a_dead", "b_alive"]
    assert result.host("a_dead")["no_data"]["reason"] == "refused"
    assert result.host("a_dead")["verdict"] == "unknown"
    assert result.host("b_alive")["no_data"] is None


def test_every_host_unreachable_is_reported(ansible: Ansible) -> None:
    """With no host left, Ansible would run no later task: the report is what tells."""
    result = ansible.audit(inventory=fleet(a=CLOSED_PORT, b=CLOSED_PORT))
    assert result.exit_code == 0, result.output
    assert result.audit["counts"]["all"] == {"ok": 0, "warning": 0, "critical": 0, "unknown": 2, "total": 2}
    assert result.audit["decision"]["decision"] == "inconclusive"


@pytest.mark.parametrize("broken", ["{ansible_host: '{{ nowhere }}'}", "{ansible_connection: no.such.connection}"])
def test_a_host_whose_variables_are_broken_is_reported(ansible: Ansible, broken: str) -> None:
    """Such a host never reaches the action; it must not vanish, nor take the play with it when it is the first."""
    result = ansible.audit(inventory=fleet(a_broken=broken, b_alive=LOCAL))
    assert result.exit_code == 0, result.output
    assert result.host("a_broken")["no_data"]["reason"] == "failed"
    assert len(result.host("a_broken")["no_data"]["message"]) > 10
    assert result.host("b_alive")["no_data"] is None


def test_limit_keeps_the_report(ansible: Ansible) -> None:
    """--limit drops plays on localhost; the report is not one of those."""
    result = ansible.audit("--limit", "b", inventory=fleet(a=LOCAL, b=LOCAL))
    assert result.exit_code == 0, result.output
    assert names(result) == ["b"]


def test_serial_makes_one_report(ansible: Ansible) -> None:
    """Batches must not give a report each, nor lose a host of a dead batch."""
    inventory = fleet(a=CLOSED_PORT, b=LOCAL, c=LOCAL)
    result = ansible.audit("-e", "kernel_mem_audit_serial=1", inventory=inventory)
    assert result.exit_code == 0, result.output
    assert names(result) == ["a", "b", "c"]


def test_strategy_free_makes_one_report(ansible: Ansible) -> None:
    """run_once does not hold under strategy free, which a user's configuration may set for all plays."""
    result = ansible.audit(inventory=fleet(a=LOCAL, b=LOCAL, c=CLOSED_PORT), ANSIBLE_STRATEGY="free")
    assert result.exit_code == 0, result.output
    assert names(result) == ["a", "b", "c"]
    assert result.output.count("\nREPORT    ") == 1


def test_become_in_the_inventory_changes_nothing_for_the_controller(ansible: Ansible) -> None:
    """A fleet that sets ansible_become for all hosts must not need sudo on the controller for the report."""
    inventory = fleet(a="{ansible_connection: local, ansible_become_method: no.such.method}")
    inventory += "  vars: {ansible_become: true}\n"
    result = ansible.audit(inventory=inventory)
    assert result.wrote_report, result.output
    assert result.host("a")["no_data"]["reason"] == "failed"


def test_check_mode_gathers_and_writes_nothing(ansible: Ansible) -> None:
    """In check mode the summary is shown and no file is written."""
    result = ansible.audit("--check", "-i", "localhost,", "-c", "local")
    assert result.exit_code == 0, result.output
    assert "\nREPORT    " in result.output
    assert not (result.folder / "reports").exists()


def test_only_one_task_runs_on_each_host(ansible: Ansible) -> None:
    """What the fleet pays for: one task a host; check, plan (2), choosing whom to read again (2), report run once."""
    result = ansible.audit(inventory=fleet(a=LOCAL, b=LOCAL, c=LOCAL))
    recap = [line for line in result.output.splitlines() if " ok=" in line]
    assert sorted(line.split("ok=")[1].split()[0] for line in recap) == ["1", "1", "8"], result.output


@pytest.mark.parametrize("inventory", ["all: {}", "all: {hosts: {a: {ansible_connection: local}}}"])
def test_a_run_without_hosts_is_an_error(ansible: Ansible, inventory: str) -> None:
    """Ansible itself exits with 0 when a pattern matches nothing; an audit of nothing must not look well."""
    arguments = () if "hosts" not in inventory else ("-e", "kernel_mem_audit_hosts=nobody")
    result = ansible.audit(*arguments, inventory=inventory)
    assert result.exit_code != 0
    assert "there is nothing to audit" in result.output
    assert not result.wrote_report


def test_too_few_hosts_is_an_error(ansible: Ansible) -> None:
    """A dynamic inventory that shrank is caught where the operator says how many hosts there must be."""
    result = ansible.audit("-e", "kernel_mem_audit_minimum_hosts=2", "-i", "localhost,", "-c", "local")
    assert result.exit_code != 0
    assert "kernel_mem_audit_minimum_hosts asks for 2" in result.output


def test_hosts_variable_in_group_vars_is_refused(ansible: Ansible) -> None:
    """Ansible ignores the variable there, so the audit would silently be of all hosts."""
    inventory = fleet(a=LOCAL, b=LOCAL) + "  vars: {kernel_mem_audit_hosts: b}\n"
    result = ansible.audit(inventory=inventory)
    assert result.exit_code != 0
    assert "kernel_mem_audit_hosts is set in the inventory" in result.output
    assert not result.wrote_report


def test_hosts_variable_on_the_command_line_chooses(ansible: Ansible) -> None:
    """The supported way to audit a part."""
    result = ansible.audit("-e", "kernel_mem_audit_hosts=b:c", inventory=fleet(a=LOCAL, b=LOCAL, c=LOCAL))
    assert result.exit_code == 0, result.output
    assert names(result) == ["b", "c"]


def test_a_wrong_policy_stops_before_any_host_is_touched(ansible: Ansible) -> None:
    """Every mistake at once, each with its key path, and no host was asked."""
    ansible.write(
        "policy.yml",
        "environments:\n  production:\n    limits:\n      slabb: {}\n      percpu: {warning: {percent_of_ram: 101}}\n",
    )
    result = ansible.audit("-e", "kernel_mem_audit_policy=policy.yml", inventory=fleet(a=LOCAL))
    assert result.exit_code != 0
    assert "environments.production.limits.slabb" in result.output
    assert "environments.production.limits.percpu.warning.percent_of_ram" in result.output
    assert "policy.yml" in result.output
    assert "Gather kernel memory" not in result.output
    assert not result.wrote_report


def test_an_unknown_output_stops_before_any_host_is_touched(ansible: Ansible) -> None:
    """A typing error must not cost an hour of gathering."""
    result = ansible.audit("-e", '{"kernel_mem_audit_outputs": ["report.htm"]}', inventory=fleet(a=LOCAL))
    assert result.exit_code != 0
    assert "report.htm" in result.output and "report.html" in result.output
    assert "Gather kernel memory" not in result.output


def test_a_report_folder_that_cannot_be_made_stops_before_any_host_is_touched(ansible: Ansible) -> None:
    """The place is checked first, not after the whole fleet was gathered."""
    ansible.write("occupied", "a file")
    result = ansible.audit("-e", "kernel_mem_audit_report_dir=occupied/report", inventory=fleet(a=LOCAL))
    assert result.exit_code != 0
    assert "occupied is not a folder" in result.output
    assert "Gather kernel memory" not in result.output


def test_two_names_with_one_boot_id_are_judged_once(ansible: Ansible) -> None:
    """One kernel counts once, however many names the inventory has for it."""
    result = ansible.audit(inventory=fleet(a=LOCAL, b=LOCAL))
    assert result.host("a")["no_data"] is None
    assert result.host("b")["no_data"]["reason"] == "shared_kernel"
    assert "a" in result.host("b")["no_data"]["message"].split()[-4:] or " a" in result.host("b")["no_data"]["message"]


POLICY_THAT_CONDEMNS = """
environments:
  production:
    limits:
      slab_unreclaimable:
        warning: {percent_of_ram: 0.0001, at_least: 1 KiB}
        critical: {percent_of_ram: 0.0002, at_least: 2 KiB}
"""


@pytest.mark.parametrize(("fail_on", "exit_code"), [("", 0), ("critical", 2), ("unknown", 0)])
def test_exit_code_follows_fail_on_for_a_critical_host(ansible: Ansible, fail_on: str, exit_code: int) -> None:
    """An audit that was made is a success, unless the operator says what shall fail it; the report is there either
    way.
    """
    ansible.write("policy.yml", POLICY_THAT_CONDEMNS)
    arguments = (
        "-e",
        "kernel_mem_audit_policy=policy.yml",
        *(("-e", f"kernel_mem_audit_fail_on={fail_on}") if fail_on else ()),
    )
    result = ansible.audit(*arguments, inventory=fleet(a=LOCAL))
    assert result.exit_code == exit_code, result.output
    assert result.host("a")["verdict"] == "critical"


def test_exit_code_follows_fail_on_for_missing_data(ansible: Ansible) -> None:
    """No data is never healthy: with fail_on unknown it fails the run."""
    result = ansible.audit("-e", "kernel_mem_audit_fail_on=unknown", inventory=fleet(a=LOCAL, b=CLOSED_PORT))
    assert result.exit_code == 2
    assert "1 of 2 hosts is without data" in result.output
    assert result.wrote_report


def test_environment_comes_from_group_or_variable(ansible: Ansible) -> None:
    """Group first choice of most fleets, variable the exception; both also for hosts without data."""
    inventory = (
        "all:\n  vars: {ansible_connection: local}\n  children:\n"
        "    staging: {hosts: {a: {}, b: {kernel_mem_audit_environment: development}, c: " + CLOSED_PORT + "}}\n"
    )
    result = ansible.audit(inventory=inventory)
    assert {host["name"]: host["environment"] for host in result.audit["hosts"]} == {
        "a": "staging",
        "b": "development",
        "c": "staging",
    }


def test_saved_proc_is_audited(ansible: Ansible, saved_host: Path) -> None:
    """proc_root and sys_root audit a saved copy as if it were the host."""
    variables = (
        f"{{ansible_connection: local, kernel_mem_audit_proc_root: {saved_host}/proc, "
        f"kernel_mem_audit_sys_root: {saved_host}/sys}}"
    )
    result = ansible.audit(inventory=fleet(saved=variables))
    assert result.exit_code == 0, result.output
    assert result.host("saved")["host"]["memory_total_bytes"] == 24683656 * 1024


def test_all_transports_bring_equal_facts(ansible: Ansible, saved_host: Path) -> None:
    """One collector: what differs is only how it travelled and how long it took."""
    variables = (
        f"{{ansible_connection: local, kernel_mem_audit_proc_root: {saved_host}/proc, "
        f"kernel_mem_audit_sys_root: {saved_host}/sys}}"
    )
    seen = {}
    for transport in ("lean", "module", "shell"):
        book = f"""
- hosts: all
  gather_facts: false
  tasks:
    - fleetaudit.kernel_memory.kernel_memory_facts:
        transport: {transport}
        gather_subset: [all]
        proc_root: "{saved_host}/proc"
        sys_root: "{saved_host}/sys"
    - copy:
        content: "{{{{ ansible_facts.kernel_memory | to_json }}}}"
        dest: "{ansible.folder}/{transport}.json"
        mode: "0600"
"""
        interpreter = ("-e", '{"ansible_python_interpreter": "{{ ansible_playbook_python }}"}')
        result = ansible.play(book, *interpreter, inventory=fleet(saved=variables))
        assert result.exit_code == 0, result.output
        seen[transport] = json.loads((ansible.folder / f"{transport}.json").read_text())
        assert seen[transport].pop("transport") == transport
        for moment in ("collected_at", "duration_ms"):
            seen[transport].pop(moment)
        for part in seen[transport]["attribution"].values():
            part.pop("duration_ms")
    assert seen["lean"] == seen["module"]
    assert seen["lean"] == seen["shell"]


@pytest.mark.parametrize("asked", [None, "0644"])
def test_a_report_and_the_index_of_its_folder_are_for_those_who_may_read_them(
    ansible: Ansible, asked: str | None
) -> None:
    """Owner and group, less what the umask takes; a web server's user only where a setting says so."""
    setting = () if asked is None else ("-e", f"kernel_mem_audit_report_mode='{asked}'")
    result = ansible.audit("-i", "localhost,", "-c", "local", *setting)
    assert result.exit_code == 0, result.output
    mask = os.umask(0)
    os.umask(mask)
    expected = 0o640 & ~mask if asked is None else int(asked, 8)
    index = result.report_dir.parent / "index.html"
    for path in (*result.report_dir.iterdir(), index):
        assert path.stat().st_mode & 0o777 == expected, path
    assert f'href="{result.report_dir.name}/report.html"' in index.read_text()
