# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that are neither SSH nor local: like those of container engines, with and without standard input; and
hosts that never stop sending.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import Ansible

PLUGINS = Path(__file__).parent / "connection_plugins"


def host(kernel: Path, **variables: str) -> str:
    """The inventory of one host with the saved files of *kernel*."""
    settings = {
        "kernel_mem_audit_proc_root": f"{kernel}/proc",
        "kernel_mem_audit_sys_root": f"{kernel}/sys",
        **variables,
    }
    return "all:\n  hosts:\n    box:\n" + "".join(f"      {name}: {value}\n" for name, value in settings.items())


@pytest.mark.parametrize("transport", ["lean", "shell", "module", "auto"])
@pytest.mark.parametrize("without_input", ["false", "true"], ids=["with input", "without input"])
def test_every_transport_works_over_a_connection_like_those_of_container_engines(
    ansible: Ansible, saved_host: Path, transport: str, without_input: str
) -> None:
    """Where there is no standard input the program must travel in the command, and nothing may wait for input that
    never comes.
    """
    inventory = host(
        saved_host,
        ansible_connection="like_a_container",
        ansible_without_input=without_input,
        ansible_python_interpreter="/usr/bin/python3",
    )
    result = ansible.audit(
        "-e", f"kernel_mem_audit_transport={transport}", inventory=inventory, ANSIBLE_CONNECTION_PLUGINS=str(PLUGINS)
    )
    assert result.exit_code == 0, result.output
    box = result.host("box")
    assert box["verdict"] != "unknown", box["no_data"]
    assert box["transport"] == ("lean" if transport == "auto" else transport)
    assert box["host"]["memory_total_bytes"] == 24683656 * 1024


def test_a_host_that_never_stops_sending_is_timed_out_and_the_report_is_written(
    ansible: Ansible, saved_host: Path
) -> None:
    """A host must not hold a run for ever by talking: the task's timeout ends it, and the host has no data."""
    endless = ansible.write("endless-python", "#!/bin/sh\nwhile :; do echo so it goes on and on; sleep 0.001; done\n")
    endless.chmod(0o755)
    inventory = host(saved_host, ansible_connection="local", ansible_python_interpreter=str(endless))
    result = ansible.audit("-e", "kernel_mem_audit_timeout=5", inventory=inventory)
    assert result.host("box")["no_data"]["reason"] == "timed_out", result.output
