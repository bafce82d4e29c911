# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer for a ticket, for the page, for the terminal, and for a vendor."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.document import failed_document
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.bundle import bundle
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.section import section
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.terminal import terminal_lines
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.ticket import ticket
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.writing import (
    write_investigation,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.whole import investigation
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import (
    AT,
    asked,
    document,
    packet_rings,
    watch,
)

SECRETS = ("web1.example", "tcpdump", "capture.service", "systemd", "2f1b6f6e", "/app.slice", "cc1")


def whole() -> dict[str, Any]:
    """A sick, a healthy and a lost host."""
    told = packet_rings()
    told[0]["growing"]["group"] = [["/app.slice/capture.service", told[0]["growing"]["descriptors"][0][1]]]
    lost = {**failed_document("web3.example", "unreachable", "No route to web3.example."), "role": "sick"}
    hosts = [document("web1.example", asked(*told), "sick"), document("web2.example", asked(watch()), "healthy"), lost]
    return investigation(hosts, at=AT, audit_run_id="run-7", notes=["1 host with findings is not here: web9.example."])


def test_a_ticket_has_the_answer_first_and_everything_behind_it() -> None:
    """Whoever reads three lines knows who it is; whoever doubts finds the figures."""
    text = ticket(whole())
    lines = text.splitlines()
    assert lines[0] == "# Kernel memory: who makes it grow"
    assert "`packet_set_ring`" in lines[2] and "2 of 3 hosts answered" in lines[4]
    for words in (
        "98 % of what grows in no counter",
        "| descriptors | `4242 tcpdump` |",
        "Not investigated: No route to web3.example.",
        "Ruled out",
        "kernel_mem_audit_investigate_window=60",
    ):
        assert words in text, words


def test_a_ticket_fits_into_a_comment() -> None:
    """Hosts at its end are left out, and it says so."""
    made = whole()
    made["hosts"] = made["hosts"] * 60
    text = ticket(made)
    assert len(text.encode()) < 60_000
    assert text.endswith("The rest does not fit in here; see investigation.json.\n")


def test_the_section_of_the_page_is_whole_html() -> None:
    """Balanced, with a heading, and folded by host."""
    page = section(whole())
    assert page.startswith('<section id="investigation"><h2>') and page.endswith("</section>")
    for tag in ("details", "ul", "table", "p", "code", "h4"):
        assert page.count(f"<{tag}>") + page.count(f"<{tag} ") == page.count(f"</{tag}>"), tag
    assert "<code>packet_set_ring</code>" in page


def test_the_terminal_ends_with_the_answer() -> None:
    """The eye is where the text ends."""
    lines = terminal_lines(whole(), {"investigation.json": "/x/investigation.json"})
    assert len(lines) <= 30
    assert lines[-1].startswith("ANSWER  Only on web1.example: `packet_set_ring`")


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
    content, meant = bundle(whole(), pseudonyms=True)
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
    content, meant = bundle(whole(), pseudonyms=False)
    assert meant == {}
    assert json.loads(unpacked(content)["investigation.json"])["sentence"] == whole()["sentence"]
    assert bundle(whole(), pseudonyms=False)[0] == content


def test_what_is_written_is_said(tmp_path: Path) -> None:
    """And the list of names lies beside the bundle, not in it."""
    arguments = {"outputs": ["investigation.json", "investigation.md"], "bundle": True, "pseudonyms": True}
    written = write_investigation(whole(), str(tmp_path / "new"), arguments)
    assert sorted(written) == sorted(path.name for path in (tmp_path / "new").iterdir())
    assert "tcpdump" in (tmp_path / "new" / "investigation-names.json").read_text()


def test_a_folder_that_can_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    """Nothing is half-written."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"can't be made: .*\.$"):
        write_investigation(
            whole(), str(tmp_path / "file" / "x"), {"outputs": ["investigation.md"], "bundle": True, "pseudonyms": True}
        )
