# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A post-mortem is an audit, too: a folder of saved trees, each a host."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ansible_collections.fleetaudit.kernel_memory.tests.integration.running import SAMPLES, Ansible, Result

PLAYBOOK = "fleetaudit.kernel_memory.audit_saved"


def audit_saved(ansible: Ansible, folder: Path) -> Result:
    """Run the playbook on a folder."""
    return ansible.command("ansible-playbook", PLAYBOOK, "-e", f"kernel_mem_audit_saved={folder}")


def test_every_tree_is_a_host_with_its_own_time(ansible: Ansible) -> None:
    """Five kernels saved, five hosts in the report, each sampled when its meminfo was written."""
    for name in ("5.10.0-46-cloud-amd64", "6.18-host"):
        shutil.copytree(SAMPLES / name, ansible.folder / "sos" / f"sosreport {name}", symlinks=True)
    os.utime(ansible.folder / "sos" / "sosreport 6.18-host" / "proc" / "meminfo", (1_700_000_000, 1_700_000_000))
    result = audit_saved(ansible, ansible.folder / "sos")
    assert result.exit_code == 0, result.output
    assert sorted(host["name"] for host in result.audit["hosts"]) == [
        "sosreport_5.10.0-46-cloud-amd64",
        "sosreport_6.18-host",
    ]
    host = result.host("sosreport_6.18-host")
    assert host["collected_at"] == "2023-11-14T22:13:20Z"
    assert host["host"]["memory_total_bytes"] == 24683656 * 1024


def test_files_that_were_copied_without_their_folders_are_a_host(ansible: Ansible) -> None:
    """As a crash script copies them; what is in a whole tree, or of a NUMA node, is no host of its own."""
    saved = SAMPLES / "6.18-host"
    flat, whole = ansible.folder / "sos" / "web1", ansible.folder / "sos" / "web2"
    flat.mkdir(parents=True)
    for name in ("meminfo", "vmstat", "uptime", "loadavg"):
        shutil.copy2(saved / "proc" / name, flat / name)
    shutil.copytree(saved, whole, symlinks=True)
    shutil.copy2(saved / "proc" / "meminfo", whole / "meminfo")
    node = whole / "sys" / "devices" / "system" / "node" / "node0"
    node.mkdir(parents=True, exist_ok=True)
    shutil.copy2(saved / "proc" / "meminfo", node / "meminfo")
    result = audit_saved(ansible, ansible.folder / "sos")
    assert result.exit_code == 0, result.output
    assert sorted(host["name"] for host in result.audit["hosts"]) == ["web1", "web2"]
    one, other = result.host("web1"), result.host("web2")
    assert one["dimensions"]["slab_unreclaimable_bytes"] == other["dimensions"]["slab_unreclaimable_bytes"]
    assert one["host"]["memory_total_bytes"] == 24683656 * 1024


def test_two_trees_of_one_name_are_refused(ansible: Ansible) -> None:
    """Otherwise one of them would silently vanish from the report."""
    for folder in ("monday", "tuesday"):
        shutil.copytree(SAMPLES / "6.18-host", ansible.folder / "sos" / folder / "web1", symlinks=True)
    result = audit_saved(ansible, ansible.folder / "sos")
    assert result.exit_code != 0
    assert "would be one host" in result.output and "monday/web1" in result.output


def test_a_folder_without_trees_is_one_sentence(ansible: Ansible) -> None:
    """A wrong folder must not look like a healthy fleet."""
    result = audit_saved(ansible, ansible.folder)
    assert result.exit_code != 0
    assert "There is no proc/meminfo below" in result.output
    assert not result.wrote_report


def test_the_folder_must_be_given(ansible: Ansible) -> None:
    """What is missing, and what to give."""
    result = ansible.command("ansible-playbook", PLAYBOOK)
    assert result.exit_code != 0
    assert "kernel_mem_audit_saved is not set" in result.output
