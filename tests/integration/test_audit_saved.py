# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A post-mortem is an audit, too: a folder of saved trees, each a host."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
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


def test_two_machines_of_one_name_are_refused(ansible: Ansible) -> None:
    """Otherwise one of them would silently vanish from the report."""
    for folder, sample in (("monday", "6.18-host"), ("tuesday", "5.10.0-46-cloud-amd64")):
        shutil.copytree(SAMPLES / sample, ansible.folder / "sos" / folder / "web1", symlinks=True)
    result = audit_saved(ansible, ansible.folder / "sos")
    assert result.exit_code != 0
    assert "would be one host" in result.output and "monday/web1" in result.output


def grows(folder: Path, days: int) -> None:
    """Save a copy of a host for each day, whose unreclaimable slab grows by 200 MiB a day, the newest now."""
    now = int(time.time())
    for day in range(days):
        root = folder / f"web1-{day:02}" / "proc"
        shutil.copytree(SAMPLES / "6.18-host" / "proc", root, symlinks=True)
        text = (root / "meminfo").read_text()
        more = day * 200 * 1024

        def changed(name: str, by: int, text: str) -> str:
            return re.sub(rf"(?m)^{name}:\s+(\d+) kB", lambda found: f"{name}: {int(found[1]) + by} kB", text)

        for name, by in (("Slab", more), ("SUnreclaim", more), ("MemFree", -more), ("MemAvailable", -more)):
            text = changed(name, by, text)
        (root / "meminfo").write_text(text)
        boot_id = root / "sys" / "kernel" / "random" / "boot_id"
        boot_id.parent.mkdir(parents=True, exist_ok=True)
        boot_id.write_text("6f1c6f1c-0000-4000-8000-000000000001\n")
        (root / "uptime").write_text(f"{(30 + day) * 86400}.00 1.00\n")
        at = now - (days - 1 - day) * 86400
        os.utime(root / "meminfo", (at, at))


def test_copies_of_one_host_are_its_history(ansible: Ansible) -> None:
    """A post-mortem with twelve copies finds the leak; folders and tarballs, in whatever order, and no history is left
    behind.
    """
    sos = ansible.folder / "sos"
    grows(sos, 12)
    for number in (3, 7, 11):
        name = f"web1-{number:02}"
        subprocess.run(["tar", "-C", sos, "-czf", sos / f"{name}.tar.gz", name], check=True)
        shutil.rmtree(sos / name)
    result = audit_saved(ansible, sos)
    assert result.exit_code == 0, result.output
    assert [host["name"] for host in result.audit["hosts"]] == ["web1"]
    found = {(one["dimension"], one["kind"]): one for one in result.host("web1")["findings"]}
    growth = found["slab_unreclaimable", "growth"]
    assert growth["severity"] == "critical" and "200 MiB a day" in growth["explanation"]
    assert "11 older copies of web1 are the past of the newest" in result.output
    assert sorted(path.name for path in ansible.folder.iterdir()) == ["local-tmp", "reports", "sos"]


def test_an_archive_that_is_broken_costs_its_host_alone(ansible: Ansible) -> None:
    """A warning names it, and the others are audited."""
    sos = ansible.folder / "sos"
    shutil.copytree(SAMPLES / "6.18-host", sos / "web1", symlinks=True)
    (sos / "web2.tar.xz").write_bytes(b"no archive")
    result = audit_saved(ansible, sos)
    assert result.exit_code == 0, result.output
    assert [host["name"] for host in result.audit["hosts"]] == ["web1"]
    assert "can't be unpacked" in " ".join(result.output.split()) and "web2.tar.xz" in result.output


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
