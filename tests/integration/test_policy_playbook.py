# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook policy: what each host is judged by, and where that comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible, Result
from ansible_collections.fleetaudit.kernel_memory.tests.support.surroundings import ROOT

INVENTORY = """
all:
  hosts:
    web1: {ansible_connection: local, ansible_python_interpreter: "{{ ansible_playbook_python }}"}
    gone: {ansible_host: 192.0.2.1, ansible_ssh_common_args: -o ConnectTimeout=1}
  children:
    prod: {hosts: {web1: }}
"""
POLICY = """\
environments:
  production:
    groups: [prod]
    limits:
      percpu: none
profiles:
  - name: large
    match: host.memory_total_bytes > `20000000000`
    limits:
      vmalloc: none
"""


def show(ansible: Ansible, saved_host: Path, *arguments: str, policy: str = POLICY) -> Result:
    """Run the playbook with a policy file, on a saved tree for the host that is there."""
    path = ansible.write("policy.yml", policy)
    inventory = ansible.write("hosts.yml", INVENTORY)
    return ansible.command(
        "ansible-playbook",
        "fleetaudit.kernel_memory.policy",
        "-i",
        str(inventory),
        "-e",
        f"kernel_mem_audit_policy={path}",
        "-e",
        f"kernel_mem_audit_proc_root={saved_host}/proc",
        "-e",
        f"kernel_mem_audit_sys_root={saved_host}/sys",
        *arguments,
    )


def test_each_host_shows_its_settings_profiles_and_origins(ansible: Ansible, saved_host: Path) -> None:
    """A host that does not answer shows what is known without it."""
    result = show(ansible, saved_host)
    assert result.exit_code == 0, result.output
    assert "web1 is judged as production (group prod) by the policy" in result.output
    assert "Profiles: large. What has no [origin] is built-in production." in result.output
    assert "off  [production, line 5]" in result.output
    assert "off  [profile large, line 10]" in result.output
    assert "gone is judged as production (default) by the policy" in result.output
    assert "Profiles: not tried, since nothing was read from this host." in result.output


@pytest.mark.parametrize(
    ("arguments", "policy"),
    [(("-e", "kernel_mem_audit_facts=false"), POLICY), ((), "environments: {production: {groups: [prod]}}\n")],
)
def test_no_host_is_touched_without_need(
    ansible: Ansible, saved_host: Path, arguments: tuple[str, ...], policy: str
) -> None:
    """Neither when facts are switched off, nor when the policy has no profiles."""
    result = show(ansible, saved_host, *arguments, policy=policy)
    assert result.exit_code == 0, result.output
    assert "unreachable=0" in result.output and "UNREACHABLE" not in result.output
    assert result.output.count("skipping: [") == 2
    assert "gone is judged as production (default)" in result.output


def test_a_mistake_in_the_policy_is_said_with_its_line(ansible: Ansible, saved_host: Path) -> None:
    """Nothing is shown of a policy that can't be used."""
    result = show(ansible, saved_host, "--limit", "web1", policy=POLICY.replace("percpu", "percu"))
    assert result.exit_code != 0
    assert (
        "environments.production.limits.percu: line 5: is not a key that can stand here; did you mean percpu?"
        in result.output
    )


def test_the_complete_example_can_be_used_as_it_is(ansible: Ansible, saved_host: Path) -> None:
    """Somebody copies it and starts from there."""
    example = (ROOT / "docs" / "examples" / "policy.yml").read_text()
    result = show(ansible, saved_host, "--limit", "web1", policy=example)
    assert result.exit_code == 0, result.output
    assert "Profiles: " in result.output
