# Copyright (c) 2026, The fleetaudit.kernel_memory authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The investigation as a page of its own, and as a section of the audit's."""

from __future__ import annotations

import re

from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.page import (
    investigation_page,
    report_page,
)
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.investigate.show.section import section
from ansible_collections.fleetaudit.kernel_memory.plugins.plugin_utils.outputs.page import page
from ansible_collections.fleetaudit.kernel_memory.tests.unit.audits import audit_with_history
from ansible_collections.fleetaudit.kernel_memory.tests.unit.doors import read
from ansible_collections.fleetaudit.kernel_memory.tests.unit.investigations import three_hosts


def test_a_page_alone_needs_no_script_and_no_network() -> None:
    """It is opened from a ticket, on a laptop that reaches nothing."""
    text = investigation_page(three_hosts())
    assert section(three_hosts()) in text and text.endswith("</html>\n")
    assert "<script" not in text and "http-equiv" in text and "default-src 'none'" in text
    assert not re.search(r"(src|href)=", text)


def test_the_audits_page_has_it_as_a_section_with_a_link() -> None:
    """Before the hosts that need attention; all else is as it was."""
    audit = audit_with_history(40)
    text = "".join(report_page(read(audit), three_hosts()))
    assert text.index('<section id="investigation">') < text.index('<section id="attention">')
    link = '<li><a href="#investigation">Who makes it grow</a></li>'
    assert link in text
    without = text.replace(section(three_hosts()) + "\n", "").replace(link + " ", "")
    assert without == page.render(read(audit))
