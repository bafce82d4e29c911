# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answer as a section of the report's page."""

from __future__ import annotations

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.section import section
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import three_hosts


def test_the_section_of_the_page_is_whole_html() -> None:
    """Balanced, with a heading, and folded by host."""
    page = section(three_hosts())
    assert page.startswith('<section id="investigation"><h2>') and page.endswith("</section>")
    for tag in ("details", "ul", "table", "p", "code", "h4"):
        assert page.count(f"<{tag}>") + page.count(f"<{tag} ") == page.count(f"</{tag}>"), tag
    assert "<code>packet_set_ring</code>" in page


def test_each_host_is_folded_with_what_was_asked_and_ruled_out() -> None:
    """All but the first. A lost host is one of them, with its reason."""
    page = section(three_hosts())
    assert (page.count("<details open>"), page.count("<details>")) == (1, 2)
    assert "not investigated</summary><p>No route to web3.example.</p>" in page
    assert "Ruled out" in page and "0 events lost" in page and "kernel_mem_audit_investigate_window=60" in page


def test_a_host_that_is_alone_says_its_answer_once() -> None:
    """And what was read is open: there is nothing else on the page."""
    made = three_hosts()
    made["hosts"] = made["hosts"][:1]
    page = section(made)
    assert page.count("<details open>") == 1 and "<bdi>web1.example</bdi> (with a finding)</summary>" in page
