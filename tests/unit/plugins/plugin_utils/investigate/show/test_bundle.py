# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundle for a vendor."""

from __future__ import annotations

import io
import json
import tarfile

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.bundle import bundle
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import three_hosts

SECRETS = ("web1.example", "tcpdump", "capture.service", "systemd", "2f1b6f6e", "/app.slice", "cc1")


def unpacked(content: bytes) -> dict[str, str]:
    """The files of a bundle."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive.getmembers():
            handle = archive.extractfile(member)
            assert handle is not None
            found[member.name.rpartition("/")[2]] = handle.read().decode()
    return found


def test_a_bundle_with_pseudonyms_tells_no_name() -> None:
    """Hosts, commands, units and groups; functions of the kernel stay, since they are what the vendor needs."""
    content, meant = bundle(three_hosts(), pseudonyms=True)
    files = unpacked(content)
    assert set(files) == {"README.txt", "investigation.json", "investigation.md", "modules.txt", "versions.txt"}
    for name, text in files.items():
        for secret in SECRETS:
            assert secret not in text.replace("systemd unit", ""), (name, secret)
    assert "packet_set_ring" in files["investigation.json"] and "5.14.0-570" in files["versions.txt"]
    told = json.loads(files["investigation.json"])["hosts"]
    first = next(host for host in told if host["outcome"] == "investigated" and host["culprits"])
    command = first["culprits"][0]["process"]["command"]
    assert meant["process"][command] == "tcpdump" and meant["host"][first["name"]] == "web1.example"
    assert command in first["sentence"]


def test_a_bundle_with_names_is_the_same_answer() -> None:
    """Whoever wants may send them."""
    content, meant = bundle(three_hosts(), pseudonyms=False)
    assert meant == {}
    assert json.loads(unpacked(content)["investigation.json"])["sentence"] == three_hosts()["sentence"]
    assert bundle(three_hosts(), pseudonyms=False)[0] == content


def test_modules_and_versions_have_files_of_their_own() -> None:
    """It is what a vendor asks for first."""
    files = unpacked(bundle(three_hosts(), pseudonyms=False)[0])
    assert files["modules.txt"].startswith("web1.example\n  ext4\n  nf_tables\n")
    assert "  x86_64, 8 CPUs, taint 0\n" in files["versions.txt"]
    assert "web3.example" not in files["versions.txt"] and "Names of hosts" in files["README.txt"]
